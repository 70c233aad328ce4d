"""tokenized_path against Python datasets: ours loads there with the same rows, theirs trains here with the same losses."""
import json, os, pathlib, re, subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BIN = pathlib.Path(os.environ.get("LF_BIN_DIR", ROOT / "build/release/bin"))
CASES = {"sft": {}, "packing": {"packing": True, "cutoff_len": 128}, "neat_packing": {"neat_packing": True, "cutoff_len": 128},
         "pt": {"stage": "pt", "template": None, "dataset": "demo_text", "cutoff_len": 32}}


@pytest.fixture
def datasets(monkeypatch, tmp_path):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_HOME", str(tmp_path / "home"))
    return pytest.importorskip("datasets")


@pytest.fixture
def train(run, demo, data_dir, tmp_path):
    def call(name, case, **more):
        values = {"stage": "sft", "do_train": True, "finetuning_type": "lora", "template": "chatml", "dataset": "demo_identity", "cutoff_len": 64,
                  "max_steps": 4, "report_to": "none", "logging_steps": 1, "save_strategy": "no", "plot_loss": False, "val_size": 0.2,
                  "eval_strategy": "steps", "eval_steps": 2, "model_name_or_path": str(demo), "dataset_dir": str(data_dir),
                  "output_dir": str(tmp_path / name), **case, **more}
        path = tmp_path / f"{name}.json"
        path.write_text(json.dumps({k: v for k, v in values.items() if v is not None}))
        result = run("train", path)
        log = json.loads((tmp_path / name / "trainer_state.json").read_text())["log_history"]
        return [row.get("loss", row.get("eval_loss")) for row in log if "loss" in row or "eval_loss" in row], result.stdout + result.stderr

    return call


def printed_ids(output):
    return json.loads(re.search(r"training example:\ninput_ids:\n(\[.*\])", output).group(1))


@pytest.mark.parametrize("name", CASES)
def test_prepared_data_goes_both_ways(name, datasets, train, tmp_path):
    case = CASES[name]
    direct, output = train("direct", case)
    ours = tmp_path / "ours"
    written, _ = train("written", case, tokenized_path=str(ours))
    assert written == direct
    loaded = datasets.load_from_disk(str(ours))
    assert set(loaded) == {"train", "validation"}
    assert loaded["train"][0]["input_ids"] == printed_ids(output)
    columns = {"sft": {"input_ids", "attention_mask", "labels", "images", "videos", "audios"}, "pt": {"input_ids", "attention_mask"}}
    packed = columns["sft"] | {"position_ids"}
    expected = {**columns, "packing": packed, "neat_packing": packed | {"packing_params"}}[name]
    assert set(loaded["train"].column_names) == expected
    again, text = train("again", case, tokenized_path=str(ours))
    assert again == direct and "will ignore other data arguments" in text

    def resaved(folder, change, **options):
        split = datasets.DatasetDict({k: change(v) for k, v in loaded.items()})
        split.save_to_disk(str(tmp_path / folder), **options)
        return str(tmp_path / folder)

    def wide(dataset):  # other integer and list types
        features = dict(dataset.features)
        for column in ("input_ids", "labels", "attention_mask"):
            if column in features:
                features[column] = datasets.LargeList(datasets.Value("int64"))
        return dataset.cast(datasets.Features(features))

    def by_map(dataset):  # types as datasets infers them
        plain = datasets.Dataset.from_dict({"i": list(range(len(dataset)))})
        return plain.map(lambda b: dataset[b["i"]], batched=True, remove_columns=["i"])

    for folder, change, options in (("copy", lambda d: d, {}), ("shards", lambda d: d, {"num_shards": {"train": 3, "validation": 1}}), ("wide", wide, {}), ("mapped", by_map, {})):
        theirs, _ = train(f"run_{folder}", case, tokenized_path=resaved(folder, change, **options))
        assert theirs == direct, folder


def test_one_dataset_without_splits_is_for_training(datasets, train, run, tmp_path):
    rows = [{"input_ids": [5, 6, 7 + i], "attention_mask": [1, 1, 1], "labels": [-100, 6, 7 + i]} for i in range(8)]
    datasets.Dataset.from_list(rows).save_to_disk(str(tmp_path / "plain"))
    losses, _ = train("plain_run", {"val_size": None, "eval_strategy": None, "eval_steps": None}, tokenized_path=str(tmp_path / "plain"))
    assert len(losses) == 4


def test_rows_of_every_stage_go_both_ways(datasets, tmp_path):
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    call = [str(BIN / "data_test"), "--gtest_filter=TokenizedPathTest.PythonReadsOursAndWeReadPythons"]
    subprocess.run(call, check=True, env={**os.environ, "LF_TOKENIZED_OUT": str(ours)}, stdout=subprocess.DEVNULL)
    loaded = [datasets.load_from_disk(str(ours / str(i)))["train"] for i in range(5)]
    assert loaded[0][:]["labels"] == [[-100, 2, 3], [4]]
    assert loaded[1][0]["position_ids"] == [0, 1, 2, 0, 1, 0, 0] and loaded[1][0]["attention_mask"] == [1] * 7
    assert loaded[2][0]["attention_mask"] == [1, 1, 1, 2, 2, 0, 0]
    assert loaded[2][0]["packing_params"]["sequence_boundaries"] == [0, 3, 5, 7] and loaded[2][0]["packing_params"]["right_padding_length"] == 2
    assert loaded[3][:]["rejected_input_ids"] == [[1, 7, 8], [1, 7, 9], [1, 7, 10]] and loaded[3].features["chosen_labels"].feature.dtype == "int64"
    assert loaded[4][:]["kto_tags"] == [False, True, False] and loaded[4].features["kto_tags"].dtype == "bool"
    for i, dataset in enumerate(loaded):
        datasets.DatasetDict({"train": datasets.Dataset.from_list(dataset.to_list())}).save_to_disk(str(theirs / str(i)))
    subprocess.run(call, check=True, env={**os.environ, "LF_TOKENIZED_IN": str(theirs)}, stdout=subprocess.DEVNULL)
