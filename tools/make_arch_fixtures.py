#!/usr/bin/env python3
"""Makes tests/fixtures/archs/<model_type>/: a tiny random model and what transformers computes with it.

    python tools/make_arch_fixtures.py [--out tests/fixtures/archs] [--only qwen3]

Needs transformers 5.8 and torch 2.13 (CPU). A new architecture needs a row in MODELS; the common test (tests/model/golden_test.cpp)
then covers it. Keys of reference.safetensors: batch.* (two right-padded rows: ids, mask, labels, logits, loss, gradient norms in the
order of sorted names), grad.NAME (a few gradients), packed.* (three sequences), greedy.* (continuations of the first tokens).
"""

import argparse
import json
import tempfile
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from transformers import AutoConfig, AutoModelForCausalLM
from transformers.models.bamba.modeling_bamba import BambaRotaryEmbedding
from transformers.models.deepseek_v2.modeling_deepseek_v2 import DeepseekV2Moe
from transformers.models.glm.modeling_glm import GlmRotaryEmbedding

DeepseekV2Moe.num_experts = property(lambda self: self.config.n_routed_experts)  # 5.8 reads it and does not set it
BambaRotaryEmbedding.compute_default_rope_parameters = staticmethod(GlmRotaryEmbedding.compute_default_rope_parameters)  # 5.8 turns whole heads

SMALL = dict(vocab_size=96, hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2,
             max_position_embeddings=64, pad_token_id=0, bos_token_id=None, eos_token_id=2)
