"""Which type weights are held, trained and computed in: bf16, fp16, pure_bf16, upcast_layernorm, infer_dtype, train_from_scratch; and what
flash_attn comes to. The demo model is stored in bf16."""
import json, re, shutil

import pytest

torch = pytest.importorskip("torch")
from safetensors.torch import load_file, save_file

LINE = re.compile(r"name: (\S+), dtype: (\S+), device: (\S+), trainable: (\S+)")


@pytest.fixture
def train(tmp_path, demo, data_dir, run):
    def call(ok=True, **keys):
        config = {"stage": "sft", "do_train": True, "finetuning_type": "lora", "template": "chatml", "dataset": "demo_identity", "max_samples": 16,
                  "dataset_dir": str(data_dir), "cutoff_len": 64, "model_name_or_path": str(demo), "output_dir": "out", "max_steps": 1, "report_to": "none",
                  "print_param_status": True, "overwrite_output_dir": True, **keys}
        (tmp_path / "c.json").write_text(json.dumps(config))
        return run("train", "c.json", ok=ok)

    return call


def status(result):
    """name -> (dtype, trainable)"""
    return {name: (dtype, trainable == "true") for name, dtype, _, trainable in LINE.findall(result.stderr)}


def losses(tmp_path):
    return [row["loss"] for row in json.loads((tmp_path / "out/trainer_state.json").read_text())["log_history"] if "loss" in row]


def test_lora_keeps_the_base_as_stored_and_trains_float32(train):
    found = status(train(bf16=True))
    assert found["model.layers.0.self_attn.q_proj.weight"] == ("bfloat16", False)
    factors = [value for name, value in found.items() if "lora_A" in name or "lora_B" in name]
    assert factors and set(factors) == {("float32", True)}


@pytest.mark.parametrize("pure, dtype", [(False, "float32"), (True, "bfloat16")])
def test_full_tuning_trains_float32_unless_pure_bf16(pure, dtype, train, tmp_path):
    found = status(train(finetuning_type="full", pure_bf16=pure))
    assert found and set(found.values()) == {(dtype, True)}
    saved = load_file(tmp_path / "out" / "model.safetensors")
    assert {str(t.dtype) for t in saved.values()} == {f"torch.{dtype}"}


def test_upcast_layernorm_makes_the_norms_float32_and_nothing_else(train):
    result = train(bf16=True, upcast_layernorm=True)
    assert "Upcasting layernorm weights in float32." in result.stderr
    for name, (dtype, trainable) in status(result).items():
        assert dtype == ("float32" if "norm" in name or trainable else "bfloat16"), name
    pure = status(train(finetuning_type="full", pure_bf16=True, upcast_layernorm=True))
    assert {dtype for name, (dtype, _) in pure.items() if "norm" in name} == {"float32"}
    assert {dtype for name, (dtype, _) in pure.items() if "norm" not in name} == {"bfloat16"}


def test_random_weights_have_the_type_of_the_configuration(train, tmp_path, demo):
    assert status(train(train_from_scratch=True))["model.embed_tokens.weight"] == ("bfloat16", False)
    shutil.copytree(demo, tmp_path / "model")
    config = json.loads((tmp_path / "model/config.json").read_text())
    del config["torch_dtype"]
    (tmp_path / "model/config.json").write_text(json.dumps(config))
    assert status(train(train_from_scratch=True, model_name_or_path="model"))["model.embed_tokens.weight"] == ("float32", False)


def test_infer_dtype_counts_in_chat_and_export_only(train, run, demo, tmp_path):
    result = train(infer_dtype="float16")
    assert status(result)["model.embed_tokens.weight"] == ("bfloat16", False)
    assert "infer_dtype is for chat and export" in result.stderr
    for asked, held in [("auto", "bfloat16"), ("float16", "float16"), ("float32", "float32")]:
        shown = run("export", f"model_name_or_path={demo}", "template=chatml", f"export_dir={asked}", f"infer_dtype={asked}", "print_param_status=true")
        assert {dtype for dtype, _ in status(shown).values()} == {held}
        assert {str(t.dtype) for t in load_file(tmp_path / asked / "model.safetensors").values()} == {f"torch.{held}"}
        assert json.loads((tmp_path / asked / "config.json").read_text())["torch_dtype"] == held
        chat = run("chat", f"model_name_or_path={demo}", "template=chatml", f"infer_dtype={asked}", "max_new_tokens=4", "do_sample=false", input="hello\nexit\n")
        assert "Assistant:" in chat.stdout


