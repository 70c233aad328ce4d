"""Mixtures of depths against a twin in torch, written from the definition (arXiv 2404.02258, as the package mixture-of-depth 1.1.8 has it), on
transformers' models: logits, two steps of training, files both ways; and what the program does with them."""
import json, os, pathlib, re, shutil, subprocess

import pytest

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")
from safetensors.torch import load_file, save_file

PROBE = pathlib.Path(os.environ.get("LF_CLI", pathlib.Path(__file__).resolve().parents[2] / "build/release/bin/llamafactory-cli")).parent / "logits_probe"
SMALL = dict(vocab_size=1408, hidden_size=32, intermediate_size=48, num_hidden_layers=4, num_attention_heads=4, max_position_embeddings=128,
             bos_token_id=None, eos_token_id=0, pad_token_id=None)
KV = dict(num_key_value_heads=2)
FAMILIES = {
    "llama": lambda: transformers.LlamaConfig(**SMALL, **KV),
    "mistral": lambda: transformers.MistralConfig(**SMALL, **KV, sliding_window=96),
    "mixtral": lambda: transformers.MixtralConfig(**SMALL, **KV, num_local_experts=4),
    "gemma": lambda: transformers.GemmaConfig(**SMALL, **KV, head_dim=8),
    "phi": lambda: transformers.PhiConfig(**SMALL, **KV),
    "starcoder2": lambda: transformers.Starcoder2Config(**SMALL, **KV),
}


class Routed(torch.nn.Module):
    def __init__(self, block, width):
        super().__init__()
        self.router = torch.nn.Module()
        self.router.weight_predictor = torch.nn.Linear(width, 1)
        self.block, self.passes = block, 0

    def forward(self, hidden, position_embeddings=None, position_ids=None, **kwargs):
        assert hidden.shape[0] == 1
        weights = self.router.weight_predictor(hidden[0].float()).squeeze(-1).to(hidden.dtype)
        self.passes += self.training
        capacity = 0.125 + 0.875 / self.passes if self.passes else 0.125
        k = max(1, int(capacity * hidden.shape[1]))
        least = weights.topk(k).values[-1]
        rows = (weights > least if k > 1 else weights >= least).nonzero()[:, 0]
        out = self.block(hidden[:, rows], position_embeddings=tuple(part[:, rows] for part in position_embeddings),
                         position_ids=position_ids[:, rows], attention_mask=None, use_cache=False)
        out = out[0] if isinstance(out, tuple) else out
        mixed = hidden.clone()
        mixed[0, rows] = out[0] * weights[rows, None]
        return mixed


def twin_of(model):
    for i in range(1, len(model.model.layers), 2):
        model.model.layers[i] = Routed(model.model.layers[i], model.config.hidden_size)
    return model


@pytest.fixture
def place(tmp_path, demo):
    words = (pathlib.Path(__file__).resolve().parents[2] / "README.md").read_text()[:3000]
    (tmp_path / "rows.json").write_text(json.dumps([{"text": words}]))
    (tmp_path / "dataset_info.json").write_text(json.dumps({"rows": {"file_name": "rows.json", "columns": {"prompt": "text"}}}))

    def make(family, routed):
        """(model, its folder), random; with routers when `routed`."""
        torch.manual_seed(3)
        model = transformers.AutoModelForCausalLM.from_config(FAMILIES[family](), attn_implementation="sdpa").float()
        for parameter in model.parameters():
            if parameter.dim() > 1:
                parameter.data.mul_(4)
        model = twin_of(model) if routed else model
        folder = tmp_path / (family + "_routed" * routed)
        model.save_pretrained(folder)
        if routed:
            config = json.loads((folder / "config.json").read_text())
            config["architectures"] = [type(model).__name__.replace("For", "MoDFor", 1)]
            (folder / "config.json").write_text(json.dumps(config))
        for file in ("tokenizer.json", "tokenizer_config.json"):
            shutil.copy(demo / file, folder)
        return model, folder

    return make