MODELS = {  # model_type: config beside SMALL
    "llama": dict(head_dim=8, mlp_bias=True, attention_bias=True),
    "mistral": dict(head_dim=12, sliding_window=6),
    "qwen2": dict(use_sliding_window=True, sliding_window=5, max_window_layers=1, tie_word_embeddings=True),
    "qwen3": dict(head_dim=16, tie_word_embeddings=True),
    "ministral3": dict(head_dim=8, rope_parameters=dict(rope_type="yarn", rope_theta=1e5, factor=4.0, original_max_position_embeddings=8,
                                                         beta_fast=32.0, beta_slow=1.0, mscale=1.0, mscale_all_dim=1.0,
                                                         llama_4_scaling_beta=0.1)),
    "phimoe": dict(num_local_experts=4, attention_bias=True, lm_head_bias=True, sliding_window=7, router_jitter_noise=0.1, hidden_size=16,
                   head_dim=4, rope_parameters=dict(rope_type="longrope", rope_theta=1e4, short_factor=[1.0, 1.5], long_factor=[2.0, 3.0],
                                                    factor=2.0, short_mscale=1.2, long_mscale=1.2, original_max_position_embeddings=32)),
    "llama4_text": dict(head_dim=8, num_local_experts=4, num_experts_per_tok=2, interleave_moe_layer_step=2, intermediate_size_mlp=40,
                        no_rope_layers=[1, 0], attention_chunk_size=7, floor_scale=4, attn_scale=0.3),
    "dots1": dict(head_dim=8, moe_intermediate_size=16, n_shared_experts=2, n_routed_experts=8, n_group=4, topk_group=2,
                  num_experts_per_tok=3, first_k_dense_replace=1, norm_topk_prob=True, routed_scaling_factor=1.7, sliding_window=5,
                  max_window_layers=1),
    "flex_olmo": dict(num_experts=4, num_experts_per_tok=2, norm_topk_prob=True, intermediate_size=16),
    "minimax_m2": dict(head_dim=8, num_local_experts=4, num_experts_per_tok=2, intermediate_size=16,
                       rope_parameters=dict(rope_type="default", rope_theta=1e4, partial_rotary_factor=0.5)),
    "glm4_moe_lite": dict(num_key_value_heads=4, moe_intermediate_size=16, n_shared_experts=1, n_routed_experts=4, num_experts_per_tok=2,
                          kv_lora_rank=12, q_lora_rank=20, qk_rope_head_dim=4, qk_nope_head_dim=8, v_head_dim=6, attention_bias=True),
    "youtu": dict(num_key_value_heads=4, kv_lora_rank=12, q_lora_rank=None, qk_rope_head_dim=4, qk_nope_head_dim=8, v_head_dim=12,
                  rope_interleave=False, tie_word_embeddings=True, pad_token_id=None,
                  rope_parameters=dict(rope_type="yarn", rope_theta=1e4, factor=4.0, original_max_position_embeddings=8, beta_fast=32.0,
                                       beta_slow=1.0, mscale=1.0, mscale_all_dim=0.7)),
    "hy_v3": dict(head_dim=8, num_experts=4, num_experts_per_tok=2, moe_intermediate_size=16, num_shared_experts=2, mlp_bias=False),
    "deepseek_v2": dict(num_key_value_heads=4, moe_intermediate_size=16, n_shared_experts=2, n_routed_experts=8, num_experts_per_tok=2,
                        n_group=4, topk_group=2, topk_method="group_limited_greedy", routed_scaling_factor=1.5, first_k_dense_replace=0,
                        kv_lora_rank=12, q_lora_rank=None, qk_rope_head_dim=4, qk_nope_head_dim=8, v_head_dim=16),
    "qwen2_moe": dict(num_experts=6, num_experts_per_tok=3, moe_intermediate_size=16, shared_expert_intermediate_size=24,
                      norm_topk_prob=True, decoder_sparse_step=2, use_sliding_window=True, sliding_window=5, max_window_layers=2),
}
MAMBA2 = dict(mamba_n_heads=4, mamba_d_head=16, mamba_n_groups=2, mamba_d_state=8, mamba_chunk_size=16)
MODELS |= {  # hybrids; "name:model_type" where a type has several cases
    "falcon_h1": MAMBA2 | dict(
        mamba_d_ssm=64, mamba_rms_norm=True, mamba_norm_before_gate=False, embedding_multiplier=1.5, lm_head_multiplier=0.5,
        mlp_multipliers=[0.75, 1.25], key_multiplier=0.5, attention_in_multiplier=1.25, attention_out_multiplier=0.75,
        ssm_in_multiplier=1.5, ssm_out_multiplier=0.75, ssm_multipliers=[0.5, 1.5, 0.75, 1.25, 2.0]),
    "falcon_h1_plain:falcon_h1": MAMBA2 | dict(mamba_d_ssm=64, mamba_proj_bias=True, projectors_bias=True, time_step_limit=[0.5, 0.75]),
    "bamba": MAMBA2 | dict(attn_layer_indices=[1]),
    "granitemoehybrid": MAMBA2 | dict(
        layer_types=["mamba", "attention"], num_local_experts=4, num_experts_per_tok=2, shared_intermediate_size=24, intermediate_size=16,
        embedding_multiplier=3.0, attention_multiplier=0.2, residual_multiplier=0.5, logits_scaling=2.0, position_embedding_type="rope"),
    "granitemoehybrid_dense:granitemoehybrid": MAMBA2 | dict(
        layer_types=["mamba", "attention"], num_local_experts=0, num_experts_per_tok=0, shared_intermediate_size=48,
        tie_word_embeddings=True, position_embedding_type="nope"),
    "jamba": dict(num_hidden_layers=4, attn_layer_period=3, attn_layer_offset=1, expert_layer_period=2, expert_layer_offset=1,
                  num_experts=4, num_experts_per_tok=2, intermediate_size=16, mamba_d_state=8, mamba_dt_rank=4, use_mamba_kernels=False),
    "minimax": dict(layer_types=["linear_attention", "full_attention", "linear_attention"], num_hidden_layers=3, head_dim=12, block_size=8,
                    num_local_experts=4, num_experts_per_tok=2, intermediate_size=16, full_attn_alpha_factor=1.5, full_attn_beta_factor=0.75,
                    linear_attn_alpha_factor=1.25, linear_attn_beta_factor=0.5, mlp_alpha_factor=1.75, mlp_beta_factor=0.25),
    "nemotron_h": dict(layers_block_type=["mamba", "mlp", "attention", "moe"], head_dim=12, ssm_state_size=8, mamba_num_heads=4,
                       mamba_head_dim=16, n_groups=2, chunk_size=32,  # 5.8 adds chunks up wrongly: one holds all
                       n_routed_experts=4, moe_intermediate_size=16,
                       moe_shared_expert_intermediate_size=24, routed_scaling_factor=1.5, num_experts_per_tok=2),
    "recurrent_gemma": dict(num_hidden_layers=3, attention_window_size=7, num_key_value_heads=1, lru_width=32),
    "mamba": dict(state_size=8, time_step_rank=4),
    "falcon_mamba": dict(state_size=8, time_step_rank=4, tie_word_embeddings=True),
    "mamba2": dict(state_size=8, num_heads=4, head_dim=16, n_groups=2, chunk_size=16),
    "lfm2_moe": dict(layer_types=["conv", "full_attention", "conv"], num_hidden_layers=3, num_dense_layers=1, num_experts=4,
                     num_experts_per_tok=2, moe_intermediate_size=16, norm_topk_prob=True, use_expert_bias=True, conv_L_cache=3),
}
MODELS |= {  # families with keys of their own
    "mpt": dict(d_model=32, n_heads=4, n_layers=2, max_seq_len=64, attn_config=dict(clip_qkv=0.9, softmax_scale=0.3)),
    "persimmon": dict(num_key_value_heads=4),
    "gpt_neo": dict(num_layers=2, num_heads=4, hidden_size=32, attention_types=[[["global", "local"], 1]], window_size=5,
                    intermediate_size=40),
}
ROWS, PIECES, PROMPTS, NEW_TOKENS = (18, 11), (9, 6, 4), (8, 5), 16
FULL_GRADIENTS = ("layers.0.self_attn.k_proj.weight", "layers.1.mlp.gate_proj.weight", "layers.0.self_attn.q_norm.weight",
                  "layers.0.self_attn.q_proj.bias", "layers.1.input_layernorm.weight", "layers.1.mlp.gate.weight",
                  "layers.1.mlp.experts.1.down_proj.weight", "layers.1.block_sparse_moe.experts.1.w3.weight",
                  "layers.1.feed_forward.experts.down_proj", "layers.0.self_attn.kv_b_proj.weight", "layers.0.mamba.A_log",
                  "layers.0.mamba.in_proj.weight", "layers.0.mamba.conv1d.weight", "layers.0.mamba.dt_bias", "layers.0.mixer.A_log",
                  "layers.0.mixer.conv1d.weight", "layers.0.mixer.dt_proj.bias", "layers.0.mamba.D",
                  "layers.0.temporal_block.rg_lru.recurrent_param", "layers.0.conv.conv.weight", "layers.0.self_attn.qkv_proj.weight")


