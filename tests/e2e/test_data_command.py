"""`data validate | preview | stats | convert` as a user calls it."""
import json

import pytest


@pytest.fixture
def rows(tmp_path):
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(json.dumps({"instruction": f"question {i}", "input": "", "output": f"answer {i}"}) + "\n" for i in range(12)))
    return path


def test_preview_shows_tokens_borders_and_loss_of_training(run, rows, demo):
    result = run("data", "preview", rows, "--model", demo, "--template", "chatml", "--rows", "3:4", "--json")
    shown = [json.loads(line) for line in result.stdout.splitlines()]
    assert [row["row"] for row in shown] == [3, 4] and shown[0]["where"].endswith("rows.jsonl: row 3")
    tokens = shown[0]["tokens"]
    text = "".join(token["text"] for token in tokens)
    learned = "".join(token["text"] for token in tokens if token["loss"])
    assert "question 2" in text and learned.startswith("answer 2") and "question" not in learned
    assert "read as alpaca" in result.stderr
    plain = run("data", "preview", rows, "--model", demo, "--template", "chatml", "--rows", "3").stdout
    assert "row 3 (" in plain and "no loss" in plain and "\x1b" not in plain and ("|" in plain or "│" in plain)


def test_preview_is_the_first_example_of_training(run, rows, demo, tmp_path):
    (tmp_path / "dataset_info.json").write_text(json.dumps({"d": {"file_name": "rows.jsonl"}}))
    config = {"model_name_or_path": str(demo), "stage": "sft", "do_train": True, "finetuning_type": "lora", "template": "chatml", "dataset": "d",
              "dataset_dir": str(tmp_path), "output_dir": str(tmp_path / "out"), "max_steps": 1, "per_device_train_batch_size": 1, "cutoff_len": 64}
    (tmp_path / "c.yaml").write_text(json.dumps(config))
    trained = run("train", "c.yaml").stdout
    ids = json.loads(trained.split("input_ids:\n")[1].split("\n")[0])
    labels = json.loads(trained.split("label_ids:\n")[1].split("\n")[0])
    row = json.loads(run("data", "preview", "c.yaml", "--rows", "1", "--json").stdout)
    assert [token["id"] for token in row["tokens"]] == ids
    assert [token["loss"] for token in row["tokens"]] == [label != -100 for label in labels]


def test_validate_exit_status_and_json(run, rows, tmp_path):
    assert "12 rows, 12 usable" in run("data", "validate", rows).stdout
    rows.write_text(rows.read_text() + "{broken\n")
    result = run("data", "validate", rows, "--json", ok=False)
    report = json.loads(result.stdout)
    assert result.returncode == 65 and not report["ok"] and report["rows"] == 13 and report["usable"] == 12
    assert "row 13" in report["findings"][0]["examples"][0]


def test_rows_that_training_drops_show_without_a_tokenizer(run, tmp_path):
    """Upstream takes a response that is no text for none, and drops the row."""
    (tmp_path / "d.json").write_text(json.dumps([{"instruction": "a", "input": "", "output": "b"}, {"instruction": "c", "input": "", "output": 5}]))
    result = run("data", "validate", tmp_path / "d.json", ok=False)
    assert result.returncode == 65 and "2 rows, 1 usable" in result.stdout and "dropped: no response" in result.stdout
    assert "dropped      no response" in run("data", "preview", tmp_path / "d.json").stdout
    assert "2 rows, 2 usable" in run("data", "validate", tmp_path / "d.json", "--stage", "ppo").stdout


def test_data_of_every_stage_can_be_looked_at(run, demo, tmp_path):
    """Those that cannot be trained yet, too."""
    (tmp_path / "d.json").write_text(json.dumps([{"instruction": "a", "input": "", "chosen": "b", "rejected": "c"}]))
    (tmp_path / "dataset_info.json").write_text(json.dumps({"d": {
        "file_name": "d.json", "ranking": True, "columns": {"prompt": "instruction", "query": "input", "chosen": "chosen", "rejected": "rejected"}}}))
    for stage, parts in [("rm", {"chosen", "rejected"}), ("dpo", {"chosen", "rejected"}), ("ppo", {"prompt"})]:
        shown = run("data", "preview", "--dataset", "d", "--dataset_dir", tmp_path, "--stage", stage, "--model", demo, "--template", "chatml").stdout
        assert all(f"\n  {part} " in shown for part in parts), shown
    result = run("data", "validate", "--dataset", "d", "--dataset_dir", tmp_path, "--stage", "sft", ok=False)
    assert result.returncode == 65 and "1 x dropped: more than one response" in result.stdout


