"""Adapters and models go both ways: peft loads the adapter we trained, transformers the model we merged, and we load what peft wrote.
Logits agree within 1e-4 in fp32."""
import json, os, pathlib, subprocess

import pytest

torch = pytest.importorskip("torch")
peft = pytest.importorskip("peft")
transformers = pytest.importorskip("transformers")
from safetensors.torch import load_file, save_file

PROBE = pathlib.Path(os.environ.get("LF_CLI", pathlib.Path(__file__).resolve().parents[2] / "build/release/bin/llamafactory-cli")).parent / "logits_probe"
IDS = torch.tensor([1, 5, 9, 33, 7, 21, 14, 3, 40, 2, 11])
VARIANTS = {
    "all": {},
    "rslora_two_targets": {"use_rslora": True, "lora_target": "q_proj,v_proj", "lora_rank": 4},
    "embedding_trained": {"additional_target": "embed_tokens", "lora_alpha": 5},
    "bf16": {"bf16": True},
}


def our_logits(folder, model, adapter="-"):
    save_file({"ids": IDS}, folder / "ids.safetensors")
    result = subprocess.run([str(PROBE), str(model), str(adapter), str(folder / "ids.safetensors"), str(folder / "logits.safetensors")],
                            capture_output=True, text=True, timeout=120, env={**os.environ, "OMP_NUM_THREADS": "1"})
    assert result.returncode == 0, result.stdout + result.stderr
    return load_file(folder / "logits.safetensors")["logits"]


def load_python(model):
    return transformers.AutoModelForCausalLM.from_pretrained(model, dtype=torch.float32).eval()


def python_logits(model):
    with torch.no_grad():
        return model(IDS[None]).logits[0]


def make_model(folder, tied):
    """A random Qwen3 model with the demo's tokenizer: a family other than the demo's."""
    torch.manual_seed(3)
    tokenizer = pathlib.Path(__file__).resolve().parents[2] / "examples/demo/model"
    vocabulary = json.loads((tokenizer / "config.json").read_text())["vocab_size"]
    config = transformers.Qwen3Config(vocab_size=vocabulary, hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4,
                                      num_key_value_heads=2, head_dim=8, tie_word_embeddings=tied, max_position_embeddings=256)
    model = transformers.Qwen3ForCausalLM(config)
    model.save_pretrained(folder)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        (folder / name).write_bytes((tokenizer / name).read_bytes())
    return model.eval()


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("tied", [True, False], ids=["tied", "untied"])
def test_our_adapter_in_peft_and_our_merged_model_in_transformers(variant, tied, run, data_dir, tmp_path):
    model = tmp_path / "model"
    make_model(model, tied)
    before = our_logits(tmp_path, model)
    (tmp_path / "c.json").write_text(json.dumps({
        "stage": "sft", "do_train": True, "finetuning_type": "lora", "template": "chatml", "dataset": "demo_identity", "max_samples": 16,
        "dataset_dir": str(data_dir), "cutoff_len": 128, "model_name_or_path": str(model), "output_dir": str(tmp_path / "out"), "max_steps": 5,
        "learning_rate": 0.02, "report_to": "none", **VARIANTS[variant]}))
    run("train", tmp_path / "c.json")
    live = our_logits(tmp_path, model, tmp_path / "out")
    assert (live - before).abs().max() > 0.05, "training changed nothing"

    theirs = peft.PeftModel.from_pretrained(load_python(model), tmp_path / "out")
    assert (python_logits(theirs) - live).abs().max() < 1e-4
    assert (python_logits(theirs.merge_and_unload()) - live).abs().max() < 1e-4

    run("export", f"model_name_or_path={model}", f"adapter_name_or_path={tmp_path / 'out'}", "template=chatml", f"export_dir={tmp_path / 'merged'}",
        "infer_dtype=float32")
    merged = python_logits(load_python(tmp_path / "merged"))
    assert (merged - our_logits(tmp_path, tmp_path / "merged")).abs().max() < 1e-4
    assert (merged - live).abs().max() < 1e-4


@pytest.mark.parametrize("options", [{"target_modules": "all-linear"}, {"target_modules": ["q_proj", "down_proj"], "use_rslora": True, "lora_alpha": 3},
                                     {"target_modules": ["k_proj"], "modules_to_save": ["lm_head"], "rank_pattern": {"layers.0.self_attn.k_proj": 2}}],
                         ids=["all_linear", "rslora", "patterns_and_head"])
