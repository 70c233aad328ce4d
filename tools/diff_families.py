#!/usr/bin/env python3
"""Full tuning of every family with the reference LLaMA-Factory and with ours, compared step by step (shared tools/diff_train.py).

usage: diff_families.py --oracle PATH/llamafactory-oracle --shared ../shared --models DIR [--ours CLI] [--steps 5] [NAME ...]
DIR holds models made by shared tools/make_train_models.py. Two programs draw different random numbers, so dropout of a
configuration is set to 0 in a copy of the model. The reference asks gpt_oss for a CUDA kernel; here it runs with eager
attention. Exit status 1 when any family differs."""
import argparse, json, os, pathlib, shutil, sys, tempfile

from diff_matrix import compare

SETTINGS = dict(stage="sft", do_train=True, finetuning_type="full", template="qwen", dataset="identity,alpaca_en_demo", cutoff_len=128, max_samples=40,
                learning_rate=1e-3, per_device_train_batch_size=4, lr_scheduler_type="linear", overwrite_cache=True)
DROPOUTS = ("attn_pdrop", "embd_pdrop", "resid_pdrop", "dropout", "attention_dropout", "residual_dropout", "hidden_dropout", "activation_dropout",
            "embedding_dropout", "embed_dropout", "resid_dropout")
EAGER = """#!{python}
import os
os.environ.setdefault("DISABLE_VERSION_CHECK", "1")
import llamafactory.model.model_utils.attention as attention
import llamafactory.model.patcher as patcher
attention.configure_attn_implementation = patcher.configure_attn_implementation = lambda *a, **k: None
from llamafactory.cli import main
main()
"""


def without_dropout(model, folder):
    """The model itself where it has none, else a copy; and the names of what was set to 0."""
    config = json.loads((model / "config.json").read_text())
    found = [key for key in DROPOUTS if config.get(key)]
    if not found:
        return model, found
    copy = folder / model.name
    shutil.copytree(model, copy)
    (copy / "config.json").write_text(json.dumps({**config, **{key: 0.0 for key in found}}))
    return copy, found


def run_family(model, args, folder):
    model, dropouts = without_dropout(model, folder)
    oracle = args.oracle
    if json.loads((model / "config.json").read_text())["model_type"] == "gpt_oss":
        oracle = str(folder / "eager")
        pathlib.Path(oracle).write_text(EAGER.format(python=pathlib.Path(args.oracle).resolve().parent / "python"))
        os.chmod(oracle, 0o755)
    config = {**SETTINGS, "max_steps": args.steps, "model_name_or_path": str(model), "dataset_dir": str(pathlib.Path(args.shared).resolve() / "data")}
    return compare(model.name, config, oracle, args, folder, f" (without {', '.join(dropouts)})" if dropouts else "")


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--oracle", required=True)
    p.add_argument("--shared", default="../shared")
    p.add_argument("--models", required=True)
    p.add_argument("--ours", default="build/release/bin/llamafactory-cli")
    p.add_argument("--steps", type=int, default=5)
    p.add_argument("names", nargs="*")
    args = p.parse_args()
    args.ours, args.oracle = os.path.abspath(args.ours), os.path.abspath(args.oracle)
    names, same = args.names or sorted(os.listdir(args.models)), 0
    for name in names:
        with tempfile.TemporaryDirectory() as folder:
            same += run_family(pathlib.Path(args.models).resolve() / name, args, pathlib.Path(folder))
    print(f"{same} of {len(names)} families without a difference")
    sys.exit(0 if same == len(names) else 1)


if __name__ == "__main__":
    main()
