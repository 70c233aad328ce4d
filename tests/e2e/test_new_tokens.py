"""add_tokens, add_special_tokens, new_special_tokens_config, resize_vocab, split_special_tokens and tokenizer_reading in train, chat, export and
data. The demo model has 63 spare rows in its embedding."""
import json, shutil

import pytest

load_file = pytest.importorskip("safetensors.torch").load_file


@pytest.fixture
def place(tmp_path, demo):
    shutil.copytree(demo, tmp_path / "model")
    (tmp_path / "data").mkdir()
    rows = [{"instruction": f"Say <tag>{i}", "input": "", "output": f"zebrafish <tag> {i}"} for i in range(8)]
    (tmp_path / "data" / "rows.json").write_text(json.dumps(rows))
    (tmp_path / "data" / "dataset_info.json").write_text(json.dumps({"rows": {"file_name": "rows.json"}}))
    return tmp_path


@pytest.fixture
def train(place, run):
    def call(ok=True, **overrides):
        config = {"stage": "sft", "do_train": True, "finetuning_type": "lora", "template": "chatml", "dataset": "rows", "dataset_dir": "data",
                  "cutoff_len": 64, "model_name_or_path": "model", "output_dir": "out", "max_steps": 1, "report_to": "none", **overrides}
        (place / "c.yaml").write_text(json.dumps(config))
        return run("train", "c.yaml", ok=ok, cwd=place)

    return call


def ids(run, folder, text):
    return json.loads(run("tokenizer", "encode", folder, input=text + "\n").stdout)["ids"]


def test_new_tokens_are_trained_with_saved_and_exported(place, run, train):
    before = json.loads(run("tokenizer", "info", "--json", place / "model").stdout)["size"]
    shown = train(add_tokens="zebrafish, quokka", add_special_tokens="<tag>,<other>")
    assert "zebrafish" in shown.stdout
    assert len(ids(run, place / "out", "zebrafish")) == len(ids(run, place / "out", "<tag>")) == 1
    assert json.loads(run("tokenizer", "info", "--json", place / "out").stdout)["size"] == before + 4
    keys = ["template=chatml", "model_name_or_path=model", "adapter_name_or_path=out", "add_special_tokens=<tag>,<other>", "add_tokens=zebrafish,quokka"]
    (place / "e.json").write_text("{}")
    run("export", "e.json", *keys, "export_dir=merged", cwd=place)
    assert ids(run, place / "merged", "a <tag>") == ids(run, place / "out", "a <tag>")
    transformers = pytest.importorskip("transformers")
    t = transformers.AutoTokenizer.from_pretrained(place / "merged")
    assert len(t) == before + 4 and t.encode("a <tag> zebrafish") == ids(run, place / "merged", "a <tag> zebrafish")
    chat = run("chat", "e.json", *keys, "max_new_tokens=3", cwd=place, input="hi\nexit\n")
    assert "Assistant:" in chat.stdout


def test_a_file_of_special_tokens_wins(place, run, train):
    (place / "new.yaml").write_text('"<think>": start of reasoning\n"</think>": end of reasoning\n')
    result = train(new_special_tokens_config="new.yaml", add_special_tokens="<tag>")
    assert "add_special_tokens is ignored" in result.stderr
    assert len(ids(run, place / "out", "<think>")) == 1 and len(ids(run, place / "out", "<tag>")) > 1


MANY = ",".join(f"<t{i}>" for i in range(64))  # one more than there are spare rows


