"""The `tokenizer` command from outside: its input rules and errors; ids against the reference libraries on random texts; saved
folders in transformers."""
import base64, json, os, pathlib, random, shutil, subprocess

import pytest

FIXTURES = pathlib.Path(__file__).resolve().parents[1] / "fixtures" / "tokenizers"
PLAIN = FIXTURES / "byte_level"
ALPHABETS = ["abcdefghij  ", "ABCxyz .,!?'\n\t", "0123456789 ", "é\u0301\u0308äßÅﬁ①ｱ", "你好世界，。 ", "\u00a0\u3000\u200b\u2581 a", "🙂👍🏽\u200d👩 ", "한국어العربيةहिन्दी", "<s></s><unk><0x41>[INST]", "\0\x01\x7f\x85 a"]


def texts(count, seed, sizes=(1, 8, 40, 300)):
    rng = random.Random(seed)
    out = []
    for _ in range(count):
        parts = [rng.choice(ALPHABETS) for _ in range(rng.randint(1, 3))]
        out.append("".join(rng.choice(rng.choice(parts)) for _ in range(rng.choice(sizes))))
    return out


def encode(run, model, lines, *flags):
    given = "".join(json.dumps({"text": t}) + "\n" for t in lines)
    result = run("tokenizer", "encode", "--model", model, "--no-special-tokens", "--jsonl", *flags, input=given)
    return [json.loads(line)["ids"] for line in result.stdout.splitlines()]


def decode(run, model, ids, *flags):
    given = "".join(json.dumps({"ids": i}) + "\n" for i in ids)
    return [json.loads(line)["text"] for line in run("tokenizer", "decode", "--model", model, *flags, input=given).stdout.split("\n") if line]


def unpack(shared, relative, folder):
    import zstandard
    path = shared / "tokenizers" / relative
    target = folder / path.name
    folder.mkdir(exist_ok=True)
    if path.exists():
        shutil.copyfile(path, target)
    else:
        target.write_bytes(zstandard.ZstdDecompressor().decompress(pathlib.Path(str(path) + ".zst").read_bytes(), max_output_size=1 << 28))
    return target


def test_text_lines_keep_their_order_and_empty_lines(run, tmp_path):
    lines = [f"line {i} é" if i % 3 else "" for i in range(5000)]
    (tmp_path / "in.txt").write_text("\n".join(lines) + "\n")
    out = run("tokenizer", "encode", PLAIN, "--input", tmp_path / "in.txt", "--threads", 3).stdout.splitlines()
    assert len(out) == 5000 and json.loads(out[0]) == {"ids": []}
    (tmp_path / "ids.jsonl").write_text("\n".join(out))
    back = run("tokenizer", "decode", PLAIN, "--input", tmp_path / "ids.jsonl").stdout.splitlines()
    assert [json.loads(b)["text"] for b in back] == lines


@pytest.mark.parametrize("given, flags, expected", [
    ('{"text": "a"}\n', [], 1), ('{"text": "a"}\n', ["--text"], 13), ("a\r\nb", [], 2), ('{"text": "\\u4f60"}', ["--jsonl"], None)])
def test_how_the_input_is_read(run, given, flags, expected):
    out = run("tokenizer", "encode", PLAIN, *flags, input=given).stdout.splitlines()
    ids = [json.loads(line)["ids"] for line in out]
    if expected is not None:
        assert sum(map(len, ids)) == expected
    assert all(line.startswith('{"ids": [') and line.endswith("]}") for line in out)


@pytest.mark.parametrize("action, given, status, message", [
    ("encode", '{"text": "a"}\n{"text": 5}\n', 65, '<stdin>:2: needed an object with "text"'),
    ("encode", '{"text": "a"}\n\n{"text": }\n', 65, "<stdin>:2:"),
    ("decode", '{"ids": [1]}\n{"ids": [1.5]}\n', 65, "<stdin>:2: ids[0] is not a token id"),
    ("decode", '{"ids": "x"}\n', 65, "<stdin>:1: needed"),
    ("decode", '{"ids": [99999999999]}\n', 65, "<stdin>:1: ids[0] is not a token id")])
def test_bad_lines_are_named_after_the_good_ones_are_written(run, action, given, status, message):
    result = run("tokenizer", action, PLAIN, input=given, ok=False)
    assert result.returncode == status and message in result.stderr
    assert len(result.stdout.splitlines()) == (0 if "<stdin>:1" in message else 1)


