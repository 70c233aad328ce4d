"""add_tokens, add_special_tokens, new_special_tokens_config, split_special_tokens and tokenizer_reading in train, chat, export and data. The
demo model has 63 spare rows in its embedding."""
import json, shutil

import pytest


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


def test_tokens_beyond_the_embedding_are_refused_by_name(train):
    result = train(ok=False, add_special_tokens=",".join(f"<t{i}>" for i in range(64)))
    assert result.returncode == 78
    assert "add_special_tokens: '<t63>' gets the id 1408, but the model's embedding has 1408 rows" in result.stderr and "resize_vocab" in result.stderr


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
    result = preview(run, place, "add_special_tokens=" + ",".join(f"<t{i}>" for i in range(64)), ok=False)
    assert result.returncode == 78 and "the model's embedding has 1408 rows" in result.stderr
    (place / "new.yaml").write_text("- a\n")
    result = preview(run, place, "new_special_tokens_config=new.yaml", ok=False)
    assert result.returncode == 65 and "needs a mapping of tokens to descriptions" in result.stderr
