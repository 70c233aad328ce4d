#!/usr/bin/env bash
# Makes examples/demo/model again: tokenizer from the bundled data, then pre-training from scratch with this program.
# About ten minutes on two cores. CLI: the program (make demo-model sets it).
set -euo pipefail
cd "$(dirname "$0")/.."
CLI=${CLI:-build/release/bin/llamafactory-cli}
work=build/demo-model
rm -rf "$work" && mkdir -p "$work/start"
.venv/bin/python tools/make_demo_tokenizer.py data "$work/start" 2048
cat > "$work/start/config.json" <<'JSON'
{
  "architectures": ["LlamaForCausalLM"],
  "model_type": "llama",
  "vocab_size": 1408,
  "hidden_size": 192,
  "intermediate_size": 512,
  "num_hidden_layers": 6,
  "num_attention_heads": 6,
  "num_key_value_heads": 2,
  "head_dim": 32,
  "max_position_embeddings": 512,
  "rope_theta": 10000.0,
  "rms_norm_eps": 1e-05,
  "hidden_act": "silu",
  "initializer_range": 0.05,
  "tie_word_embeddings": true,
  "bos_token_id": null,
  "eos_token_id": 0,
  "pad_token_id": null,
  "torch_dtype": "float32"
}
JSON
"$CLI" train examples/demo/pretrain.yaml "model_name_or_path=$work/start" "output_dir=$work/pretrained" overwrite_output_dir=true
"$CLI" export "model_name_or_path=$work/pretrained" template=chatml "export_dir=$work/export" infer_dtype=bfloat16
rm -rf examples/demo/model && mkdir -p examples/demo/model
cp "$work"/export/{config.json,model.safetensors,tokenizer.json,tokenizer_config.json,chat_template.jinja} examples/demo/model/
du -sh examples/demo/model