def as_stored(model):
    """The tensors of the model by the names, and in the shapes, of published checkpoints."""
    with tempfile.TemporaryDirectory() as folder:
        model.save_pretrained(folder)
        tensors = load_file(Path(folder) / "model.safetensors")
    return {k.replace("backbone.embedding.", "backbone.embeddings."): v for k, v in tensors.items()}


def make_model(name, model_type, extra, folder):
    torch.manual_seed(len(name) * 1000 + sum(map(ord, name)))
    config = AutoConfig.for_model(model_type, **{**SMALL, **extra})
    config._attn_implementation = "eager"
    model = AutoModelForCausalLM.from_config(config).float().eval()
    with torch.no_grad():
        for name, tensor in model.named_parameters():
            tensor.copy_(torch.randn_like(tensor) * 0.15 + ("norm" in name))
            tensor.copy_(tensor.bfloat16().float())
    folder.mkdir(parents=True, exist_ok=True)
    tied = bool(getattr(config, "tie_word_embeddings", False))
    for name, buffer in model.named_buffers():
        if name.endswith("bias") and buffer.is_floating_point():  # correction biases of routers; not GPT-Neo's masks
            buffer.copy_((torch.randn_like(buffer) * 0.15).bfloat16().float())
    tables = {k.rsplit(".", 1)[-1] for k, _ in model.named_buffers() if not k.endswith("bias")}  # MiniMax's decays, better not rounded
    weights = {k: v.bfloat16() for k, v in as_stored(model).items()
               if not (tied and k == "lm_head.weight") and k.rsplit(".", 1)[-1] not in tables}
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    config.dtype = torch.bfloat16
    text = json.loads(config.to_json_string(use_diff=False))
    keep = [k for k in text if k in SMALL or k in extra or k in {"model_type", "rms_norm_eps", "hidden_act", "rope_parameters", "dtype",
                                                                 "layer_types", "tie_word_embeddings", "attention_bias", "mlp_bias",
                                                                 "sliding_window", "use_sliding_window", "max_window_layers"}]
    (folder / "config.json").write_text(json.dumps({k: text[k] for k in keep}, indent=1) + "\n")


