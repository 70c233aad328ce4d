"""Files that the Python libraries write are read as they read them, and what we write they read."""
import gzip, http.server, json, threading

import pytest

datasets = pytest.importorskip("datasets")
pa = pytest.importorskip("pyarrow")
import pyarrow.parquet as pq


@pytest.fixture
def rows_of(run, tmp_path):
    """rows_of(path): the rows as our reader gives them."""

    def call(path, *args):
        out = tmp_path / "rows.jsonl"
        run("data", "convert", path, "--to", out, "--form", "rows", *args)
        return [json.loads(line) for line in out.read_text().split("\n")[:-1]]

    return call


CHATS = [
    {"conversations": [{"from": "human", "value": "Hi é"}, {"from": "gpt", "value": "Hello\nthere 😀"}], "system": "", "n": 1},
    {"conversations": [{"from": "human", "value": "x"}, {"from": "gpt", "value": ""}], "system": None, "n": None},
] * 700


def load(kind, path, tmp_path):
    return list(datasets.load_dataset(kind, data_files=str(path), split="train", cache_dir=str(tmp_path / "cache")))


def test_files_of_datasets_are_read(rows_of, tmp_path):
    data = datasets.Dataset.from_list(CHATS)
    data.to_parquet(tmp_path / "a.parquet")
    data.to_json(tmp_path / "a.jsonl", force_ascii=False)
    data.to_json(tmp_path / "a.json", lines=False, batch_size=5000)
    data.save_to_disk(tmp_path / "saved", num_shards=1)
    expected = list(data)
    for name in ["a.parquet", "a.jsonl", "a.json", "saved/data-00000-of-00001.arrow"]:
        assert rows_of(tmp_path / name) == expected, name
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress((tmp_path / "a.jsonl").read_bytes()))
    assert rows_of(tmp_path / "a.jsonl.gz") == expected
    zstandard = pytest.importorskip("zstandard")
    (tmp_path / "a.jsonl.zst").write_bytes(zstandard.ZstdCompressor().compress((tmp_path / "a.jsonl").read_bytes()))
    assert rows_of(tmp_path / "a.jsonl.zst") == expected


def test_cache_files_of_datasets_are_read(rows_of, tmp_path):
    (tmp_path / "a.jsonl").write_text("\n".join(json.dumps(row) for row in CHATS))
    data = datasets.load_dataset("json", data_files=str(tmp_path / "a.jsonl"), split="train", cache_dir=str(tmp_path / "cache"))
    [cache] = [f["filename"] for f in data.cache_files]
    assert rows_of(cache) == list(data)


@pytest.mark.parametrize("options", [{"compression": "snappy"}, {"compression": "gzip"}, {"compression": "brotli"}, {"compression": "lz4"},
                                     {"use_dictionary": False}, {"version": "1.0"}, {"data_page_version": "2.0"}, {"row_group_size": 100}])
def test_parquet_of_every_make_is_read(rows_of, tmp_path, options):
    pq.write_table(pa.Table.from_pylist(CHATS), tmp_path / "a.parquet", **options)
    assert rows_of(tmp_path / "a.parquet") == CHATS


def test_arrow_types_become_json(rows_of, tmp_path):
    import datetime, decimal

    table = pa.table({
        "large": pa.array(["a", None], pa.large_string()), "view": pa.array(["b", "longer than twelve bytes"], pa.string_view()),
        "coded": pa.array(["x", "y"]).dictionary_encode(), "half": pa.array([1.5, None], pa.float16()), "u": pa.array([2**63, 0], pa.uint64()),
        "lists": pa.array([[1, 2], []], pa.large_list(pa.int8())), "pair": pa.array([[1, 2], [3, 4]], pa.list_(pa.int32(), 2)),
        "map": pa.array([[("k", 1)], []], pa.map_(pa.string(), pa.int64())), "deep": pa.array([{"a": [{"b": True}]}, None]),
        "day": pa.array([datetime.date(2024, 2, 29), None]), "time": pa.array([datetime.datetime(2024, 2, 29, 1, 2, 3), None], pa.timestamp("s")),
        "money": pa.array([decimal.Decimal("1.50"), None]), "none": pa.nulls(2)})
    expected = [
        {"large": "a", "view": "b", "coded": "x", "half": 1.5, "u": 2**63, "lists": [1, 2], "pair": [1, 2], "map": [["k", 1]],
         "deep": {"a": [{"b": True}]}, "day": "2024-02-29", "time": "2024-02-29 01:02:03", "money": "1.50", "none": None},
        {"large": None, "view": "longer than twelve bytes", "coded": "y", "half": None, "u": 0, "lists": [], "pair": [3, 4], "map": [],
         "deep": None, "day": None, "time": None, "money": None, "none": None}]
    for name, new in [("file.arrow", pa.ipc.new_file), ("stream.arrow", pa.ipc.new_stream)]:
        with new(str(tmp_path / name), table.schema) as writer:
            writer.write_table(table)
        assert rows_of(tmp_path / name) == expected, name
    for codec in ["lz4", "zstd"]:
        with pa.ipc.new_stream(str(tmp_path / "c.arrow"), table.schema, options=pa.ipc.IpcWriteOptions(compression=codec)) as writer:
            writer.write_table(table)
        assert rows_of(tmp_path / "c.arrow") == expected, codec


