"""transformers reads our trainer_state.json and writes back the same bytes."""
import json

import pytest

trainer_callback = pytest.importorskip("transformers.trainer_callback")


def test_transformers_writes_the_same_bytes(shared, run, tmp_path):
    golden, out = shared / "golden" / "data", tmp_path / "out"
    (tmp_path / "c.json").write_text(json.dumps({
        "stage": "sft", "do_train": True, "finetuning_type": "lora", "template": "qwen", "dataset": "toy_sft", "cutoff_len": 64,
        "model_name_or_path": str(golden / "models" / "llama"), "dataset_dir": str(golden / "training" / "datasets"),
        "val_size": 0.1, "max_steps": 4, "logging_steps": 1, "eval_strategy": "steps", "eval_steps": 2, "save_steps": 2,
        "load_best_model_at_end": True, "early_stopping_steps": 3, "include_num_input_tokens_seen": "all", "output_dir": str(out)}))
    run("train", tmp_path / "c.json")
    for file in (out / "trainer_state.json", out / "checkpoint-2" / "trainer_state.json"):
        state = trainer_callback.TrainerState.load_from_json(str(file))
        assert state.global_step in (2, 4) and state.best_global_step
        assert set(state.stateful_callbacks) == {"EarlyStoppingCallback", "TrainerControl"}
        state.save_to_json(str(tmp_path / "back.json"))
        assert (tmp_path / "back.json").read_bytes() == file.read_bytes()