def test_the_embedding_grows_to_the_next_multiple_of_64_and_is_saved_with_the_adapter(place, run, train):
    shown = train(add_special_tokens=MANY).stderr
    assert "New special tokens have been added, changed `resize_vocab` to True." in shown
    assert "Resized token embeddings from 1408 to 1472." in shown
    assert "Vocab has been resized, add embed_tokens,lm_head to trainable params." in shown
    saved = load_file(place / "out" / "adapter_model.safetensors")
    assert saved["base_model.model.model.embed_tokens.weight"].shape[0] == saved["base_model.model.lm_head.weight"].shape[0] == 1472
    assert sorted(json.loads((place / "out" / "adapter_config.json").read_text())["modules_to_save"]) == ["embed_tokens", "lm_head"]

    (place / "e.json").write_text("{}")
    keys = ["template=chatml", "model_name_or_path=model", "adapter_name_or_path=out", f"add_special_tokens={MANY}"]
    run("export", "e.json", *keys, "export_dir=merged", cwd=place)
    assert json.loads((place / "merged" / "config.json").read_text())["vocab_size"] == 1472
    assert "Assistant:" in run("chat", "e.json", *keys, "max_new_tokens=3", cwd=place, input="hi <t63>\nexit\n").stdout
    merged = run("chat", "e.json", "template=chatml", "model_name_or_path=merged", "max_new_tokens=3", cwd=place, input="hi <t63>\nexit\n")
    assert "Assistant:" in merged.stdout and "Resized" not in merged.stderr

    without = run("export", "e.json", *keys[:3], "export_dir=other", ok=False, cwd=place)
    assert without.returncode == 65 and "[1472, " in without.stderr and "Give the same add_tokens, add_special_tokens" in without.stderr


def test_full_tuning_writes_the_grown_model(place, run, train):
    train(finetuning_type="full", add_special_tokens=MANY)
    config = json.loads((place / "out" / "config.json").read_text())
    weights = load_file(place / "out" / "model.safetensors")
    assert config["vocab_size"] == 1472 and weights["model.embed_tokens.weight"].shape[0] == 1472
    assert ("lm_head.weight" in weights) == (not config["tie_word_embeddings"])
    train(finetuning_type="full", model_name_or_path="out", output_dir="again")


def test_descriptions_fill_the_rows_of_their_tokens(place, run, train):
    (place / "new.yaml").write_text('"<think>": start\n"</think>": end of it\n')
    words = ids(run, place / "model", "end of it")
    result = train(new_special_tokens_config="new.yaml", init_special_tokens="desc_init", learning_rate=1e-30, additional_target="embed_tokens")
    assert "Using semantic initialization (desc_init) for new special tokens" in result.stderr
    base = load_file(place / "model" / "model.safetensors")["model.embed_tokens.weight"].float()
    rows = load_file(place / "out" / "adapter_model.safetensors")["base_model.model.model.embed_tokens.weight"].float()
    [row] = ids(run, place / "out", "</think>")
    assert row < 1408, "a spare row is used"
    assert (rows[row] - base[words].mean(0)).abs().max() < 1e-2 * base.abs().max()

    result = train(add_special_tokens="<tag>", init_special_tokens="desc_init_w_noise", output_dir="b")
    assert "Falling back to 'noise_init'" in result.stderr and "noisy mean initialization" in result.stderr


def test_a_tokenizer_that_is_longer_than_the_embedding(place, run, train):
    """Such a token is refused where it is used; the message tells sizes and the key."""
    train(add_special_tokens=MANY)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(place / "out" / name, place / "model" / name)
    shown = train(output_dir="b").stderr
    assert "the tokenizer has 1409 entries, but the model's embedding has 1408 rows: '<t63>' (id 1408) cannot be used (resize_vocab: true adds rows)" in shown
    rows = [{"instruction": "say <t63>", "input": "", "output": "no"}]
    (place / "data" / "rows.json").write_text(json.dumps(rows))
    result = train(ok=False, output_dir="c")
    assert result.returncode == 65 and "'<t63>' (id 1408) is used, but the model's embedding has 1408 rows; resize_vocab: true adds rows" in result.stderr
    assert "Resized token embeddings from 1408 to 1472." in train(resize_vocab=True, output_dir="d").stderr

    config = json.loads((place / "model" / "tokenizer_config.json").read_text())
    (place / "model" / "tokenizer_config.json").write_text(json.dumps({**config, "eos_token": "<t63>"}))
    result = train(ok=False, template="default", output_dir="e")
    assert result.returncode == 78 and "the end-of-sequence token '<t63>' (id 1408) has no row" in result.stderr
    assert "1408 rows, the tokenizer 1409 entries; resize_vocab: true adds rows" in result.stderr