CSV = ["a,b\n1,x\n2,y\n", "a,b\n1,x\n,y\n", "a\n1.5\n2\n", "a,b\nTrue,yes\nFalse,no\n", "a\nTrue\n\n", "a,b\n007,1e3\n8,2\n", "a,b\nNA,null\nnan,None\n",
       'q,t\n"x, ""y""\nz",1\n', "a,a,\n1,2,3\n", 'a,b\n"1","2"\n', "a,b\n 1 ,+2\n", "a,b\n1\n2,3\n", "\ufeffa,b\n1,2\n", "a,b\r\n1,2\r\n3,4\r\n", "a,b\n9223372036854775808,1\n",
       'a,b\nx"y,"z"w\n', "a,b\n-inf,1\n2.5,2\n", "a\ntrue\nfalse\n", "a,b\n1_000,0x10\n", 'a,b\n"[1, 2]","{""x"": 1}"\n', "instruction,input,output\nhi,,3\nyo,5,four\n"]


@pytest.mark.parametrize("text", CSV)
def test_csv_has_the_values_that_datasets_gives(rows_of, tmp_path, text):
    (tmp_path / "a.csv").write_bytes(text.encode())
    assert rows_of(tmp_path / "a.csv") == load("csv", tmp_path / "a.csv", tmp_path)


@pytest.mark.parametrize("text", ["one\ntwo\n", "one\r\n\r\ntwo", "a\rb\n\nc\n", "\n", "x\u2028y\u0085z\n"])
def test_lines_of_text_are_those_of_datasets(rows_of, tmp_path, text):
    (tmp_path / "a.txt").write_bytes(text.encode())
    assert rows_of(tmp_path / "a.txt") == load("text", tmp_path / "a.txt", tmp_path)


def test_what_we_write_the_libraries_read(run, tmp_path):
    (tmp_path / "a.json").write_text(json.dumps(CHATS))
    expected = [{k: v for k, v in row.items()} for row in CHATS]
    for name, kind in [("b.parquet", "parquet"), ("b.arrow", "arrow"), ("b.jsonl", "json"), ("b.json", "json")]:
        run("data", "convert", tmp_path / "a.json", "--to", tmp_path / name, "--form", "rows")
        assert load(kind, tmp_path / name, tmp_path) == expected, name


def test_addresses_of_arrow_file_systems(run, rows_of, tmp_path):
    (tmp_path / "d").mkdir()
    for i, name in enumerate(["a.jsonl", "b.jsonl"]):
        (tmp_path / "d" / name).write_text(json.dumps({"instruction": str(i), "output": "x"}) + "\n")
    assert [row["instruction"] for row in rows_of(f"file://{tmp_path}/d")] == ["0", "1"]
    info = {"cloud": {"cloud_file_name": f"file://{tmp_path}/d"}}
    (tmp_path / "dataset_info.json").write_text(json.dumps(info))
    result = run("data", "validate", "--dataset", "cloud", "--dataset_dir", tmp_path, ok=False)
    assert "2 rows" in result.stdout


def test_an_s3_server_that_is_not_there_is_an_error_without_secrets(run, tmp_path):
    address = "s3://key:verysecret@bucket/rows.jsonl?endpoint_override=127.0.0.1:9&scheme=http&region=x"
    result = run("data", "preview", address, ok=False, timeout=120, env={"AWS_EC2_METADATA_DISABLED": "true"})
    assert result.returncode == 74, result.stderr
    assert "s3://bucket/rows.jsonl" in result.stderr and "verysecret" not in result.stderr + result.stdout


class BrokenBucket(http.server.BaseHTTPRequestHandler):
    """An S3 server that knows its files and refuses to hand them out."""
    protocol_version = "HTTP/1.1"

    def do_HEAD(self):
        self.send_response(200)
        self.send_header("Content-Length", "5000")
        self.send_header("Last-Modified", "Wed, 01 Jan 2025 00:00:00 GMT")
        self.end_headers()

    def do_GET(self):
        self.send_response(403)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args):
        pass


@pytest.mark.parametrize("name", ["rows.jsonl", "rows.parquet", "rows.arrow"])
def test_a_read_that_fails_on_s3_is_no_damaged_file(run, name):
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), BrokenBucket) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"s3://key:verysecret@bucket/{name}?endpoint_override=127.0.0.1:{server.server_port}&scheme=http&region=x"
        result = run("data", "preview", address, "--formatting", "alpaca", ok=False, timeout=120, env={"AWS_EC2_METADATA_DISABLED": "true"})
        server.shutdown()
    assert result.returncode == 74, result.stderr
    assert f"s3://bucket/{name}" in result.stderr and "verysecret" not in result.stderr + result.stdout


@pytest.mark.parametrize("kind", ["parquet", "arrow"])
def test_damaged_columnar_files_are_refused_with_their_name(run, tmp_path, kind):
    table = pa.Table.from_pylist(CHATS)
    path = tmp_path / f"a.{kind}"
    if kind == "parquet":
        pq.write_table(table, path)
    else:
        with pa.ipc.new_stream(str(path), table.schema) as writer:
            writer.write_table(table)
    good = path.read_bytes()
    for i, damaged in enumerate([good[:100], good[: len(good) // 2], good[len(good) // 2 :], b"", b"PAR1", good[:-8] + b"\xff\xff\xff\x7fPAR1",
                                 good[:50] + bytes(50) + good[100:]]):
        path.write_bytes(damaged)
        result = run("data", "stats", path, ok=False)
        assert result.returncode in (0, 65, 69, 75), (i, result.returncode, result.stderr)
        assert result.returncode == 0 or path.name in result.stderr, i


def test_encrypted_parquet_is_refused(run, tmp_path):
    path = tmp_path / "a.parquet"
    pq.write_table(pa.Table.from_pylist(CHATS), path)
    path.write_bytes(path.read_bytes()[:-4] + b"PARE")
    result = run("data", "stats", path, ok=False)
    assert result.returncode == 65 and "a.parquet" in result.stderr
