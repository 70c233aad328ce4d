"""Our safetensors reader and writer against the official library: same bytes out, same tensors in, same refusals (and where ours is
stricter, that is listed here)."""
import hashlib, json, os, pathlib, struct, subprocess

import pytest

torch = pytest.importorskip("torch")
safetensors_torch = pytest.importorskip("safetensors.torch")
from safetensors import SafetensorError, safe_open

PROBE = pathlib.Path(os.environ.get("LF_CLI", pathlib.Path(__file__).resolve().parents[2] / "build/release/bin/llamafactory-cli")).parent / "safetensors_probe"

DTYPES = [torch.bool, torch.uint8, torch.int8, torch.int16, torch.uint16, torch.int32, torch.uint32, torch.int64, torch.uint64,
          torch.float16, torch.bfloat16, torch.float32, torch.float64, torch.complex64, torch.float8_e4m3fn, torch.float8_e5m2]


def probe(*args):
    assert PROBE.exists(), f"{PROBE} is missing"
    return subprocess.run([str(PROBE), *map(str, args)], capture_output=True, text=True, errors="replace", timeout=60,
                          env={**os.environ, "OMP_NUM_THREADS": "1"})


def raw_bytes(tensor):
    return tensor.contiguous().reshape(-1).view(torch.uint8).numpy().tobytes() if tensor.numel() else b""


@pytest.fixture
def tensors():
    torch.manual_seed(0)
    made = {f"t.{str(dtype)[6:]}": torch.randint(0, 2, (3, 5)).to(torch.float32).to(dtype) for dtype in DTYPES}
    made["z.nan"] = torch.tensor([float("nan"), -0.0, float("inf")])
    made["a.empty"] = torch.zeros(0, 7)
    made["a.scalar"] = torch.tensor(1.5)
    made["naïve/名\n\"x\""] = torch.arange(5)
    return made


def test_files_of_the_official_library_read_with_the_same_bytes(tmp_path, tensors):
    path = tmp_path / "x.safetensors"
    safetensors_torch.save_file(tensors, path, {"format": "pt"})
    result = probe("list", path)
    assert result.returncode == 0, result.stdout
    rows = {row["name"]: row for row in map(json.loads, result.stdout.splitlines())}
    assert rows.keys() == tensors.keys()
    for name, tensor in tensors.items():
        assert rows[name]["shape"] == list(tensor.shape)
        assert rows[name]["sha256"] == hashlib.sha256(raw_bytes(tensor)).hexdigest(), name


def test_our_files_are_those_of_the_official_library_byte_for_byte(tmp_path, tensors):
    path, copy = tmp_path / "x.safetensors", tmp_path / "y.safetensors"
    safetensors_torch.save_file(tensors, path, {"format": "pt"})
    result = probe("rewrite", path, copy)
    assert result.returncode == 0, result.stdout
    assert copy.read_bytes() == path.read_bytes()


def test_our_files_load_in_python_bit_for_bit(tmp_path, tensors):
    path, copy = tmp_path / "x.safetensors", tmp_path / "y.safetensors"
    safetensors_torch.save_file(tensors, path)
    assert probe("rewrite", path, copy).returncode == 0
    with safe_open(copy, "pt") as file:
        assert set(file.keys()) == tensors.keys()
        for name, tensor in tensors.items():
            assert raw_bytes(file.get_tensor(name)) == raw_bytes(tensor), name


def test_golden_files_are_rewritten_byte_for_byte(shared, tmp_path):
    files = sorted((shared / "golden/data/models").glob("*/model.safetensors"))[:12]
    files += sorted((shared / "golden/data/forward").glob("*.safetensors"))[:6]
    for path in files:
        assert probe("rewrite", path, tmp_path / "copy.safetensors").returncode == 0
        assert (tmp_path / "copy.safetensors").read_bytes() == path.read_bytes(), path


def build(header, data=b"", length=None):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + data


def tensor(dtype="U8", shape=(1,), offsets=(0, 1), **more):
    return {"dtype": dtype, "shape": list(shape), "data_offsets": list(offsets), **more}