def test_a_file_that_is_no_mapping(place, train):
    (place / "new.yaml").write_text("- a\n- b\n")
    result = train(ok=False, new_special_tokens_config="new.yaml")
    assert result.returncode == 65 and "needs a mapping of tokens to descriptions" in result.stderr
    result = train(ok=False, new_special_tokens_config="nowhere.yaml")
    assert result.returncode == 74 and "nowhere.yaml" in result.stderr


def test_special_tokens_are_split_when_asked(place, run, train):
    train(split_special_tokens=True)
    config = json.loads((place / "out" / "tokenizer_config.json").read_text())
    assert config["split_special_tokens"] is True
    assert len(ids(run, place / "out", "<|im_end|>")) > 1


def preview(run, place, *args, **more):
    return run("data", "preview", "data/rows.json", "--model", "model", "--template", "chatml", "--rows", "1", "--json", *args, cwd=place, **more)


def texts(run, place, *args):
    return [token["text"] for token in json.loads(preview(run, place, *args).stdout)["tokens"]]


@pytest.mark.parametrize("keys, whole, cut", [
    ([], [], ["zebrafish", "<tag>"]), (["--add_tokens", "zebrafish"], ["zebrafish"], ["<tag>"]),
    (["add_special_tokens=<tag>"], ["<tag>"], ["zebrafish"]), (["--new_special_tokens_config", "new.yaml"], ["<tag>"], ["zebrafish"]),
    (["add_special_tokens=<tag>", "--split_special_tokens"], [], ["<tag>"])])
def test_preview_shows_a_new_token_as_one(place, run, keys, whole, cut):
    (place / "new.yaml").write_text('"<tag>": a mark\n')
    shown = texts(run, place, *keys)
    assert "zebrafish" in "".join(shown) and "<tag>" in "".join(shown)
    assert [token for token in whole if token not in shown] == [] and [token for token in cut if token in shown] == []


@pytest.mark.parametrize("changes", [{"add_tokens": "zebrafish,quokka", "add_special_tokens": "<tag>"}, {"split_special_tokens": True},
                                     {"tokenizer_reading": "transformers5"}])
def test_preview_has_the_ids_of_training(place, run, train, changes):
    trained = train(**changes).stdout
    row = json.loads(run("data", "preview", "c.yaml", "--rows", "1", "--json", cwd=place).stdout)
    assert [token["id"] for token in row["tokens"]] == json.loads(trained.split("input_ids:\n")[1].split("\n")[0])


def test_data_reads_the_tokenizer_as_asked(place, run):
    config = json.loads((place / "model" / "tokenizer_config.json").read_text())
    (place / "model" / "tokenizer_config.json").write_text(json.dumps(config | {"tokenizer_class": "LlamaTokenizer"}))
    plain, read = (texts(run, place, *keys) for keys in ([], ["--tokenizer_reading", "transformers5"]))
    assert plain != read
    encoded = run("tokenizer", "encode", "model", "--reading", "transformers5", "--no-special-tokens", cwd=place, input="zebrafish\n")
    row = json.loads(preview(run, place, "--tokenizer_reading", "transformers5").stdout)
    ids = ",".join(str(token["id"]) for token in row["tokens"])
    assert ",".join(map(str, json.loads(encoded.stdout)["ids"][1:])) in ids


def test_validate_and_stats_know_new_special_tokens(place, run):
    source = ["data/rows.json", "--model", "model", "--template", "chatml"]
    report = json.loads(run("data", "validate", *source, "--json", "add_special_tokens=<tag>", cwd=place, ok=False).stdout)
    assert any("<tag>" in json.dumps(finding) for finding in report["findings"])
    plain, added = (json.loads(run("data", "stats", *source, "--json", *keys, cwd=place).stdout) for keys in ([], ["--add_tokens", "zebrafish"]))
    assert added["kept_tokens"] < plain["kept_tokens"]


def test_preview_refuses_what_training_refuses(place, run):
    (place / "new.yaml").write_text("- a\n")
    result = preview(run, place, "new_special_tokens_config=new.yaml", ok=False)
    assert result.returncode == 65 and "needs a mapping of tokens to descriptions" in result.stderr
