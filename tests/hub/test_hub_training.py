"""Configurations that name models, adapters and datasets by their place on a hub."""
import io, json

import pytest

from fixture_server import FixtureHub, sha256
from test_hub_download import environment

ROWS = [{"instruction": f"What is {i} and {i}?", "input": "", "output": f"It is {2 * i}."} for i in range(12)]


def lines(rows):
    return "".join(json.dumps(r) + "\n" for r in rows).encode()


@pytest.fixture
def hub(demo):
    with FixtureHub() as hub:
        hub.add("model", "org/demo", {p.name: p.read_bytes() for p in demo.iterdir()}, lfs=["model.safetensors"])
        hub.add("dataset", "org/rows", {"train.jsonl": lines(ROWS), "test.jsonl": lines(ROWS[:3]), "zh/a.jsonl": lines(ROWS[:5]),
                                        "dataset_info.json": json.dumps({"far": {"hf_hub_url": "org/rows", "ms_hub_url": "org/rows", "split": "test"}}).encode()})
        hub.add("dataset", "org/sets", {"README.md": b"---\nconfigs:\n- config_name: a\n  data_files: a.jsonl\n- config_name: b\n  data_files: b.jsonl\n---\n",
                                        "a.jsonl": lines(ROWS[:2]), "b.jsonl": lines(ROWS[:4])})
        hub.add("dataset", "org/script", {"script.py": b"raise SystemExit", "README.md": b"# x"})
        yield hub
        assert not hub.leaks, hub.leaks


@pytest.fixture
def train(run, hub, tmp_path):
    """train(dataset=..., ...) -> (result, rows that were read), with the tiny model of the hub."""

    def call(ok=True, env=(), **keys):
        config = {"stage": "sft", "do_train": True, "finetuning_type": "lora", "template": "chatml", "model_name_or_path": "org/demo", "cutoff_len": 64,
                  "max_steps": 1, "logging_steps": 1, "report_to": "none", "plot_loss": False, "save_strategy": "no", "per_device_train_batch_size": 1,
                  "output_dir": str(tmp_path / "out"), "overwrite_output_dir": True, **keys}
        (tmp_path / "c.json").write_text(json.dumps({k: v for k, v in config.items() if v is not None}))
        result = run("train", tmp_path / "c.json", ok=ok, env={**environment(hub, tmp_path), **dict(env)})
        return result.stdout + result.stderr

    return call


def info(tmp_path, **entry):
    (tmp_path / "data").mkdir(exist_ok=True)
    (tmp_path / "data" / "dataset_info.json").write_text(json.dumps({"far": entry}))
    return {"dataset": "far", "dataset_dir": str(tmp_path / "data")}


def test_model_adapter_and_dataset_by_name(train, run, hub, tmp_path):
    train(dataset="org/rows", dataset_dir="ONLINE")
    out = tmp_path / "out"
    assert json.loads((out / "adapter_config.json").read_text())["base_model_name_or_path"] == "org/demo", "the name, not a folder of this machine"
    assert "base_model: org/demo" in (out / "README.md").read_text()
    hub.add("model", "org/adapter", {n: (out / n).read_bytes() for n in ("adapter_config.json", "adapter_model.safetensors")}, lfs=["adapter_model.safetensors"])
    config = {"model_name_or_path": "org/demo", "adapter_name_or_path": "org/adapter", "template": "chatml", "export_dir": str(tmp_path / "merged"), "finetuning_type": "lora"}
    (tmp_path / "e.json").write_text(json.dumps(config))
    run("export", tmp_path / "e.json", env=environment(hub, tmp_path))
    assert (tmp_path / "merged" / "model.safetensors").exists()
    asked = len(hub.log)
    run("export", tmp_path / "e.json", env=environment(hub, tmp_path, HF_HUB_OFFLINE="1"))
    train(dataset="org/rows", dataset_dir="ONLINE", env={"HF_HUB_OFFLINE": "1"})
    assert len(hub.log) == asked, "offline nothing is asked"


def test_local_folder_wins(train, hub, tmp_path, demo):
    asked = len(hub.log)
    train(**info(tmp_path, file_name="rows.jsonl"), model_name_or_path=str(demo), ok=False)
    assert len(hub.log) == asked


@pytest.mark.parametrize("name, says", [("org/nothing", "was not found"), ("./models/none", "neither a folder"), ("a/b/c", "neither a folder"), ("/no/such/folder", "neither a folder")])
def test_neither_folder_nor_name(train, tmp_path, name, says):
    error = train(dataset="org/rows", dataset_dir="ONLINE", model_name_or_path=name, ok=False)
    assert says in error and name in error and "error[config]" in error


def test_cache_dir_revision_and_token_of_the_configuration(train, hub, tmp_path, demo):
    hub.add("model", "org/demo", {p.name: p.read_bytes() for p in demo.iterdir()}, revision="v2")
    hub.repos["model", "org/demo"].private = True
    error = train(dataset="org/rows", dataset_dir="ONLINE", ok=False, env={"HF_TOKEN": ""})
    assert "hf_hub_token" in error
    train(dataset="org/rows", dataset_dir="ONLINE", env={"HF_TOKEN": ""}, hf_hub_token=hub.token, cache_dir=str(tmp_path / "cache"), model_revision="v2")
    cache = tmp_path / "cache"
    assert (cache / "models--org--demo" / "refs" / "v2").exists() and (cache / "datasets--org--rows").exists()
    assert hub.token not in (tmp_path / "out" / "training_args.yaml").read_text()


