"""One cache for us and the Python clients (huggingface_hub, transformers, datasets, modelscope): what one downloads, the other finds."""
import json, os, random, subprocess, sys

import pytest

from fixture_server import FixtureHub, git_sha1, sha256
from test_hub_download import environment

BIG = random.Random(11).randbytes(2_000_000)
ROWS = [{"instruction": f"question {i}", "output": f"answer {i}"} for i in range(20)]
DATASET = {"README.md": b"---\nconfigs:\n- config_name: default\n  data_files:\n  - split: train\n    path: data/train*.jsonl\n  - split: test\n    path: data/test.jsonl\n---\n# rows\n",
           "data/train-0.jsonl": "".join(json.dumps(r) + "\n" for r in ROWS[:10]).encode(),
           "data/train-1.jsonl": "".join(json.dumps(r) + "\n" for r in ROWS[10:18]).encode(),
           "data/test.jsonl": "".join(json.dumps(r) + "\n" for r in ROWS[18:]).encode()}


@pytest.fixture
def hub(demo):
    pytest.importorskip("huggingface_hub")
    with FixtureHub() as hub:
        model = {p.name: p.read_bytes() for p in demo.iterdir()}
        hub.add("model", "org/demo", model, lfs=["model.safetensors"])
        hub.add("model", "org/extra", {**model, "README.md": b"hello", "weights/part.bin": BIG}, lfs=["model.safetensors", "weights/part.bin"])
        hub.add("dataset", "org/rows", DATASET, lfs=["data/train-1.jsonl"])
        yield hub
        assert not hub.leaks, f"the token went to another host: {hub.leaks}"


@pytest.fixture
def python(hub, tmp_path):
    """python("code", OFFLINE="1") -> what the code prints, in a process of its own with the same cache."""

    def call(code, ok=True, **env):
        result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300,
                                env=environment(hub, tmp_path, HF_HUB_DISABLE_TELEMETRY="1", HF_HUB_DISABLE_XET="1", **env))
        assert (result.returncode == 0) == ok, result.stdout[-2000:] + result.stderr[-4000:]
        return result.stdout.strip().splitlines()[-1] if result.stdout.strip() else ""

    return call


@pytest.fixture
def download(cli, hub, tmp_path):
    def call(*args, **env):
        result = subprocess.run([str(cli), "download", *args], capture_output=True, text=True, env=environment(hub, tmp_path, **env), timeout=120)
        assert result.returncode == 0, result.stderr
        return result.stdout.strip()

    return call


SNAPSHOT = "from huggingface_hub import snapshot_download as s; print(s({!r}, repo_type={!r}, local_files_only=True))"


def test_model_by_us_is_found_by_huggingface_hub(download, python):
    folder = download("org/demo")
    assert python(SNAPSHOT.format("org/demo", "model")) == folder
    assert python(SNAPSHOT.format("org/demo", "model"), HF_HUB_OFFLINE="1") == folder
    code = "from huggingface_hub import try_to_load_from_cache as t, _CACHED_NO_EXIST as n; print(t('org/demo', 'vocab.txt') is n, t('org/demo', 'config.json'))"
    assert python(code) == f"True {folder}/config.json"


def test_everything_by_us_is_checked_by_huggingface_hub(download, python, hub):
    folder = download("org/extra", "--include", "*")
    code = "from huggingface_hub import HfApi; v = HfApi().verify_repo_checksums('org/extra'); print(len(v.mismatches), len(v.missing_paths), v.checked_count)"
    assert python(code) == f"0 0 {len(hub.repos['model', 'org/extra'].commits[os.path.basename(folder)])}"
    code = "from huggingface_hub import scan_cache_dir as s; r = s(); print([(x.repo_id, x.size_on_disk, x.nb_files) for x in r.repos], r.warnings)"
    total = sum(os.path.getsize(os.path.join(d, f)) for d, _, files in os.walk(folder) for f in files)
    assert python(code) == f"[('org/extra', {total}, {len(os.listdir(folder)) - 1 + 1})] []"
    before = hub.sent()
    assert python("from huggingface_hub import snapshot_download as s; print(s('org/extra'))") == folder
    assert hub.sent() == before, "nothing was fetched again"


def test_model_by_us_loads_in_transformers(download, python):
    folder = download("org/demo")
    code = """
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer
config, tokenizer = AutoConfig.from_pretrained("org/demo"), AutoTokenizer.from_pretrained("org/demo")
local = AutoTokenizer.from_pretrained(%r)
model = AutoModelForCausalLM.from_pretrained("org/demo")
print(config.model_type, tokenizer("Hello, world!").input_ids == local("Hello, world!").input_ids, model.num_parameters() > 1000)
""" % folder
    config = json.load(open(os.path.join(folder, "config.json")))
    assert python(code, HF_HUB_OFFLINE="1") == f"{config['model_type']} True True"


def test_models_by_python_are_found_by_us(download, python, hub):
    folder = python("from huggingface_hub import snapshot_download as s; print(s('org/demo'))")
    before = len(hub.log)
    assert download("org/demo", HF_HUB_OFFLINE="1") == folder and len(hub.log) == before
    sent = hub.sent()
    assert download("org/demo") == folder and hub.sent() == sent
    python("from transformers import AutoConfig as c, AutoTokenizer as t, AutoModelForCausalLM as m; [x.from_pretrained('org/extra') for x in (c, t, m)]")
    assert set(os.listdir(download("org/extra", HF_HUB_OFFLINE="1"))) >= {"config.json", "model.safetensors", "tokenizer.json"}


