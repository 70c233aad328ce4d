"""finetuning_type: freeze with the demo model (six blocks in bfloat16, tied embeddings)."""
import json, re, shutil

import pytest

torch = pytest.importorskip("torch")
load_file = pytest.importorskip("safetensors.torch").load_file


@pytest.fixture
def train(tmp_path, demo, data_dir, run):
    def call(ok=True, command="train", flags=(), **overrides):
        config = {"stage": "sft", "do_train": True, "finetuning_type": "freeze", "template": "chatml", "dataset": "demo_identity",
                  "dataset_dir": str(data_dir), "cutoff_len": 64, "model_name_or_path": str(demo), "output_dir": "out", "max_steps": 2,
                  "learning_rate": 0.001, "report_to": "none", **overrides}
        (tmp_path / "c.yaml").write_text(json.dumps(config))
        return run(command, "c.yaml", *flags, ok=ok, env={"OMP_NUM_THREADS": "1"})

    return call


def changed(demo, folder):
    before, after = load_file(demo / "model.safetensors"), load_file(folder / "model.safetensors")
    assert before.keys() == after.keys()
    return {name: after[name].dtype for name in after if not torch.equal(after[name].float(), before[name].float())}


BLOCK = ("input_layernorm", "mlp.down_proj", "mlp.gate_proj", "mlp.up_proj", "post_attention_layernorm", "self_attn.k_proj",
         "self_attn.o_proj", "self_attn.q_proj", "self_attn.v_proj")


def names(blocks, modules=""):
    return {f"model.layers.{block}.{name}.weight" for block in blocks for name in BLOCK if name.startswith(modules)}


@pytest.mark.parametrize("stage", ["sft", "pt"])
def test_the_last_two_blocks_are_trained_by_default_and_the_whole_model_is_saved(train, demo, tmp_path, stage):
    result = train(stage=stage, **({"dataset": "demo_text"} if stage == "pt" else {}))
    for line in ("Upcasting trainable params to float32.", "Fine-tuning method: Freeze", "Set trainable layers: .4.,.5."):
        assert line in result.stderr
    trained = changed(demo, tmp_path / "out")
    assert set(trained) == names([4, 5]) and set(trained.values()) == {torch.float32}
    assert load_file(tmp_path / "out/model.safetensors")["model.embed_tokens.weight"].dtype == torch.bfloat16
    assert not (tmp_path / "out/adapter_config.json").exists()
    assert "- freeze" in (tmp_path / "out/README.md").read_text()


@pytest.mark.parametrize("keys, expected", [
    ({"freeze_trainable_layers": -1, "freeze_trainable_modules": "mlp"}, names([0], "mlp")),
    ({"freeze_trainable_layers": 1, "freeze_extra_modules": "embed_tokens"}, names([5]) | {"model.embed_tokens.weight"}),
    ({"freeze_trainable_layers": 3, "use_llama_pro": True, "freeze_trainable_modules": ["self_attn"]}, names([1, 3, 5], "self_attn")),
])
def test_choices(train, demo, tmp_path, keys, expected):
    train(**keys)
    assert set(changed(demo, tmp_path / "out")) == expected


def test_parameters_are_reported_and_estimated_alike(train):
    result = train(print_param_status=True, freeze_trainable_modules="self_attn")
    rows = re.findall(r"name: (\S+), dtype: (\w+), device: cpu, trainable: (\w+)", result.stderr)
    assert len(rows) == 56
    assert {name for name, dtype, trainable in rows if trainable == "true"} == names([4, 5], "self_attn")
    assert all((dtype == "float32") == (trainable == "true") for _, dtype, trainable in rows)
    reported = int(re.search(r"trainable params: ([\d,]+) ", result.stderr)[1].replace(",", ""))
    estimate = json.loads(train(command="estimate", flags=["--json"], freeze_trainable_modules="self_attn").stdout)
    assert reported == estimate["trainable_parameters"] == 2 * (2 * 192 * 192 + 2 * 64 * 192)
    memory = estimate["memory"]
    assert memory["gradients"] == memory["trainable"] == 4 * reported and memory["optimizer"] == 8 * reported
    assert "preflight" in train(command="estimate", flags=["--preflight"]).stdout


def test_a_resumed_run_ends_with_the_same_bytes(train, tmp_path):
    train(max_steps=4, save_steps=2)
    (tmp_path / "again").mkdir()
    shutil.copytree(tmp_path / "out/checkpoint-2", tmp_path / "again/checkpoint-2")
    result = train(max_steps=4, save_steps=2, output_dir="again")
    assert "Resuming training" in result.stderr
    assert (tmp_path / "again/model.safetensors").read_bytes() == (tmp_path / "out/model.safetensors").read_bytes()


def test_the_result_is_a_model_for_chat_and_for_more_training(train, run, tmp_path):
    train(pure_bf16=True)
    tensors = load_file(tmp_path / "out/model.safetensors")
    assert {tensor.dtype for tensor in tensors.values()} == {torch.bfloat16}
    (tmp_path / "chat.json").write_text(json.dumps({"model_name_or_path": "out", "template": "chatml", "max_new_tokens": 2,
                                                    "finetuning_type": "freeze"}))
    assert "Assistant:" in run("chat", "chat.json", input="hi\nexit\n").stdout
    train(model_name_or_path="out", output_dir="more", finetuning_type="lora")


@pytest.mark.parametrize("keys, message", [
    ({"freeze_trainable_modules": "self_atn"}, "module 'self_atn' is not found, please choose from self_attn, mlp, input_layernorm, "
                                               "post_attention_layernorm; did you mean self_attn?"),
    ({"freeze_extra_modules": "lm_head"}, "module 'lm_head' is not found, please choose from embed_tokens, norm"),
    ({"freeze_trainable_layers": 0}, "trains nothing"),
    ({"freeze_trainable_layers": 4, "use_llama_pro": True}, "6 blocks should be divisible"),
    ({"freeze_trainable_layers": 0, "use_llama_pro": True}, "to be at least 1"),
    ({"adapter_name_or_path": "x"}, "adapter_name_or_path needs finetuning_type: lora"),
])
def test_what_cannot_be_is_refused(train, keys, message):
    result = train(ok=False, **keys)
    assert result.returncode == 78 and message in result.stderr, result.stderr