def load(folder):
    return AutoModelForCausalLM.from_pretrained(folder, attn_implementation="eager", dtype=torch.float32).eval()


def batch_values(folder, out):
    generator = torch.Generator().manual_seed(7)
    ids = torch.zeros(len(ROWS), max(ROWS), dtype=torch.long)
    mask, labels = torch.zeros_like(ids), torch.full_like(ids, -100)
    for r, n in enumerate(ROWS):
        ids[r, :n] = torch.randint(3, SMALL["vocab_size"], (n,), generator=generator)
        mask[r, :n] = 1
        labels[r, 3:n] = ids[r, 3:n]
    model = load(folder)
    result = model(input_ids=ids, attention_mask=mask, labels=labels, use_cache=False)
    result.loss.backward()
    loss, logits = result.loss.detach(), result.logits.detach()
    buffers = {k.rsplit(".", 1)[-1] for k, b in model.named_buffers() if b.is_floating_point()} | {"expert_bias"}
    for parameter in model.parameters():
        parameter.data = torch.zeros_like(parameter) if parameter.grad is None else parameter.grad
    grads = {k: g for k, g in as_stored(model).items() if k.rsplit(".", 1)[-1] not in buffers}
    out.update({"batch.input_ids": ids.int(), "batch.attention_mask": mask.int(), "batch.labels": labels.int(),
                "batch.logits": logits * mask[..., None], "batch.loss": loss})
    out["batch.grad_norms"] = torch.stack([grads[k].norm() for k in sorted(grads)])
    out["batch.grad_norm_total"] = torch.linalg.vector_norm(out["batch.grad_norms"])
    out.update({"grad." + k: g.contiguous() for k, g in grads.items() if k.endswith(FULL_GRADIENTS)})
    return ids


def packed_values(folder, out):
    generator = torch.Generator().manual_seed(8)
    ids = torch.randint(3, SMALL["vocab_size"], (1, sum(PIECES)), generator=generator)
    segments = torch.cat([torch.full((n,), i + 1) for i, n in enumerate(PIECES)])[None]
    logits, loss, count, start = [], 0.0, 0, 0
    for n in PIECES:
        piece = ids[:, start:start + n]
        with torch.no_grad():
            result = load(folder)(input_ids=piece, labels=piece, use_cache=False)
        logits.append(result.logits)
        loss, count, start = loss + float(result.loss) * (n - 1), count + n - 1, start + n
    out.update({"packed.input_ids": ids.int(), "packed.labels": ids.int().clone(), "packed.segment_ids": segments.int(),
                "packed.logits": torch.cat(logits, 1), "packed.loss": torch.tensor(loss / count)})


def greedy_values(folder, ids, out):
    rows = []
    for r, n in enumerate(PROMPTS):
        model = load(folder)
        model.generation_config.eos_token_id = None
        prompt = ids[r:r + 1, :n]
        rows.append(model.generate(prompt, attention_mask=torch.ones_like(prompt), do_sample=False, max_new_tokens=NEW_TOKENS,
                                   pad_token_id=0)[0, n:])
    out.update({"greedy.prompt_lens": torch.tensor(PROMPTS, dtype=torch.int32), "greedy.ids": torch.stack(rows).int()})


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent.parent / "tests/fixtures/archs")
    parser.add_argument("--only", default="")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    for key, extra in MODELS.items():
        name, _, model_type = key.partition(":")
        if arguments.only and name != arguments.only:
            continue
        folder = arguments.out / name
        make_model(name, model_type or name, extra, folder)
        values = {}
        ids = batch_values(folder, values)
        packed_values(folder, values)
        greedy_values(folder, ids, values)
        save_file({k: v.contiguous() for k, v in values.items()}, folder / "reference.safetensors")
        print(name, {f.name: f.stat().st_size for f in folder.iterdir()})


if __name__ == "__main__":
    main()
