"""add_tokens, add_special_tokens, new_special_tokens_config and split_special_tokens in train, chat and export. The demo model has 63 spare
rows in its embedding."""
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
        (place / "c.json").write_text(json.dumps(config))
        return run("train", "c.json", ok=ok, cwd=place)

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