def test_files_by_both_in_one_snapshot(download, python):
    python("from huggingface_hub import hf_hub_download as h; h('org/extra', 'weights/part.bin'); h('org/extra', 'config.json')")
    folder = download("org/extra", "--include", "*")
    assert open(os.path.join(folder, "weights/part.bin"), "rb").read() == BIG
    assert os.readlink(os.path.join(folder, "weights/part.bin")) == f"../../../blobs/{sha256(BIG)}"


def test_locks_are_the_same(cli, hub, tmp_path):
    etag = git_sha1(hub.repos["model", "org/demo"].commits[hub.repos["model", "org/demo"].refs["main"]]["config.json"])
    lock = tmp_path / "home/hub/.locks/models--org--demo" / f"{etag}.lock"
    lock.parent.mkdir(parents=True)
    code = f"from huggingface_hub.utils import WeakFileLock as L; l = L({str(lock)!r}); l.__enter__(); print('held', flush=True); input(); l.__exit__(None, None, None)"
    holder = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert holder.stdout.readline() == "held\n"
    ours = subprocess.Popen([str(cli), "download", "org/demo"], env=environment(hub, tmp_path), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    with pytest.raises(subprocess.TimeoutExpired):
        ours.communicate(timeout=4)
    holder.communicate("\n")
    out, err = ours.communicate(timeout=60)
    assert ours.returncode == 0, err


def test_dataset_by_us_loads_in_datasets(download, python, hub):
    folder = download("org/rows", "--repo-type", "dataset")
    assert python(SNAPSHOT.format("org/rows", "dataset"), HF_HUB_OFFLINE="1") == folder
    rows = "import json; from datasets import load_dataset as l; d = l({!r}, split={!r}); print(json.dumps([dict(r) for r in d]))"
    assert json.loads(python(rows.format(folder, "train"), HF_HUB_OFFLINE="1")) == ROWS[:18]
    before = hub.sent("data/")
    assert json.loads(python(rows.format("org/rows", "test"))) == ROWS[18:]
    assert hub.sent("data/") == before and hub.sent("/cdn/") == len(DATASET["data/train-1.jsonl"]), "datasets found all files in the cache"


def test_dataset_by_python_is_found_by_us(download, python, hub):
    python("from datasets import load_dataset as l; l('org/rows')")
    before = len(hub.log)
    folder = download("org/rows", "--repo-type", "dataset", "--include", "data/*", HF_HUB_OFFLINE="1")
    assert len(hub.log) == before
    for name in ("data/train-0.jsonl", "data/train-1.jsonl", "data/test.jsonl"):
        assert open(os.path.join(folder, name), "rb").read() == DATASET[name]


# -- ModelScope ---------------------------------------------------------------------------------------------------------------
MS = "from modelscope import snapshot_download as s, dataset_snapshot_download as d; print({})"


def test_model_scope_both_ways(download, python, hub):
    pytest.importorskip("modelscope")
    folder = download("org/demo", USE_MODELSCOPE_HUB="1")
    assert python(MS.format("s('org/demo', local_files_only=True)")) == folder
    before = hub.sent()
    python(MS.format("s('org/demo')"))
    assert hub.sent() == before, "modelscope finds its hashes right and fetches nothing"
    theirs = python(MS.format("s('org/extra')"))
    before = hub.sent()
    assert download("org/extra", "--include", "*", USE_MODELSCOPE_HUB="1") == theirs and hub.sent() == before
    assert download("org/extra", USE_MODELSCOPE_HUB="1", HF_HUB_OFFLINE="1") == theirs


def test_model_scope_datasets_both_ways(download, python, hub):
    pytest.importorskip("modelscope")
    hub.add("dataset", "org/more", DATASET)
    folder = download("org/rows", "--repo-type", "dataset", USE_MODELSCOPE_HUB="1")
    before = hub.sent()
    assert python(MS.format("d('org/rows')")) == folder and hub.sent() == before
    theirs = python(MS.format("d('org/more')"))
    assert download("org/more", "--repo-type", "dataset", USE_MODELSCOPE_HUB="1", HF_HUB_OFFLINE="1") == theirs


def test_model_scope_shares_half_files_and_old_folders(download, python, hub, tmp_path):
    pytest.importorskip("modelscope")
    folder = tmp_path / "ms/models/org--extra/snapshots/master"
    (folder / "weights").mkdir(parents=True)
    (folder / "weights/part.bin.incomplete").write_bytes(BIG[:1_500_000])
    download("org/extra", "--include", "weights/*", USE_MODELSCOPE_HUB="1")
    assert (folder / "weights/part.bin").read_bytes() == BIG and hub.sent("/cdn/") == 500_000
    old = tmp_path / "ms/hub/models/org/demo"
    old.mkdir(parents=True)
    (old / "config.json").write_bytes(b"{}")
    assert download("org/demo", USE_MODELSCOPE_HUB="1") == str(old) == python(MS.format("s('org/demo')"))