BOTH_REFUSE = {
    "empty file": b"",
    "seven bytes": b"1234567",
    "only a length": struct.pack("<Q", 2),
    "length above file": build(b"{}", length=3),
    "length above limit": build(b"{}", length=100_000_001),
    "length of 64 bits": build(b"{}", length=2**64 - 1),
    "not JSON": build(b"{nope}"),
    "cut JSON": build(b'{"a":{"dtype":"U8"'),
    "bad UTF-8": build(b'{"\xff":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}', b"x"),
    "lone surrogate": build(b'{"\\ud800":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}', b"x"),
    "list": build(b"[]"),
    "hole at start": build({"a": tensor(offsets=(1, 2))}, b"xx"),
    "hole inside": build({"a": tensor(), "b": tensor(offsets=(2, 3))}, b"xxx"),
    "overlap": build({"a": tensor(shape=(2,), offsets=(0, 2)), "b": tensor(shape=(2,), offsets=(1, 3))}, b"xxx"),
    "same bytes twice": build({"a": tensor(), "b": tensor()}, b"x"),
    "truncated data": build({"a": tensor("F32", (4,), (0, 16))}, b"x" * 15),
    "trailing data": build({"a": tensor("F32", (4,), (0, 16))}, b"x" * 17),
    "data without tensors": build({}, b"x"),
    "shape too small": build({"a": tensor("F32", (3,), (0, 16))}, b"x" * 16),
    "shape too large": build({"a": tensor("F32", (5,), (0, 16))}, b"x" * 16),
    "product overflow": build({"a": tensor(shape=(2**32, 2**32), offsets=(0, 0))}),
    "size overflow": build({"a": tensor("F32", (2**62,), (0, 0))}),
    "negative dimension": build({"a": tensor(shape=(-1,))}, b"x"),
    "negative offset": build({"a": tensor(offsets=(-1, 0))}),
    "backward offsets": build({"a": tensor(shape=(0,), offsets=(1, 0))}, b"x"),
    "float dimension": build(b'{"a":{"dtype":"U8","shape":[1.0],"data_offsets":[0,1]}}', b"x"),
    "dimension of 65 bits": build(b'{"a":{"dtype":"U8","shape":[18446744073709551616],"data_offsets":[0,1]}}', b"x"),
    "unknown dtype": build({"a": tensor("X8")}, b"x"),
    "missing dtype": build({"a": {"shape": [1], "data_offsets": [0, 1]}}, b"x"),
    "missing shape": build({"a": {"dtype": "U8", "data_offsets": [0, 1]}}, b"x"),
    "missing offsets": build({"a": {"dtype": "U8", "shape": [1]}}, b"x"),
    "three offsets": build({"a": tensor(offsets=(0, 1, 1))}, b"x"),
    "same field twice": build(b'{"a":{"dtype":"U8","dtype":"U8","shape":[1],"data_offsets":[0,1]}}', b"x"),
    "number in metadata": build({"__metadata__": {"a": 1}}),
    "text after JSON": build(b"{}x"),
    "NUL after JSON": build(b"{}\0"),
    "deep": build(b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}"),
    "deep field": build(b'{"a":{"x":' + b"[" * 200 + b"]" * 200 + b',"dtype":"U8","shape":[1],"data_offsets":[0,1]}}', b"x"),
}

ONLY_WE_REFUSE = {
    "same name twice": build(b'{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}', b"x"),
    "leading space": build(b" {}"),
    "empty name": build({"": tensor()}, b"x"),
    "sixty-five dimensions": build({"a": tensor(shape=(1,) * 65)}, b"x"),
}

BOTH_ACCEPT = {
    "no tensors": build({}),
    "trailing spaces": build(b"{}      "),
    "scalar": build({"a": tensor(shape=())}, b"x"),
    "empty tensors": build({"a": tensor(shape=(0, 3), offsets=(0, 0)), "b": tensor(shape=(0,), offsets=(0, 0))}),
    "unknown field": build({"a": tensor(extra="x")}, b"x"),
    "odd names": build({"../../x": tensor(), "a\u0001b": tensor(offsets=(1, 2))}, b"xx"),
    "fields in another order": build(b'{"a":{"data_offsets":[0,1],"shape":[1],"dtype":"U8"}}', b"x"),
    "unsorted tensors": build({"b": tensor(offsets=(1, 2)), "a": tensor()}, b"xx"),
    "misaligned": build({"a": tensor(), "b": tensor("F32", (1,), (1, 5))}, b"x" * 5),
}


def python_accepts(path):
    try:
        with safe_open(path, "pt") as file:
            list(file.keys())
        return True
    except (SafetensorError, OSError, ValueError, OverflowError):
        return False


@pytest.mark.parametrize("cases, ours, theirs", [(BOTH_REFUSE, False, False), (ONLY_WE_REFUSE, False, True), (BOTH_ACCEPT, True, True)],
                         ids=["both refuse", "only we refuse", "both accept"])
def test_accepts_and_refuses_as_the_official_library(tmp_path, cases, ours, theirs):
    assert len(BOTH_REFUSE) >= 27
    for (name, path), verdict in zip(write_all(tmp_path, cases.items()), verdicts(tmp_path, len(cases))):
        assert (verdict == "ok") == ours, f"{name}: {verdict}"
        assert ours or verdict.startswith("format: "), f"{name}: {verdict}"
        assert python_accepts(path) == theirs, name


def write_all(folder, cases):
    written = []
    for i, (name, content) in enumerate(cases):
        path = folder / f"{i}.safetensors"
        path.write_bytes(content)
        written.append((name, path))
    return written


def verdicts(folder, count):
    result = probe("check", *(folder / f"{i}.safetensors" for i in range(count)))
    assert result.returncode == 0, result.stderr
    lines = result.stdout.splitlines()
    assert len(lines) == count
    return lines


def test_random_damage_is_judged_alike(tmp_path):
    """Bytes changed at random in a header: whatever the official library refuses, ours refuses too."""
    generator = torch.Generator().manual_seed(0)
    good = build({"__metadata__": {"format": "pt"}, "a": tensor("F32", (2, 2), (0, 16)), "b": tensor("BF16", (3,), (16, 22))}, b"\0" * 22)

    def number(below):
        return int(torch.randint(0, below, (1,), generator=generator))

    cases = []
    for _ in range(500):
        damaged = bytearray(good)
        for _ in range(1 + number(2)):
            damaged[number(len(good) - 22)] = number(256)
        cases.append((bytes(damaged), bytes(damaged)))
    for (content, path), verdict in zip(write_all(tmp_path, cases), verdicts(tmp_path, len(cases))):
        if verdict == "ok":
            assert python_accepts(path), content