def test_an_adapter_that_peft_wrote_loads_here_and_trains_on(options, run, data_dir, tmp_path):
    base = make_model(tmp_path / "model", tied=False)
    theirs = peft.get_peft_model(base, peft.LoraConfig(r=8, task_type="CAUSAL_LM", **options)).eval()
    with torch.no_grad():
        for name, parameter in theirs.named_parameters():
            if parameter.requires_grad:
                parameter.add_(torch.randn_like(parameter) * 0.05)
    theirs.save_pretrained(tmp_path / "adapter")
    expected = python_logits(theirs)
    assert (our_logits(tmp_path, tmp_path / "model", tmp_path / "adapter") - expected).abs().max() < 1e-4
    assert (our_logits(tmp_path, tmp_path / "model") - expected).abs().max() > 0.01

    run("train", "stage=sft", "do_train=true", "finetuning_type=lora", "template=chatml", "dataset=demo_identity", "max_samples=8", f"dataset_dir={data_dir}",
        f"model_name_or_path={tmp_path / 'model'}", f"adapter_name_or_path={tmp_path / 'adapter'}", f"output_dir={tmp_path / 'out'}", "max_steps=2",
        "cutoff_len=64", "report_to=none")
    continued = peft.PeftModel.from_pretrained(load_python(tmp_path / "model"), tmp_path / "out")
    assert (our_logits(tmp_path, tmp_path / "model", tmp_path / "out") - python_logits(continued)).abs().max() < 1e-4


@pytest.mark.parametrize("target", [None, "norm"], ids=["embedding_trained", "embedding_only_saved"])
@pytest.mark.parametrize("tied", [True, False], ids=["tied", "untied"])
def test_an_adapter_with_new_tokens_loads_in_peft_and_its_merged_model_in_transformers(target, tied, run, data_dir, tmp_path):
    model, tokens = tmp_path / "model", ",".join(f"<t{i}>" for i in range(70))
    make_model(model, tied)
    keys = [f"model_name_or_path={model}", "template=chatml", f"add_special_tokens={tokens}"]
    run("train", "stage=sft", "do_train=true", "finetuning_type=lora", "dataset=demo_identity", "max_samples=8", f"dataset_dir={data_dir}", "cutoff_len=64",
        f"output_dir={tmp_path / 'out'}", "max_steps=3", "learning_rate=0.02", "report_to=none", *([f"additional_target={target}"] if target else []), *keys)
    run("export", *keys, f"adapter_name_or_path={tmp_path / 'out'}", f"export_dir={tmp_path / 'merged'}", "infer_dtype=float32")
    tokenizer = transformers.AutoTokenizer.from_pretrained(tmp_path / "out")
    ours = our_logits(tmp_path, tmp_path / "merged")
    assert ours.shape[-1] == (len(tokenizer) + 63) // 64 * 64

    base = load_python(model)
    base.resize_token_embeddings(len(tokenizer), pad_to_multiple_of=64)
    theirs = peft.PeftModel.from_pretrained(base, tmp_path / "out").eval()
    assert (python_logits(theirs) - ours).abs().max() < 1e-4
    merged = load_python(tmp_path / "merged")
    assert merged.config.vocab_size == ours.shape[-1] and (python_logits(merged) - ours).abs().max() < 1e-4
    if not target:
        assert merged.config.tie_word_embeddings is False, "both were trained, so they differ now"


def test_an_adapter_with_new_tokens_that_peft_wrote_loads_here(run, tmp_path):
    """As LLaMA-Factory leaves it: trained embedding and head, each under two names, and their values before training."""
    tokens = ",".join(f"<t{i}>" for i in range(70))
    base = make_model(tmp_path / "model", tied=False)
    rows = base.get_input_embeddings().weight.shape[0]
    base.resize_token_embeddings(rows + 64)
    theirs = peft.get_peft_model(base, peft.LoraConfig(r=4, task_type="CAUSAL_LM", target_modules="all-linear", modules_to_save=["embed_tokens", "lm_head"])).eval()
    with torch.no_grad():
        for parameter in theirs.parameters():
            if parameter.requires_grad:
                parameter.add_(torch.randn_like(parameter) * 0.05)
    theirs.save_pretrained(tmp_path / "adapter", save_embedding_layers=True)
    saved = load_file(tmp_path / "adapter/adapter_model.safetensors")
    assert "base_model.model.lm_head.original_module.weight" in saved and "base_model.model.lm_head.modules_to_save.weight" in saved
    run("export", f"model_name_or_path={tmp_path / 'model'}", "template=chatml", f"add_special_tokens={tokens}", f"adapter_name_or_path={tmp_path / 'adapter'}",
        f"export_dir={tmp_path / 'merged'}", "infer_dtype=float32")
    assert (our_logits(tmp_path, tmp_path / "merged") - python_logits(theirs)).abs().max() < 1e-4