def test_float32_checkpoints_stay_so_without_a_gpu(run, demo, tmp_path):
    shutil.copytree(demo, tmp_path / "model")
    weights = {name: t.float() for name, t in load_file(demo / "model.safetensors").items()}
    save_file(weights, tmp_path / "model/model.safetensors", metadata={"format": "pt"})
    run("export", "model_name_or_path=model", "template=chatml", "export_dir=out", "export_device=cpu")
    if not torch.cuda.is_available():
        assert {t.dtype for t in load_file(tmp_path / "out/model.safetensors").values()} == {torch.float32}


@pytest.mark.parametrize("method", ["lora", "full"])
def test_fp16_follows_float32_with_a_scaled_loss(method, train, tmp_path):
    keys = dict(finetuning_type=method, max_steps=8, logging_steps=1, learning_rate=1e-3, lr_scheduler_type="constant", save_steps=4)
    train(**keys)
    wide = losses(tmp_path)
    result = train(**keys, fp16=True)
    narrow = losses(tmp_path)
    assert "training in float32" not in result.stderr
    assert len(narrow) == 8 and narrow[-1] < narrow[0]
    skipped = sum(a != b for a, b in zip(wide[:1], narrow[:1]))
    assert skipped <= 1 and all(abs(a - b) < 0.05 * abs(a) for a, b in zip(wide, narrow)), (wide, narrow)


def test_fp16_goes_on_from_a_checkpoint_as_if_it_had_never_stopped(train, tmp_path):
    keys = dict(fp16=True, max_steps=6, logging_steps=1, learning_rate=1e-3, save_steps=3)
    train(**keys)
    whole, last = losses(tmp_path), load_file(tmp_path / "out/adapter_model.safetensors")
    shutil.rmtree(tmp_path / "out/checkpoint-6")
    train(**keys, resume_from_checkpoint="out/checkpoint-3", overwrite_output_dir=False)
    assert losses(tmp_path) == whole
    assert all(torch.equal(t, last[name]) for name, t in load_file(tmp_path / "out/adapter_model.safetensors").items())


@pytest.mark.parametrize("other", ["bf16", "pure_bf16"])
def test_fp16_excludes_other_types(other, train):
    result = train(ok=False, fp16=True, **{other: True})
    assert result.returncode == 78 and f"fp16 and {other} exclude each other" in result.stderr


@pytest.mark.parametrize("value, text", [("auto", "Using libtorch's flash attention for the CPU."), ("sdpa", "Using libtorch's flash attention for the CPU."),
                                         ("disabled", "asks for vanilla attention; the results are the same"), ("fa2", "fa2 needs a GPU; the results are the same"),
                                         ("fa3", "fa3 is not part of libtorch; the results are the same")])
def test_the_log_says_what_flash_attn_comes_to(value, text, train, tmp_path):
    result = train(flash_attn=value, use_cpu=True)
    assert text in result.stderr
    assert losses(tmp_path) or json.loads((tmp_path / "out/all_results.json").read_text())["train_loss"] > 0


def test_shift_attn_trains_with_groups_and_evaluates_without(train, tmp_path):
    keys = dict(max_steps=2, logging_steps=1, eval_dataset="demo_identity", eval_strategy="steps", eval_steps=2, print_param_status=False)
    train(**keys, learning_rate=1e-30)
    full = json.loads((tmp_path / "out/trainer_state.json").read_text())["log_history"]
    result = train(**keys, learning_rate=1e-30, shift_attn=True)
    shifted = json.loads((tmp_path / "out/trainer_state.json").read_text())["log_history"]
    assert "Using shift short attention with group_size_ratio=1/4." in result.stderr
    assert abs(full[0]["loss"] - shifted[0]["loss"]) > 1e-3
    assert [row["eval_loss"] for row in full if "eval_loss" in row] == [row["eval_loss"] for row in shifted if "eval_loss" in row]


def test_shift_attn_on_other_models_is_said_to_do_nothing(train, tmp_path, demo):
    shutil.copytree(demo, tmp_path / "model")
    config = json.loads((tmp_path / "model/config.json").read_text())
    (tmp_path / "model/config.json").write_text(json.dumps({**config, "model_type": "mistral", "sliding_window": None}))
    assert "Current model does not support shift short attention" in train(model_name_or_path="model", shift_attn=True).stderr


@pytest.mark.parametrize("key, value, why", [("upcast_lmhead_output", True, "the loss is always computed in float32"),
                                             ("low_cpu_mem_usage", False, "weights are always memory-mapped")])
def test_keys_without_an_effect_say_so_and_change_nothing(key, value, why, train, tmp_path):
    keys = dict(bf16=True, max_steps=2, logging_steps=1, print_param_status=False)
    train(**keys)
    plain = losses(tmp_path)
    assert f"{key} changes nothing here: {why}" in train(**keys, **{key: value}).stderr
    assert losses(tmp_path) == plain