@pytest.fixture
def call(run, tmp_path):
    def call(command, model, *flags, ok=True, input=None, **overrides):
        config = {"model_name_or_path": str(model), "template": "chatml", **overrides}
        if command != "chat" and command != "export":
            config = {"stage": "pt", "do_train": True, "finetuning_type": "full", "dataset": "rows", "dataset_dir": ".", "cutoff_len": 64,
                      "per_device_train_batch_size": 1, "max_steps": 2, "output_dir": "out", "overwrite_output_dir": True, "report_to": "none", **config}
        (tmp_path / "c.json").write_text(json.dumps(config))
        return run(command, "c.json", *flags, ok=ok, input=input, env={"OMP_NUM_THREADS": "1"})

    return call


def names(folder):
    return set(load_file(folder / "model.safetensors"))


@pytest.mark.parametrize("family", FAMILIES)
def test_logits_are_those_of_the_twin(family, place, tmp_path):
    model, folder = place(family, True)
    ids = torch.arange(3, 83)
    save_file({"ids": ids}, tmp_path / "ids.safetensors")
    result = subprocess.run([str(PROBE), str(folder), "-", str(tmp_path / "ids.safetensors"), str(tmp_path / "logits.safetensors")],
                            capture_output=True, text=True, timeout=120, env={**os.environ, "OMP_NUM_THREADS": "1"})
    assert result.returncode == 0, result.stdout + result.stderr
    with torch.no_grad():
        expected = model.eval()(ids[None], use_cache=False).logits[0]
    assert (load_file(tmp_path / "logits.safetensors")["logits"] - expected).abs().max() < 1e-4


@pytest.mark.parametrize("family", ["llama", "mixtral"])
def test_two_steps_of_training_end_with_the_twins_weights(family, place, call, tmp_path, demo):
    model, folder = place(family, True)
    keys = {"mixture_of_depths": "load", "optim": "sgd", "learning_rate": 0.05, "lr_scheduler_type": "constant", "max_grad_norm": 1e6,
            "disable_shuffling": True}
    call("train", folder, **keys)
    tokenizer = transformers.PreTrainedTokenizerFast(tokenizer_file=str(demo / "tokenizer.json"))
    text = json.loads((tmp_path / "rows.json").read_text())[0]["text"]
    ids = torch.tensor(tokenizer.encode(text, add_special_tokens=False))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
    model.train()
    for step in range(2):
        block = ids[64 * step:64 * (step + 1)][None]
        optimizer.zero_grad()
        (model(block, labels=block, use_cache=False).loss * 63 / 64).backward()  # the trainer counts labels before the shift
        optimizer.step()
    model.save_pretrained(tmp_path / "twin")
    before, expected, found = (load_file(f / "model.safetensors") for f in (folder, tmp_path / "twin", tmp_path / "out"))
    assert expected.keys() == found.keys() == before.keys()
    moved = {name for name in expected if not torch.equal(expected[name], before[name])}
    assert any(".router." in name for name in moved) and any(".1.block." in name for name in moved)
    for name in expected:
        assert (found[name] - expected[name]).abs().max() < 2e-5, name
    assert json.loads((tmp_path / "out/config.json").read_text())["architectures"] == [{"llama": "LlamaMoDForCausalLM", "mixtral": "MixtralMoDForCausalLM"}[family]]


@pytest.mark.parametrize("family", ["llama", "mixtral", "phi"])
def test_a_converted_model_keeps_its_weights_and_loads_as_one_with_routers(family, place, call, tmp_path):
    model, folder = place(family, False)
    plain = load_file(folder / "model.safetensors")
    call("train", folder, mixture_of_depths="convert", optim="sgd", learning_rate=0)
    found = load_file(tmp_path / "out/model.safetensors")
    routers = {name for name in found if ".router." in name}
    assert routers == {f"model.layers.{i}.router.weight_predictor.{part}" for i in (1, 3) for part in ("weight", "bias")}
    assert all(0 < found[name].abs().max() < 1 / 32**0.5 for name in routers)
    unrouted = {re.sub(r"(layers\.\d+)\.block\.", r"\1.", name): value for name, value in found.items() if name not in routers}
    assert unrouted.keys() == plain.keys() and all(torch.equal(unrouted[name], plain[name]) for name in plain)
    _, twin_folder = place(family, True)
    assert names(twin_folder) == found.keys()
    assert json.loads((tmp_path / "out/config.json").read_text())["architectures"] == json.loads((twin_folder / "config.json").read_text())["architectures"]
    assert "Assistant:" in call("chat", "out", mixture_of_depths="load", max_new_tokens=3, input="hi\nexit\n").stdout
    call("export", "out", mixture_of_depths="load", export_dir="exported")
    assert (tmp_path / "exported/model.safetensors").read_bytes() == (tmp_path / "out/model.safetensors").read_bytes()
    call("export", folder, mixture_of_depths="convert", export_dir="converted")
    assert names(tmp_path / "converted") == found.keys()
    call("train", "out", mixture_of_depths="load", output_dir="more", finetuning_type="freeze", freeze_trainable_modules="router,block")