@pytest.mark.parametrize("args, message", [
    ([], "what shall be done?"), (["enkode"], "did you mean encode?"), (["encode"], "which tokenizer?"), (["encode", "--model"], "--model needs a value"),
    (["encode", "m", "--json"], "'--json' is not an option"), (["encode", "m", "--jsonl", "--text"], "exclude each other"),
    (["info", "m", "--threads", "2"], "'--threads' is not an option"), (["encode", "m", "--threads=0"], "--threads must be a number"),
    (["encode", "m", "--reading", "six"], "not as 'six'"), (["save", "m"], "which folder?")])
def test_wrong_arguments(run, args, message):
    result = run("tokenizer", *args, ok=False)
    assert result.returncode == 78 and message in result.stderr


def test_help_and_info(run):
    assert "--no-special-tokens" in run("tokenizer", "--help").stdout
    info = json.loads(run("tokenizer", "info", "--json", FIXTURES / "byte_fallback").stdout)
    assert info["kind"] == "tokenizer.json" and info["special_tokens"]["bos"] == {"token": "<s>", "id": 1} and info["add_bos_token"]
    assert "chat template: no" in run("tokenizer", "info", FIXTURES / "byte_fallback").stdout


def test_offsets_and_tokens(run):
    line = run("tokenizer", "encode", PLAIN, "--tokens", "--offsets", input="hé y\n").stdout
    row = json.loads(line)
    assert len(row["ids"]) == len(row["tokens"]) == len(row["offsets"]) and row["offsets"][-1] == [3, 4]


