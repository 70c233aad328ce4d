"""The fine-tuned model of every family loads in transformers: after two steps of full tuning here, both compute the same logits.
The configurations are those of ../shared/golden and of tests/fixtures/archs, with the vocabulary of the demo's tokenizer."""
import json, os, pathlib, re, subprocess

import pytest

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")
from safetensors.torch import load_file, save_file
from transformers.models.auto.configuration_auto import CONFIG_MAPPING
from transformers.models.auto.modeling_auto import MODEL_FOR_CAUSAL_LM_MAPPING_NAMES

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROBE = pathlib.Path(os.environ.get("LF_CLI", ROOT / "build/release/bin/llamafactory-cli")).parent / "logits_probe"
TOKENIZER = ROOT / "examples/demo/model"
OWN = ROOT / "tests/fixtures/archs"
GOLDEN = pathlib.Path(os.environ.get("LF_SHARED", ROOT.parent / "shared")) / "golden/data/models"
IDS = torch.tensor([1, 5, 9, 33, 7, 21, 14, 3, 40, 2, 11])


def in_transformers(folder):
    return json.loads((folder / "config.json").read_text())["model_type"] in MODEL_FOR_CAUSAL_LM_MAPPING_NAMES


def folders(root):
    return sorted(f for f in root.iterdir() if (f / "config.json").exists()) if root.exists() else []


# Where transformers 5.8 itself is in the way (docs/SOURCES.md): what the case changes so that both can compute.
CHANGES = {
    "bamba": {"rope_parameters": {"rope_type": "default", "rope_theta": 10000.0, "partial_rotary_factor": 1.0}},  # it turns whole heads, whatever the configuration says
    "deepseek_v2": {"n_group": None, "topk_group": None, "topk_method": "greedy"},  # groups of experts end in an AttributeError
}
CASES = [f for f in folders(OWN) if in_transformers(f)] + (folders(GOLDEN) or [GOLDEN / "all"])


def make_model(source, folder):
    """A random model of the configuration, with weights large enough that two steps and rounding are told apart."""
    config = transformers.AutoConfig.from_pretrained(source)
    config.vocab_size = json.loads((TOKENIZER / "config.json").read_text())["vocab_size"]
    for key in ("bos_token_id", "eos_token_id", "pad_token_id"):
        setattr(config, key, None)
    for key, value in CHANGES.get(source.name, {}).items():
        setattr(config, key, value)
    torch.manual_seed(7)
    model = transformers.AutoModelForCausalLM.from_config(config, dtype=torch.float32)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.dim() > 1:
                parameter.mul_(2.0)
    model.save_pretrained(folder)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        (folder / name).write_bytes((TOKENIZER / name).read_bytes())


def our_logits(folder, model):
    save_file({"ids": IDS}, folder / "ids.safetensors")
    result = subprocess.run([str(PROBE), str(model), "-", str(folder / "ids.safetensors"), str(folder / "logits.safetensors")],
                            capture_output=True, text=True, timeout=120, env={**os.environ, "OMP_NUM_THREADS": "1"})
    assert result.returncode == 0, result.stdout + result.stderr
    return load_file(folder / "logits.safetensors")["logits"]


def python_logits(model):
    loaded, info = transformers.AutoModelForCausalLM.from_pretrained(model, dtype=torch.float32, attn_implementation="eager", output_loading_info=True)
    assert not info["missing_keys"] and not info["unexpected_keys"] and not info["mismatched_keys"], info
    with torch.no_grad():
        return loaded.eval()(IDS[None], use_cache=False).logits[0]


@pytest.mark.parametrize("source", CASES, ids=lambda f: f"{f.parent.name}-{f.name}")
def test_a_fine_tuned_model_loads_in_transformers(source, run, data_dir, tmp_path, request):
    if source.is_relative_to(GOLDEN):
        request.getfixturevalue("shared")
    model, out = tmp_path / "model", tmp_path / "out"
    make_model(source, model)
    before = our_logits(tmp_path, model)
    torch.testing.assert_close(before, python_logits(model), atol=1e-4, rtol=0)
    run("train", "stage=sft", "do_train=true", "finetuning_type=full", "template=chatml", "dataset=demo_identity", "max_samples=8", f"dataset_dir={data_dir}",
        f"model_name_or_path={model}", f"output_dir={out}", "max_steps=2", "learning_rate=0.005", "cutoff_len=64", "report_to=none", "overwrite_cache=true")
    after = our_logits(tmp_path, out)
    assert (after - before).abs().max() > 0.01, "training changed nothing"
    torch.testing.assert_close(after, python_logits(out), atol=1e-4, rtol=0)