def test_pickled_weights_and_adapters_are_told_apart(train, hub):
    hub.add("model", "org/old", {"config.json": b"{}", "pytorch_model.bin": b"x"})
    assert "pickled" in train(dataset="org/rows", dataset_dir="ONLINE", model_name_or_path="org/old", ok=False)
    hub.add("model", "org/lora", {"adapter_config.json": b"{}", "adapter_model.safetensors": b"x"})
    assert "it is an adapter" in train(dataset="org/rows", dataset_dir="ONLINE", model_name_or_path="org/lora", ok=False)


def test_pickled_weights_are_fetched_and_read_when_allowed(train, hub, demo):
    torch, safetensors = pytest.importorskip("torch"), pytest.importorskip("safetensors.torch")
    pickled = io.BytesIO()
    torch.save(safetensors.load_file(demo / "model.safetensors"), pickled)
    files = {p.name: p.read_bytes() for p in demo.iterdir() if p.suffix != ".safetensors"}
    hub.add("model", "org/old", {**files, "pytorch_model.bin": pickled.getvalue()})
    assert "allow_legacy_bin: true" in train(dataset="org/rows", dataset_dir="ONLINE", model_name_or_path="org/old", ok=False)
    train(dataset="org/rows", dataset_dir="ONLINE", model_name_or_path="org/old", allow_legacy_bin=True)


def rows_read(hub, pattern):
    return sorted({r["path"].rsplit("/", 1)[-1] for r in hub.log if "/datasets/" in r["path"] and "/resolve/" in r["path"] and r["method"] == "GET"})


@pytest.mark.parametrize("entry, files", [({"hf_hub_url": "org/rows"}, ["train.jsonl"]), ({"hf_hub_url": "org/rows", "split": "test"}, ["test.jsonl"]),
                                          ({"hf_hub_url": "org/rows", "folder": "zh"}, ["a.jsonl"]), ({"hf_hub_url": "org/rows", "split": "train[:50%]"}, ["train.jsonl"]),
                                          ({"hf_hub_url": "org/sets", "subset": "b"}, ["README.md", "b.jsonl"])])
def test_hub_entries_of_dataset_info(train, hub, tmp_path, entry, files):
    train(**info(tmp_path, **entry))
    assert rows_read(hub, "datasets") == files, "only what is needed is fetched"


@pytest.mark.parametrize("entry, says", [({"hf_hub_url": "org/rows", "split": "tset"}, "Unknown split"), ({"hf_hub_url": "org/rows", "subset": "x"}, "no subset 'x'"),
                                         ({"hf_hub_url": "org/sets"}, "give subset: one of a, b"), ({"hf_hub_url": "org/rows", "folder": "none"}, "no data files in folder none"),
                                         ({"hf_hub_url": "org/nothing"}, "was not found"), ({"hf_hub_url": "../x"}, "not the name of a repository"),
                                         ({"om_hub_url": "org/rows"}, "Modelers"), ({"hf_hub_url": "org/script"}, "scripts are never run")])
def test_what_cannot_be_read(train, hub, tmp_path, entry, says):
    error = train(**info(tmp_path, **entry), ok=False)
    assert says in error and "dataset far" in error


def test_remote_description(train, hub):
    train(dataset="far", dataset_dir="REMOTE:org/rows")
    assert rows_read(hub, "datasets") == ["dataset_info.json", "test.jsonl"]
    assert "Undefined dataset near" in train(dataset="near", dataset_dir="REMOTE:org/rows", ok=False)
    assert "REMOTE:org/sets" in train(dataset="near", dataset_dir="REMOTE:org/sets", ok=False)


def test_scripts_are_read_from_the_parquet_conversion(train, hub, tmp_path):
    pa = pytest.importorskip("pyarrow")
    import pyarrow.parquet as pq
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(ROWS), sink)
    hub.add("dataset", "org/script", {"default/train/0000.parquet": sink.getvalue()}, lfs=["default/train/0000.parquet"], revision="refs/convert/parquet")
    assert "its Parquet conversion is read" in train(**info(tmp_path, hf_hub_url="org/script"))


def test_model_scope(train, hub, tmp_path):
    env = {"USE_MODELSCOPE_HUB": "1"}
    train(**info(tmp_path, hf_hub_url="org/nothing", ms_hub_url="org/rows", split="test"), env=env)
    assert (tmp_path / "ms/models/org--demo/snapshots/master/config.json").exists() and (tmp_path / "ms/datasets/org--rows/snapshots/master/test.jsonl").exists()
    base = json.loads((tmp_path / "out" / "adapter_config.json").read_text())["base_model_name_or_path"]
    assert base == str(tmp_path / "ms/models/org--demo/snapshots/master"), "as upstream, which no other hub's client could resolve"
    train(dataset="org/rows", dataset_dir="ONLINE", env=env)
    train(dataset="far", dataset_dir="REMOTE:org/rows", env=env)


def test_data_command_with_a_model_of_a_hub(run, hub, tmp_path):
    shown = run("data", "preview", "--dataset", "org/rows", "--dataset_dir", "ONLINE", "--model", "org/demo", "--template", "chatml", "--rows", "1:1", env=environment(hub, tmp_path))
    assert "What is 0 and 0?" in shown.stdout
    assert not [r for r in hub.log if "model.safetensors" in r["path"]], "a preview needs no weights"