def test_answers_line_by_line_and_survives_a_reader_that_leaves(cli):
    process = subprocess.Popen([str(cli), "tokenizer", "encode", str(PLAIN)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    process.stdin.write("hello\n")
    process.stdin.flush()
    assert json.loads(process.stdout.readline())["ids"]
    process.stdout.close()
    try:
        process.stdin.write("hello\n" * 100000)
        process.stdin.close()
    except BrokenPipeError:
        pass
    process.wait(timeout=60)
    assert process.stderr.read() == ""


def test_small_sentencepiece_models_on_random_texts(run):
    sentencepiece = pytest.importorskip("sentencepiece")
    for path in sorted((FIXTURES / "sentencepiece").glob("*.model")):
        p = sentencepiece.SentencePieceProcessor(model_file=str(path))
        lines = texts(400, path.name)
        ids = [p.encode(t) for t in lines]
        assert encode(run, path, lines) == ids, path.name
        assert decode(run, path, ids) == [p.decode(i) for i in ids], path.name


@pytest.mark.parametrize("name", ["llama2/tokenizer.model", "mistral-v3/tokenizer.model.v3", "chatglm-6b/ice_text.model", "t5-sp/spiece.model",
                                  "bpemb-en-100k/en.wiki.bpe.vs100000.model", "internlm/tokenizer.model"])
def test_published_sentencepiece_models_on_random_texts(run, shared, tmp_path, name):
    sentencepiece = pytest.importorskip("sentencepiece")
    path = unpack(shared, name, tmp_path / "m")
    p = sentencepiece.SentencePieceProcessor(model_file=str(path))
    lines = texts(1500, name)
    ids = [p.encode(t) for t in lines]
    ours = encode(run, path, lines)
    assert [(t, a, b) for t, a, b in zip(lines, ours, ids) if a != b][:3] == []
    assert decode(run, path, ids) == [p.decode(i) for i in ids]


@pytest.mark.parametrize("name", ["cl100k_base/cl100k_base.tiktoken", "p50k_base/p50k_base.tiktoken", "o200k_base/o200k_base.tiktoken", "qwen/qwen.tiktoken"])
def test_published_tiktoken_files_on_random_texts(run, shared, tmp_path, name):
    tiktoken = pytest.importorskip("tiktoken")
    path = unpack(shared, name, tmp_path / "m")
    spec = json.loads((shared / "tokenizers" / name).with_name("tiktoken_spec.json").read_text())
    ranks = {base64.b64decode(a): int(b) for a, b in (line.split() for line in path.read_bytes().splitlines())}
    enc = tiktoken.Encoding("x", pat_str=spec["pat_str"], mergeable_ranks=ranks, special_tokens=spec["special_tokens"])
    lines = texts(1500, name)
    ours = encode(run, path, lines)
    expected = [enc.encode(t, allowed_special="all") for t in lines]
    assert [(t, a, b) for t, a, b in zip(lines, ours, expected) if a != b][:3] == []


@pytest.mark.parametrize("name", ["clip", "deepseek-llm", "deepseek-v3", "falcon", "gemma", "gpt-neox-20b", "gpt2", "llama2", "llama3", "midi-wordlevel", "minilm-l6",
                                  "phi-2", "phi-3-mini", "qwen2.5", "roberta-base", "starcoder", "t5-small", "whisper-large-v3"])
def test_published_tokenizer_files_on_random_texts(run, shared, tmp_path, name):
    tokenizers = pytest.importorskip("tokenizers")
    path = unpack(shared, f"{name}/tokenizer.json", tmp_path / "m")
    reference = tokenizers.Tokenizer.from_file(str(path))
    reference.no_padding(), reference.no_truncation()
    lines = texts(500, name)
    expected = [reference.encode(t, add_special_tokens=False) for t in lines]
    given = "".join(json.dumps({"text": t}) + "\n" for t in lines)
    result = run("tokenizer", "encode", "--model", path, "--no-special-tokens", "--jsonl", "--offsets", input=given)
    ours = [json.loads(line) for line in result.stdout.splitlines()]
    rows = [(t, o["ids"], o["offsets"], e.ids, [list(pair) for pair in e.offsets]) for t, o, e in zip(lines, ours, expected, strict=True)]
    assert [row for row in rows if row[1:3] != row[3:]][:3] == []
    ids = [e.ids for e in expected]
    assert decode(run, path, ids) == [reference.decode(i, skip_special_tokens=False) for i in ids]


SAVED = {
    "tokenizer.json": ["qwen2.5/tokenizer.json", "qwen2.5/tokenizer_config.json"],
    "llama3": ["llama3/tokenizer.json", "llama3/tokenizer_config.json"],
    "gemma": ["gemma/tokenizer.json", "gemma/tokenizer_config.json"],
    "tiktoken": ["qwen/qwen.tiktoken"],
    "cl100k": ["cl100k_base/cl100k_base.tiktoken"],
    "tekken": ["tekken/tekken.json"],
    "sentencepiece": ["mistral-v1/tokenizer.model"],
    "llama model": ["llama2/tokenizer.model", "llama2/tokenizer_config.json"],
    "bpe files": ["opt/vocab.json", "opt/merges.txt"],
    "vocab.txt": ["minilm-l6/vocab.txt", "minilm-l6/tokenizer_config.json"],
}


@pytest.mark.parametrize("kind", SAVED)
def test_saved_folders_load_in_transformers_with_the_same_ids(run, shared, tmp_path, kind):
    transformers = pytest.importorskip("transformers")
    for relative in SAVED[kind]:
        unpack(shared, relative, tmp_path / "m")
    reading = "as_written" if kind not in ("llama model", "gemma") else "transformers5"
    lines = [t for t in texts(300, kind) if "\0" not in t and not t.startswith("\u2581")]
    if kind == "sentencepiece":  # the library never finds control pieces in text, transformers always does
        lines = [t for t in lines if not any(c in t for c in ("<s>", "</s>", "<unk>"))]
    before = encode(run, tmp_path / "m", lines, "--reading", reading)
    run("tokenizer", "save", "--model", tmp_path / "m", "--output", tmp_path / "s", "--reading", reading, "--add-special-tokens", "<|new|>,<爱>", "--add-tokens", "zebra fish", "--eos", "<|fin|>")
    t = transformers.AutoTokenizer.from_pretrained(tmp_path / "s")
    theirs = [t.encode(x, add_special_tokens=False) for x in lines]
    assert [(x, a, b) for x, a, b in zip(lines, theirs, before) if a != b][:3] == []
    with_new = ["a<|new|>b", "x <爱>", "the zebra fish", "end<|fin|>"]
    ours = encode(run, tmp_path / "s", with_new, "--reading", reading)
    assert [t.encode(x, add_special_tokens=False) for x in with_new] == ours
    assert t.eos_token == "<|fin|>" and len(t) == json.loads(run("tokenizer", "info", "--json", tmp_path / "s").stdout)["size"]
    if kind != "tekken":  # whose special tokens are never found in text
        assert t.convert_tokens_to_ids("<|fin|>") == ours[3][-1] >= len(t) - 4


def test_readings_agree_with_the_installed_transformers(run, shared, tmp_path):
    """A Llama folder with only tokenizer.model, and one with a tokenizer.json, as transformers 5 reads them."""
    transformers = pytest.importorskip("transformers")
    if not transformers.__version__.startswith("5."):
        pytest.skip("transformers 5 is needed")
    for files in (["llama2/tokenizer.model", "llama2/tokenizer_config.json"], ["phi-3-mini/tokenizer.json", "phi-3-mini/tokenizer_config.json"]):
        folder = tmp_path / files[0].split("/")[0]
        for relative in files:
            unpack(shared, relative, folder)
        t = transformers.AutoTokenizer.from_pretrained(folder)
        lines = texts(600, files[0])
        ours = encode(run, folder, lines, "--reading", "transformers5")
        theirs = [t.encode(x, add_special_tokens=False) for x in lines]
        assert [(x, a, b) for x, a, b in zip(lines, ours, theirs) if a != b][:3] == []
