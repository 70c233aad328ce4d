"""Upstream's own example files run unchanged, but for the model, the output and the number of rows, on its own data."""
import json, pathlib, subprocess

import pytest

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")
from safetensors import safe_open


@pytest.fixture
def workplace(shared, tmp_path):
    """A folder with upstream's `data`, as where its users start the program."""
    (tmp_path / "data").symlink_to(shared / "data")
    return shared / "compat" / "examples", make_model(tmp_path / "model", shared / "tokenizers" / "qwen2.5")


def make_model(folder: pathlib.Path, tokenizer: pathlib.Path) -> pathlib.Path:
    """A random Qwen3 model of two small layers with the real tokenizer."""
    torch.manual_seed(0)
    config = transformers.Qwen3Config(vocab_size=151936, hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4,
                                      num_key_value_heads=2, head_dim=8, tie_word_embeddings=True)
    transformers.Qwen3ForCausalLM(config).to(torch.bfloat16).save_pretrained(folder)
    for file in tokenizer.iterdir():
        if file.suffix == ".zst":
            subprocess.run(["zstd", "-q", "-d", str(file), "-o", str(folder / file.stem)], check=True)
        else:
            (folder / file.name).write_bytes(file.read_bytes())
    return folder


def tensor_names(folder: pathlib.Path) -> set:
    return {name for file in folder.glob("*.safetensors") for name in safe_open(file, "pt").keys()}


def test_train_merge_and_talk(workplace, run, tmp_path):
    examples, model = workplace
    train = examples / "train_lora" / "qwen3_lora_sft.yaml"
    run("train", train, f"model_name_or_path={model}", "output_dir=out", "max_samples=24")
    out = tmp_path / "out"
    for name in ("adapter_config.json", "adapter_model.safetensors", "README.md", "all_results.json", "train_results.json", "trainer_log.jsonl",
                 "trainer_state.json", "training_loss.png", "tokenizer.json", "tokenizer_config.json", "chat_template.jinja"):
        assert (out / name).stat().st_size > 0, name
    state = json.loads((out / "trainer_state.json").read_text())
    assert state["global_step"] == 3 * 6 and state["num_train_epochs"] == 3
    assert json.loads((out / "adapter_config.json").read_text())["r"] == 8

    run("export", examples / "merge_lora" / "qwen3_lora_sft.yaml", f"model_name_or_path={model}", "adapter_name_or_path=out", "export_dir=merged")
    assert tensor_names(tmp_path / "merged") == tensor_names(model)

    chat = run("chat", examples / "inference" / "qwen3.yaml", "model_name_or_path=merged", "max_new_tokens=8", input="hi\nclear\nexit\n")
    assert "Assistant:" in chat.stdout and "history" in chat.stdout.lower()