def test_stats_count_tokens_cut_and_masked(run, rows, demo):
    report = json.loads(run("data", "stats", rows, "--json").stdout)
    assert report["unit"] == "characters" and report["usable"] == 12 and sum(b["count"] for b in report["histogram"]) == 12
    cut = json.loads(run("data", "stats", rows, "--json", "--model", demo, "--template", "chatml", "cutoff_len=8").stdout)
    assert cut["unit"] == "tokens" and cut["truncated"] == 12 and 0 < cut["loss_tokens"] < cut["kept_tokens"] <= 12 * 8
    assert "longer than cutoff_len 8" in run("data", "stats", rows, "--model", demo, "--template", "chatml", "--cutoff_len", "8").stdout


def test_convert_names_the_entry_for_the_new_file(run, rows, tmp_path):
    result = run("data", "convert", rows, "--to", tmp_path / "new.parquet", "--form", "sharegpt", "--json")
    done = json.loads(result.stdout)
    assert done["written"] == 12 and done["entry"]["formatting"] == "sharegpt"
    (tmp_path / "dataset_info.json").write_text(json.dumps({"new": done["entry"]}))
    assert "12 rows, 12 usable" in run("data", "validate", "--dataset", "new", "--dataset_dir", tmp_path).stdout


def test_convert_skips_bad_rows_when_asked(run, rows, tmp_path):
    rows.write_text(rows.read_text() + "{broken\n")
    result = run("data", "convert", rows, "--to", tmp_path / "new.jsonl", ok=False)
    assert result.returncode == 65 and "row 13" in result.stderr and not (tmp_path / "new.jsonl").exists()
    assert "1 bad rows left out" in run("data", "convert", rows, "--to", tmp_path / "new.jsonl", "--on_bad_row", "skip").stdout
    result = run("data", "convert", rows, "--to", tmp_path / "new2.jsonl", "--on_bad_row", "skip:5%", ok=False)
    assert result.returncode == 65 and "allows 5 %" in result.stderr


@pytest.mark.parametrize("action", ["", "validate", "preview", "stats", "convert"])
def test_help(run, action):
    text = run("data", *([action] if action else []), "--help").stdout
    assert text.startswith("usage: llamafactory-cli data") and "--dataset NAME" in text


@pytest.mark.parametrize("args, message", [
    (["previw"], "did you mean preview?"), (["preview"], "which data?"), (["preview", "gone.json"], "gone.json not found"),
    (["preview", "rows.jsonl", "--row", "3"], "did you mean rows"), (["preview", "rows.jsonl", "--rows", "x"], "--rows must be like"),
    (["preview", "rows.jsonl", "--rows", "99"], "there is no row 99"), (["preview", "rows.jsonl", "cutof_len=3"], "did you mean cutoff_len"),
    (["convert", "rows.jsonl"], "needs --to FILE"), (["convert", "rows.jsonl", "--to", "a.xlsx"], ".parquet"),
    (["convert", "rows.jsonl", "--to", "a.jsonl", "--form", "openia"], "did you mean openai"),
    (["validate", "rows.jsonl", "--stage", "dpp"], "did you mean dpo"),
    (["stats", "--dataset", "nme", "--dataset_dir", "."], "Undefined dataset nme")])
def test_wrong_arguments_are_explained(run, rows, tmp_path, args, message):
    (tmp_path / "dataset_info.json").write_text(json.dumps({"name": {"file_name": "rows.jsonl"}}))
    result = run("data", *args, ok=False)
    assert result.returncode in (64, 65, 78) and message in result.stderr, result.stderr


def test_columns_of_media_are_shown(run, tmp_path):
    (tmp_path / "a.json").write_text(json.dumps([{"messages": [{"role": "user", "content": "<image>what?"}, {"role": "assistant", "content": "x"}],
                                                 "images": ["a.png"]}]))
    (tmp_path / "a.png").write_bytes(b"x")
    row = json.loads(run("data", "preview", "a.json", "--json").stdout)
    assert row["images"] == [["./a.png"]]
    outside = [{"instruction": "a", "output": "b", "images": ["../../etc/passwd"]}]
    (tmp_path / "b.json").write_text(json.dumps(outside))
    result = run("data", "validate", "b.json", ok=False)
    assert result.returncode == 65 and "leads out of the media folder" in result.stdout
