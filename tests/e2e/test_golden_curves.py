"""Our training runs against curves recorded from upstream's own trainers: the loss, gradient norm and rate of every step."""
import json, math, pathlib

import pytest
from safetensors import safe_open
from safetensors.torch import save_file

FP32 = ["sft_full", "sft_full_accum2", "sft_full_nowd_linear", "sft_lora", "sft_lora_r2_qv", "sft_lora_r16_accum2",
        "sft_lora_additional_target", "sft_rslora", "sft_train_on_prompt", "sft_packing", "sft_neat_packing", "pt_full", "pt_lora"]
CASES = [f"llama.{case}" for case in FP32 + ["sft_lora_bf16"]] + [f"qwen2.{case}" for case in
        ("sft_full", "sft_lora", "sft_rslora", "sft_neat_packing", "pt_full")]


def write_adapter(folder: pathlib.Path, init: pathlib.Path, settings: dict, modules_to_save: dict):
    """The initial adapter of a recorded run as a folder that peft could have written."""
    folder.mkdir()
    tensors, targets = {}, set()
    with safe_open(init, "pt") as f:
        for name in f.keys():
            short = name.replace(".default", "")
            tensors[short if short.startswith("base_model") else "base_model.model." + short] = f.get_tensor(name).clone()
            targets.add(short.rsplit(".lora_", 1)[0].rsplit(".", 1)[-1])
    tensors.update(modules_to_save)
    save_file(tensors, folder / "adapter_model.safetensors", metadata={"format": "pt"})
    (folder / "adapter_config.json").write_text(json.dumps({
        "peft_type": "LORA", "task_type": "CAUSAL_LM", "base_model_name_or_path": "", "r": settings["lora_rank"], "bias": "none",
        "lora_alpha": settings["lora_alpha"], "lora_dropout": settings["lora_dropout"], "use_rslora": settings.get("use_rslora", False),
        "target_modules": sorted(targets), "modules_to_save": settings["additional_target"].split(",") if "additional_target" in settings else None,
        "use_dora": False, "fan_in_fan_out": False, "inference_mode": True, "rank_pattern": {}, "alpha_pattern": {}}))


def log_history(out: pathlib.Path) -> list:
    return [row for row in json.loads((out / "trainer_state.json").read_text())["log_history"] if "loss" in row]


@pytest.mark.parametrize("case", CASES)
def test_curve(case, shared, run, tmp_path):
    golden = shared / "golden" / "data"
    reference = json.loads((golden / "training" / "curves.json").read_text())["cases"][case]
    settings = {k: v for k, v in reference["settings"].items()}
    model = golden / "models" / reference["model"]
    config = {**settings, "model_name_or_path": str(model), "dataset_dir": str(golden / "training" / "datasets"),
              "output_dir": str(tmp_path / "out")}
    if reference["init"]:
        extra = {}
        if "additional_target" in settings:
            with safe_open(model / "model.safetensors", "pt") as f:
                extra["base_model.model.model.embed_tokens.weight"] = f.get_tensor("model.embed_tokens.weight").clone()
        write_adapter(tmp_path / "init", golden / "training" / reference["init"], settings, extra)
        config["adapter_name_or_path"] = str(tmp_path / "init")
    (tmp_path / "config.json").write_text(json.dumps(config))
    run("train", tmp_path / "config.json")
    ours, log = log_history(tmp_path / "out"), reference["log"]
    assert len(ours) == len(log["loss"])
    loss_tolerance, norm_tolerance = (2e-2, 2e-1) if settings.get("bf16") else (1e-5, 1e-4)
    for step, row in enumerate(ours):
        assert math.isclose(row["loss"], log["loss"][step], rel_tol=loss_tolerance), f"step {step}: {row} {log['loss'][step]}"
        assert math.isclose(row["learning_rate"], log["learning_rate"][step], rel_tol=1e-9, abs_tol=1e-15)
        assert math.isclose(row["grad_norm"], log["grad_norm"][step], rel_tol=norm_tolerance), f"step {step}: {row} {log['grad_norm'][step]}"
