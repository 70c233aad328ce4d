"""TensorBoard's own reader on our event files: the same numbers as trainer_state.json, under transformers' tags."""
import json

import pytest

event_accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")


def config(shared, out, **more):
    golden = shared / "golden" / "data"
    return {"stage": "sft", "do_train": True, "finetuning_type": "lora", "lora_rank": 4, "template": "qwen", "dataset": "toy_sft",
            "model_name_or_path": str(golden / "models" / "llama"), "dataset_dir": str(golden / "training" / "datasets"),
            "cutoff_len": 64, "val_size": 0.1, "max_steps": 4, "logging_steps": 1, "eval_strategy": "steps", "eval_steps": 2,
            "save_steps": 2, "per_device_train_batch_size": 2, "learning_rate": 0.002, "report_to": "tensorboard",
            "output_dir": str(out), **more}


def load(folder):
    events = event_accumulator.EventAccumulator(str(folder))
    events.Reload()
    return events


def test_scalars_are_those_of_the_trainer_state(shared, run, tmp_path):
    out = tmp_path / "out"
    (tmp_path / "c.json").write_text(json.dumps(config(shared, out)))
    run("train", tmp_path / "c.json")
    (folder,) = (out / "runs").iterdir()
    events = load(folder)
    history = json.loads((out / "trainer_state.json").read_text())["log_history"]
    for key, tag in (("loss", "train/loss"), ("grad_norm", "train/grad_norm"), ("learning_rate", "train/learning_rate"),
                     ("eval_loss", "eval/loss"), ("train_loss", "train/train_loss")):
        wanted = {row["step"]: pytest.approx(row[key], rel=1e-6) for row in history if key in row}
        assert wanted, f"nothing was logged as {key}"
        assert {event.step: event.value for event in events.Scalars(tag)} == wanted
    assert "train/epoch" in events.Tags()["scalars"]


def test_a_resumed_run_replaces_the_points_after_its_checkpoint(shared, run, tmp_path):
    out, board = tmp_path / "out", tmp_path / "board"
    settings = config(shared, out, logging_dir=str(board), save_steps=2)
    (tmp_path / "c.json").write_text(json.dumps(settings))
    run("train", tmp_path / "c.json")
    (tmp_path / "c.json").write_text(json.dumps({**settings, "resume_from_checkpoint": str(out / "checkpoint-2")}))
    run("train", tmp_path / "c.json")
    steps = [event.step for event in load(board).Scalars("train/loss")]
    assert steps == [1, 2, 3, 4]
