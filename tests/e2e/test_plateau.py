"""reduce_lr_on_plateau: the rate falls when the evaluation loss stalls, and a resumed run goes on where it was."""
import json


def rates(folder):
    return [row["learning_rate"] for row in json.loads((folder / "trainer_state.json").read_text())["log_history"] if "loss" in row]


def test_rate_falls_and_survives_a_resume(run, demo, data_dir, tmp_path):
    config = {"stage": "sft", "do_train": True, "finetuning_type": "lora", "template": "chatml", "dataset": "demo_identity", "max_samples": 12,
              "dataset_dir": str(data_dir), "cutoff_len": 64, "model_name_or_path": str(demo), "learning_rate": 0.5, "max_steps": 8, "report_to": "none",
              "logging_steps": 1, "eval_strategy": "steps", "eval_steps": 1, "val_size": 4, "save_steps": 5, "plot_loss": False,
              "lr_scheduler_type": "reduce_lr_on_plateau", "lr_scheduler_kwargs": {"patience": 0, "factor": 0.5}, "output_dir": str(tmp_path / "out")}
    (tmp_path / "c.json").write_text(json.dumps(config))
    run("train", tmp_path / "c.json")
    whole = rates(tmp_path / "out")
    assert whole[0] == 0.5 and whole[-1] < 0.5, whole
    assert all(later in (rate, rate * 0.5) for rate, later in zip(whole, whole[1:])), whole
    run("train", tmp_path / "c.json", f"resume_from_checkpoint={tmp_path / 'out' / 'checkpoint-5'}")
    assert rates(tmp_path / "out") == whole
