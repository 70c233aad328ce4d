"""Streamed training: killed or stopped anywhere and started again, every loss is that of a run that was never interrupted."""
import json, os, signal, subprocess, time

import pytest

BASE = {"stage": "sft", "do_train": True, "finetuning_type": "lora", "template": "chatml", "dataset": "demo_identity,demo_chat", "cutoff_len": 64,
        "learning_rate": 0.001, "max_steps": 12, "report_to": "none", "logging_steps": 1, "save_steps": 3, "plot_loss": False, "streaming": True,
        "buffer_size": 20, "per_device_train_batch_size": 3, "lora_dropout": 0.1, "preprocessing_batch_size": 8}
CASES = {
    "concat": {},
    "interleave_under": {"mix_strategy": "interleave_under", "interleave_probs": "0.4,0.6"},
    "interleave_over": {"mix_strategy": "interleave_over", "interleave_probs": "0.3,0.7", "gradient_accumulation_steps": 2},
    "interleave_once": {"mix_strategy": "interleave_once"},
    "packing": {"packing": True, "cutoff_len": 128, "per_device_train_batch_size": 1},
    "neat_packing": {"neat_packing": True, "cutoff_len": 128, "per_device_train_batch_size": 1},
    "pretraining": {"stage": "pt", "dataset": "demo_text", "template": None, "cutoff_len": 32},
    "several_epochs": {"per_device_train_batch_size": 16, "gradient_accumulation_steps": 3, "save_strategy": "epoch"},
    "workers": {"dataloader_num_workers": 2, "dataloader_drop_last": True},
    "validation": {"val_size": 5, "eval_strategy": "steps", "eval_steps": 4},
    "prepared_interleaving": {"streaming": False, "mix_strategy": "interleave_over", "interleave_probs": "0.3,0.7"},
}


def history(folder):
    keep = ("loss", "grad_norm", "eval_loss", "learning_rate", "epoch", "step")
    log = json.loads((folder / "trainer_state.json").read_text())["log_history"]
    return [{k: row[k] for k in keep if k in row} for row in log if "loss" in row or "eval_loss" in row]


@pytest.fixture
def config(demo, data_dir, tmp_path):
    def make(name, case):
        values = {**BASE, "model_name_or_path": str(demo), "dataset_dir": str(data_dir), "output_dir": str(tmp_path / name), **case}
        path = tmp_path / f"{name}.json"
        path.write_text(json.dumps({k: v for k, v in values.items() if v is not None}))
        return path

    return make


def first_checkpoint(folder):
    return min((p for p in folder.iterdir() if p.name.startswith("checkpoint-")), key=lambda p: int(p.name.split("-")[1]))


@pytest.mark.parametrize("name", CASES)
def test_a_resumed_run_has_the_losses_of_an_uninterrupted_one(name, run, config, tmp_path):
    path = config("out", CASES[name])
    run("train", path)
    whole = history(tmp_path / "out")
    assert sum("loss" in row for row in whole) == 12
    checkpoint = first_checkpoint(tmp_path / "out")
    weights = (tmp_path / "out" / "adapter_model.safetensors").read_bytes()
    run("train", path, f"resume_from_checkpoint={checkpoint}")
    assert history(tmp_path / "out") == whole
    assert (tmp_path / "out" / "adapter_model.safetensors").read_bytes() == weights


def test_a_killed_run_goes_on_as_if_nothing_had_happened(run, cli, config, tmp_path):
    case = {**CASES["interleave_over"], "max_steps": 30, "save_steps": 2}
    run("train", config("whole", case))
    path = config("killed", case)
    for _ in range(3):
        process = subprocess.Popen([str(cli), "train", str(path)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        before = len(list((tmp_path / "killed").glob("checkpoint-*"))) if (tmp_path / "killed").exists() else 0
        deadline = time.time() + 120
        while time.time() < deadline and process.poll() is None:
            if (tmp_path / "killed").exists() and len(list((tmp_path / "killed").glob("checkpoint-*"))) > before + 1:
                break
            time.sleep(0.02)
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
        process.wait()
    run("train", path)
    assert history(tmp_path / "killed") == history(tmp_path / "whole")
    assert (tmp_path / "killed/adapter_model.safetensors").read_bytes() == (tmp_path / "whole/adapter_model.safetensors").read_bytes()


def test_streams_that_differ_are_told_apart(run, config, tmp_path):
    path = config("out", {"max_steps": 3})
    run("train", path)
    checkpoint = tmp_path / "out" / "checkpoint-3"
    result = run("train", path, f"resume_from_checkpoint={checkpoint}", "max_steps=5", "buffer_size=4", ok=False)
    assert result.returncode != 0 and "does not fit buffer_size 4" in result.stderr
    result = run("train", path, f"resume_from_checkpoint={checkpoint}", "max_steps=5", "dataset=demo_identity", ok=False)
    assert result.returncode != 0 and "does not fit 1 datasets" in result.stderr


def test_streaming_needs_max_steps_and_no_max_samples(run, config):
    path = config("out", {"max_steps": None})
    result = run("train", path, ok=False)
    assert result.returncode == 78 and "streaming needs max_steps" in result.stderr
    result = run("train", config("out", {"max_samples": 5}), ok=False)
    assert result.returncode == 78 and "streaming and max_samples exclude each other" in result.stderr
