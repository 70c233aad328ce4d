"""`estimate` against real runs: the estimated memory is within 10 % of the measured peak for eleven configurations on the CPU."""
import json, os, random, shutil, subprocess, sys

import pytest

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

# A process of its own measures: the highest memory of a child counts that of the process it was forked from.
MEASURE = ("import os, sys; child = os.spawnv(os.P_NOWAIT, sys.argv[2], sys.argv[2:]); _, status, usage = os.wait4(child, 0); "
           "open(sys.argv[1], 'w').write(str(usage.ru_maxrss * 1024)); sys.exit(1 if status else 0)")
SHAPE = dict(vocab_size=16000, intermediate_size=1408, num_hidden_layers=8, max_position_embeddings=2048)
MODELS = {
    "llama": ("LlamaConfig", dict(hidden_size=512, num_attention_heads=8, num_key_value_heads=4)),
    "qwen3": ("Qwen3Config", dict(hidden_size=640, num_attention_heads=10, num_key_value_heads=2, head_dim=64, tie_word_embeddings=True)),
    "gemma2": ("Gemma2Config", dict(hidden_size=448, num_attention_heads=7, num_key_value_heads=7, head_dim=64)),
    "gpt_neox": ("GPTNeoXConfig", dict(hidden_size=512, num_attention_heads=8)),
    "mixtral": ("MixtralConfig", dict(hidden_size=384, num_attention_heads=6, num_key_value_heads=2, num_local_experts=8)),
}
KEPT = {"disable_gradient_checkpointing": True}
# model, dtype of its file, rows, tokens of a row, keys
RUNS = {
    "full_fp32": ("llama", "float32", 1, 512, {"finetuning_type": "full"}),
    "full_fp32_kept": ("llama", "bfloat16", 2, 256, {"finetuning_type": "full", **KEPT}),
    "full_bf16_long": ("llama", "bfloat16", 1, 1024, {"finetuning_type": "full", "bf16": True}),
    "lora_fp32_four_rows": ("llama", "float32", 4, 512, {"finetuning_type": "lora"}),
    "lora_bf16_kept": ("llama", "bfloat16", 2, 512, {"finetuning_type": "lora", "bf16": True, **KEPT}),
    "lora_fp32_kept_tied": ("qwen3", "float32", 1, 1024, {"finetuning_type": "lora", **KEPT}),
    "full_pure_bf16_tied": ("qwen3", "bfloat16", 2, 512, {"finetuning_type": "full", "pure_bf16": True}),
    "full_accumulated_kept": ("qwen3", "bfloat16", 1, 512, {"finetuning_type": "full", "bf16": True, "gradient_accumulation_steps": 2, **KEPT}),
    "freeze_fp32": ("llama", "float32", 2, 512, {"finetuning_type": "freeze"}),
    "freeze_bf16_head_kept": ("qwen3", "bfloat16", 2, 512, {"finetuning_type": "freeze", "bf16": True, "freeze_trainable_layers": 3,
                                                            "freeze_trainable_modules": "self_attn,mlp", "freeze_extra_modules": "norm", **KEPT}),
    "lora_rank_32_dropout": ("qwen3", "bfloat16", 2, 1024, {"finetuning_type": "lora", "bf16": True, "lora_rank": 32, "lora_dropout": 0.1}),
    "capped_scores_and_logits": ("gemma2", "float32", 2, 512, {"finetuning_type": "lora", **KEPT}),
    "parallel_blocks": ("gpt_neox", "float32", 2, 768, {"finetuning_type": "lora"}),
    "experts": ("mixtral", "float32", 2, 512, {"finetuning_type": "lora", **KEPT}),
}


@pytest.fixture(scope="module")
def place(tmp_path_factory, request):
    """A dataset of rows longer than any cutoff, and models of some hundred megabytes, made when first asked for."""
    folder = tmp_path_factory.mktemp("estimate")
    tokenizer = request.config.rootpath / "examples/demo/model"
    words = random.Random(0).choices((request.config.rootpath / "README.md").read_text().split(), k=40000)
    (folder / "long.json").write_text(json.dumps([{"text": " ".join(words[i:i + 3000])} for i in range(0, len(words), 3000)]))
    (folder / "dataset_info.json").write_text(json.dumps({"long": {"file_name": "long.json", "columns": {"prompt": "text"}}}))

    def model(name, dtype):
        target = folder / f"{name}-{dtype}"
        if not target.exists():
            torch.manual_seed(0)
            kind, sizes = MODELS[name]
            config = getattr(transformers, kind)(**SHAPE, **sizes)
            transformers.AutoModelForCausalLM.from_config(config, dtype=getattr(torch, dtype)).save_pretrained(target)
            for file in ("tokenizer.json", "tokenizer_config.json"):
                shutil.copy(tokenizer / file, target)
        return target

    return folder, model


def arguments(place, tmp_path, name):
    folder, model = place
    kind, dtype, rows, length, keys = RUNS[name]
    given = {"model_name_or_path": model(kind, dtype), "stage": "pt", "do_train": True, "template": "chatml", "dataset": "long",
             "dataset_dir": folder, "cutoff_len": length, "per_device_train_batch_size": rows, "max_steps": 2, "use_cpu": True,
             "output_dir": tmp_path / "out", "save_strategy": "no", "packing": True, **keys}
    return [f"{key}={str(value).lower() if isinstance(value, bool) else value}" for key, value in given.items()]


@pytest.mark.parametrize("name", RUNS)
def test_the_estimate_is_within_ten_percent_of_the_measured_peak(name, place, run, cli, tmp_path):
    given = arguments(place, tmp_path, name)
    estimate = json.loads(run("estimate", *given, "--json").stdout)
    result = subprocess.run([sys.executable, "-S", "-c", MEASURE, str(tmp_path / "peak"), str(cli), "train", *given],
                            capture_output=True, text=True, timeout=600, cwd=tmp_path, env={**os.environ, "OMP_NUM_THREADS": "2"})
    assert result.returncode == 0, result.stderr[-2000:]
    measured, estimated = int((tmp_path / "peak").read_text()), estimate["memory"]["peak"]
    print(f"{name}: {estimated / measured:.3f}")
    assert abs(estimated / measured - 1) < 0.1, (name, estimated, measured, estimate["memory"])


def test_parameters_are_those_that_training_reports(place, run, tmp_path):
    given = arguments(place, tmp_path, "lora_rank_32_dropout")
    estimate = json.loads(run("estimate", *given, "--json").stdout)
    line = next(line for line in run("train", *given).stderr.splitlines() if "trainable params:" in line)
    reported = [int(part.split(":")[1].replace(",", "")) for part in line[line.index("trainable params"):].split("||")[:2]]
    assert reported == [estimate["trainable_parameters"], estimate["parameters"] + estimate["trainable_parameters"]]


def test_text_names_categories_and_preflight_compares(place, run, tmp_path):
    result = run("estimate", *arguments(place, tmp_path, "full_fp32_kept"), "--preflight")
    for word in ("parameters: ", "trainable parameters: ", "operations per token", "weights", "gradients", "optimizer state", "activations",
                 "logits and loss", "highest", "cache", "preflight: "):
        assert word in result.stdout, word
    assert not (tmp_path / "out").exists()


def test_a_broken_configuration_or_model_is_refused_as_in_training(run, tmp_path):
    assert run("estimate", ok=False).returncode == 78
    result = run("estimate", "model_name_or_path=/nowhere", "stage=pt", "do_train=true", "dataset=d", "output_dir=o", ok=False)
    assert result.returncode == 78 and "/nowhere" in result.stderr