def test_a_resumed_run_ends_with_the_same_bytes(place, call, tmp_path):
    _, folder = place("llama", False)
    call("train", folder, mixture_of_depths="convert", max_steps=4, save_steps=2, gradient_accumulation_steps=2)
    (tmp_path / "again").mkdir()
    shutil.copytree(tmp_path / "out/checkpoint-2", tmp_path / "again/checkpoint-2")
    result = call("train", folder, mixture_of_depths="convert", max_steps=4, save_steps=2, gradient_accumulation_steps=2, output_dir="again",
                  overwrite_output_dir=False)
    assert "Resuming training" in result.stderr
    assert (tmp_path / "again/model.safetensors").read_bytes() == (tmp_path / "out/model.safetensors").read_bytes()


def test_an_adapter_on_a_converted_model_brings_the_routers_along(place, call, tmp_path):
    _, folder = place("llama", False)
    call("train", folder, mixture_of_depths="convert", finetuning_type="lora")
    saved = load_file(tmp_path / "out/adapter_model.safetensors")
    prefix = "base_model.model.model.layers.1."
    assert {prefix + "router.weight_predictor.weight", prefix + "router.weight_predictor.bias", prefix + "router.weight_predictor.lora_A.weight",
            prefix + "block.self_attn.q_proj.lora_A.weight"} <= saved.keys()
    saved[prefix + "router.weight_predictor.bias"] += 1
    save_file(saved, tmp_path / "out/adapter_model.safetensors")
    call("export", folder, mixture_of_depths="convert", adapter_name_or_path="out", export_dir="merged")
    merged = load_file(tmp_path / "merged/model.safetensors")
    assert torch.equal(merged["model.layers.1.router.weight_predictor.bias"], saved[prefix + "router.weight_predictor.bias"])


def test_parameters_are_estimated_as_they_are_reported(place, call):
    _, folder = place("llama", False)
    reported = re.search(r"trainable params: ([\d,]+) ", call("train", folder, mixture_of_depths="convert").stderr)[1].replace(",", "")
    estimate = json.loads(call("estimate", folder, "--json", mixture_of_depths="convert").stdout)
    assert estimate["trainable_parameters"] == estimate["parameters"] == int(reported)


@pytest.mark.parametrize("routed, keys, message", [
    (True, {}, "is a mixture of depths: set mixture_of_depths: load"),
    (True, {"mixture_of_depths": "convert"}, "is a mixture of depths already"),
    (False, {"mixture_of_depths": "load"}, "is no mixture of depths"),
    (False, {"mixture_of_depths": "convert", "shift_attn": True}, "exclude each other"),
])
def test_what_does_not_fit_is_refused(routed, keys, message, place, call):
    _, folder = place("llama", routed)
    result = call("train", folder, ok=False, **keys)
    assert result.returncode == 78 and message in result.stderr, result.stderr


def test_other_families_gguf_and_long_windows_are_refused(place, call, tmp_path, demo):
    _, folder = place("mistral", False)
    result = call("train", folder, ok=False, mixture_of_depths="convert", cutoff_len=120)
    assert result.returncode != 0 and "longer than the sliding window of 96" in result.stderr
    result = call("export", folder, ok=False, mixture_of_depths="convert", export_dir="e", export_gguf="f32")
    assert result.returncode != 0 and "export_gguf is not available for a mixture of depths" in result.stderr
    for kind in ("qwen3", "bloom"):
        (tmp_path / kind).mkdir()
        config = json.loads((folder / "config.json").read_text())
        config.update(model_type=kind, architectures=["X"], head_dim=8, n_layer=4, n_head=4)
        (tmp_path / kind / "config.json").write_text(json.dumps(config))
        result = call("train", tmp_path / kind, ok=False, mixture_of_depths="convert")
        assert f"mixture_of_depths is not available for model_type '{kind}' (available: gemma, llama," in result.stderr, result.stderr
