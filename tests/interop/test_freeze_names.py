"""freeze tuning goes by parts of parameter names, so they have to be those of transformers: for every golden model the modules that can be
named are the same, and the same choice trains the same number of parameters (found by upstream's rule on transformers' own names)."""
import json, re

import pytest

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")


def python_parameters(folder):
    config = transformers.AutoConfig.from_pretrained(folder)
    with torch.device("meta"):
        model = transformers.AutoModelForCausalLM.from_config(config)
    return dict(model.named_parameters()), config.num_hidden_layers


def modules(names):
    inner, outer = set(), set()
    for name in names:
        mark = next((m for m in (".0.", ".1.") if m in name), None)
        if mark:
            inner.add(name.split(mark)[-1].split(".")[0])
        if not re.search(r"\.\d+\.", name):
            outer.add(name.split(".")[-2])
    return inner, outer


def models(shared):
    return sorted(path for path in (shared / "golden/data/models").iterdir() if (path / "config.json").exists())


def estimate(run, tmp_path, folder, ok=True, **keys):
    given = {"model_name_or_path": folder, "stage": "pt", "do_train": True, "dataset": "none", "output_dir": tmp_path / "out",
             "finetuning_type": "freeze", "cutoff_len": 16, **keys}
    return run("estimate", *(f"{key}={str(value).lower() if isinstance(value, bool) else value}" for key, value in given.items()), "--json", ok=ok)


def choices(result):
    assert result.returncode == 78, result.stderr
    return set(re.search(r"please choose from ([^;\n]*)", result.stderr)[1].split(", "))


def test_names_and_choices_are_those_of_transformers(shared, run, tmp_path):
    different = []
    for folder in models(shared):
        parameters, layers = python_parameters(folder)
        inner, outer = modules(parameters)
        ours = choices(estimate(run, tmp_path, folder, ok=False, freeze_trainable_modules="none"))
        if ours != inner:
            different.append((folder.name, "modules of blocks", ours ^ inner))
        ours = choices(estimate(run, tmp_path, folder, ok=False, freeze_extra_modules="none"))
        if ours != outer:
            different.append((folder.name, "other modules", ours ^ outer))
        expected = sum(p.numel() for name, p in parameters.items() if f".{layers - 1}." in name and p.requires_grad)
        found = json.loads(estimate(run, tmp_path, folder, freeze_trainable_layers=1).stdout)["trainable_parameters"]
        if found != expected:
            different.append((folder.name, "trainable parameters", found, expected))
    assert not different, "\n".join(map(str, different))
