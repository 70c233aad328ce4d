"""Value heads of LLaMA-Factory's reward models: the values are those of a torch twin of trl's head (and of trl where it is installed) on
transformers' hidden states, and files go both ways."""
import os, pathlib, subprocess

import pytest

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")
from safetensors import safe_open
from safetensors.torch import load_file, save_file

PROBE = pathlib.Path(os.environ.get("LF_CLI", pathlib.Path(__file__).resolve().parents[2] / "build/release/bin/llamafactory-cli")).parent / "value_head_probe"
IDS = torch.tensor([1, 5, 9, 33, 7, 21, 14, 3, 40, 2, 11])
SMALL = dict(vocab_size=64, num_hidden_layers=2, num_attention_heads=4, max_position_embeddings=64)
FAMILIES = {
    "llama": lambda: transformers.LlamaConfig(hidden_size=32, intermediate_size=48, num_key_value_heads=2, **SMALL),
    "gemma2": lambda: transformers.Gemma2Config(hidden_size=32, intermediate_size=48, num_key_value_heads=2, head_dim=8, **SMALL),
    "opt": lambda: transformers.OPTConfig(hidden_size=32, word_embed_proj_dim=16, ffn_dim=48, do_layer_norm_before=False, **SMALL),
}


class Twin(torch.nn.Module):
    """trl's AutoModelForCausalLMWithValueHead, as far as values go."""

    def __init__(self, model):
        super().__init__()
        self.pretrained_model = model
        self.v_head = torch.nn.Module()
        config = model.config
        self.v_head.summary = torch.nn.Linear(getattr(config, "word_embed_proj_dim", config.hidden_size), 1)

    def values(self, ids):
        with torch.no_grad():
            hidden = self.pretrained_model(ids[None], output_hidden_states=True).hidden_states[-1]
            return self.v_head.summary(hidden).squeeze(-1)[0]

    def saved(self):
        return {name: value.contiguous() for name, value in self.state_dict().items() if name.startswith("v_head.")}


def ours(tmp_path, model, head):
    save_file({"ids": IDS}, tmp_path / "ids.safetensors")
    result = subprocess.run([str(PROBE), str(model), str(head), str(tmp_path / "ids.safetensors"), str(tmp_path / "out")],
                            capture_output=True, text=True, timeout=120, env={**os.environ, "OMP_NUM_THREADS": "1"})
    assert result.returncode == 0, result.stdout + result.stderr
    return load_file(tmp_path / "out/values.safetensors")["values"]


@pytest.fixture(params=FAMILIES)
def model(request, tmp_path):
    torch.manual_seed(0)
    transformers.AutoModelForCausalLM.from_config(FAMILIES[request.param]()).save_pretrained(tmp_path / "model")
    return transformers.AutoModelForCausalLM.from_pretrained(tmp_path / "model", dtype=torch.float32).eval()


@pytest.mark.parametrize("pickled", [False, True])
def test_values_are_those_of_the_twin_and_files_go_both_ways(model, tmp_path, pickled):
    twin = Twin(model).eval()
    head = tmp_path / "head"
    head.mkdir()
    if pickled:
        torch.save(twin.saved(), head / "value_head.bin")
    else:
        save_file(twin.saved(), head / "value_head.safetensors", metadata={"format": "pt"})
    assert torch.allclose(ours(tmp_path, tmp_path / "model", head), twin.values(IDS), atol=1e-5)
    written = tmp_path / "out/value_head.safetensors"
    with safe_open(written, framework="pt") as file:
        assert file.metadata() == {"format": "pt"}
    again = load_file(written)
    assert again.keys() == twin.saved().keys() and all(torch.equal(again[name], value) for name, value in twin.saved().items())
    if not pickled:
        assert written.read_bytes() == (head / "value_head.safetensors").read_bytes()


def test_values_are_those_of_trl(model, tmp_path):
    trl = pytest.importorskip("trl")
    wrapped = trl.AutoModelForCausalLMWithValueHead.from_pretrained(model).eval()
    head = tmp_path / "head"
    head.mkdir()
    save_file({f"v_head.{name}": value for name, value in wrapped.v_head.state_dict().items()}, head / "value_head.safetensors")
    with torch.no_grad():
        expected = wrapped(input_ids=IDS[None])[2][0]
    assert torch.allclose(ours(tmp_path, tmp_path / "model", head), expected, atol=1e-5)
