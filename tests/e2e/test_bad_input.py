"""Bad input ends with a message that says where, what was needed and what came: no crash, no half-written file under a final name."""
import json, os, pathlib, shutil, struct

import pytest


@pytest.fixture
def place(tmp_path, demo, data_dir):
    """A folder with a copy of the demo model, a data folder and the settings of a short run."""
    shutil.copytree(demo, tmp_path / "model")
    (tmp_path / "data").mkdir()
    rows = [{"instruction": f"Say {i}", "input": "", "output": f"Here it is: {i}"} for i in range(12)]
    (tmp_path / "data" / "rows.json").write_text(json.dumps(rows))
    (tmp_path / "data" / "dataset_info.json").write_text(json.dumps({"rows": {"file_name": "rows.json"}, "lines": {"file_name": "lines.jsonl"}}))
    return tmp_path


@pytest.fixture
def fails(place, run):
    """fails("needle", ..., key=value): the run ends with an error that holds all needles, and leaves no adapter."""

    def call(*needles, **overrides):
        config = {"stage": "sft", "do_train": True, "finetuning_type": "lora", "template": "chatml", "dataset": "rows", "dataset_dir": "data",
                  "cutoff_len": 64, "model_name_or_path": "model", "output_dir": "out", "max_steps": 3, "report_to": "none", "save_steps": 1, **overrides}
        (place / "c.json").write_text(json.dumps(config))
        result = run("train", "c.json", ok=False, cwd=place)
        assert 0 < result.returncode < 126, f"{result.returncode}: {result.stderr}"
        for needle in needles:
            assert needle in result.stderr, f"'{needle}' is not in: {result.stderr}"
        left = [p for p in place.glob("out/**/*") if p.name.startswith(("adapter_", "model"))]
        assert not left, left
        return result.stderr

    return call


def test_model_folder(place, fails, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    fails("nowhere", "is no folder on this machine", "HF_HUB_OFFLINE", model_name_or_path="nowhere")
    fails("./nowhere", "neither a folder on this machine nor the name of a repository", model_name_or_path="./nowhere")
    fails("data", "has no config.json", model_name_or_path="data")
    fails("c.json", "is not a folder", model_name_or_path="c.json")


def test_architecture(place, fails):
    config = json.loads((place / "model/config.json").read_text())
    (place / "model/config.json").write_text(json.dumps({**config, "model_type": "lama", "architectures": ["LamaForCausalLM"]}))
    fails("config.json", "lama", "llama")


def test_config_that_contradicts_the_weights(place, fails):
    config = json.loads((place / "model/config.json").read_text())
    (place / "model/config.json").write_text(json.dumps({**config, "intermediate_size": config["intermediate_size"] + 8}))
    fails("gate_proj.weight", str(config["intermediate_size"] + 8), str(config["intermediate_size"]))


def test_missing_shard(place, fails):
    weights = place / "model/model.safetensors"
    header_bytes = struct.unpack("<Q", weights.read_bytes()[:8])[0]
    names = [name for name in json.loads(weights.read_bytes()[8 : 8 + header_bytes]) if name != "__metadata__"]
    weights.rename(place / "model/model-00001-of-00002.safetensors")
    (place / "model/model.safetensors.index.json").write_text(json.dumps({"weight_map": {
        name: f"model-0000{1 + i % 2}-of-00002.safetensors" for i, name in enumerate(names)}}))
    fails("model-00002-of-00002.safetensors")


@pytest.mark.parametrize("damage", ["truncated", "lying", "huge_header", "no_json"])
def test_broken_safetensors(damage, place, fails):
    weights = place / "model/model.safetensors"
    data = weights.read_bytes()
    if damage == "truncated":
        data = data[: len(data) // 2]
    elif damage == "lying":
        size = struct.unpack("<Q", data[:8])[0]
        header = json.loads(data[8 : 8 + size])
        first = next(name for name in header if name != "__metadata__")
        header[first]["shape"][0] += 1
        text = json.dumps(header).encode()
        data = struct.pack("<Q", len(text)) + text + data[8 + size :]
    elif damage == "huge_header":
        data = struct.pack("<Q", 1 << 62) + data[8:]
    else:
        data = data[:8] + b"x" + data[9:]
    weights.write_bytes(data)
    fails("model.safetensors")


def test_dataset_names_and_files(place, fails):
    fails("row", "rows", "dataset_info.json", dataset="row")
    fails("lines.jsonl", dataset="lines")
    (place / "data").rename(place / "moved")
    fails("elsewhere/dataset_info.json", "data/dataset_info.json", dataset_dir="elsewhere")


def test_malformed_rows(place, fails):
    good = json.dumps({"instruction": "a", "input": "", "output": "b"})
    (place / "data/lines.jsonl").write_text("\n".join([good, good, '{"instruction": "a", "output": }', good]) + "\n")
    message = fails("lines.jsonl", "row 3", dataset="lines")
    assert str(2 * (len(good) + 1)) in message or "byte" in message
    (place / "data/rows.json").write_text(f"[{good}, {good}, {{oops}}]")
    fails("rows.json", "row 3", "byte")


def test_columns(place, fails):
    (place / "data/rows.json").write_text(json.dumps([{"question": "a", "answer": "b"}] * 3))
    fails("rows", "instruction", "question", "answer")


def test_nothing_to_learn_from(place, fails):
    (place / "data/rows.json").write_text("[]")
    fails("rows.json", "no rows")
    (place / "data/rows.json").write_text(json.dumps([{"instruction": "a", "input": "", "output": None}] * 3))
    fails("Cannot find valid samples")
    (place / "data/rows.json").write_text(json.dumps([{"instruction": "a b c d e f g h " * 40, "input": "", "output": "k l m n o p"}] * 3))
    fails("rows", "no token of its 3 rows bears loss", "cutoff_len", cutoff_len=2)


def test_loss_that_is_not_a_number(place, fails, run):
    stderr = fails("loss is nan", "learning_rate", learning_rate=1e30, max_steps=20, save_steps=500)
    assert (place / "out/anomaly").is_dir(), stderr


@pytest.mark.skipif(os.geteuid() == 0 and not pathlib.Path("/proc/self").exists(), reason="needs /proc")
def test_output_that_cannot_be_written(place, fails):
    (place / "file").write_text("")
    fails("file", output_dir="file/out")
    fails("/proc", output_dir="/proc/lf-out")
