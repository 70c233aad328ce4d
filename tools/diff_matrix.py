#!/usr/bin/env python3
"""Trains many combinations with the reference LLaMA-Factory and with ours and compares them step by step (shared tools/diff_train.py).

usage: diff_matrix.py --oracle PATH/llamafactory-oracle --shared ../shared --models DIR [--ours CLI] [--only NAME,...]
DIR holds models made by shared tools/make_train_models.py (llama qwen2 qwen3 mistral_swa). Exit status 1 when any case differs.
"""
import argparse, json, os, pathlib, subprocess, sys, tempfile

BASE = dict(stage="sft", do_train=True, finetuning_type="full", template="qwen", cutoff_len=128, max_samples=40, learning_rate=1e-3, max_steps=6,
            per_device_train_batch_size=4, lr_scheduler_type="linear", overwrite_cache=True, dataset="identity,alpaca_en_demo")
EVAL = dict(val_size=0.2, eval_strategy="steps", eval_steps=3, per_device_eval_batch_size=3)
CASES = {
    "plain": dict(model="llama"),
    "zh_llama3_cosine_warmup": dict(model="llama", dataset="alpaca_zh_demo", template="llama3", lr_scheduler_type="cosine", warmup_steps=2),
    "packing_eval": dict(model="llama", packing=True, cutoff_len=256, per_device_train_batch_size=2, **EVAL),
    "neat_packing": dict(model="qwen2", packing=True, neat_packing=True, cutoff_len=256, per_device_train_batch_size=2),
    "neat_packing_accumulation": dict(model="qwen3", template="qwen3", packing=True, neat_packing=True, cutoff_len=200, gradient_accumulation_steps=2,
                                      per_device_train_batch_size=1),
    "val_size_epochs_eval": dict(model="qwen2", max_steps=-1, num_train_epochs=2.0, val_size=0.1, eval_strategy="epoch", do_eval=True),
    "mask_history_sharegpt": dict(model="qwen2", dataset="glaive_toolcall_en_demo", mask_history=True, cutoff_len=256),
    "tools_zh": dict(model="llama", dataset="glaive_toolcall_zh_demo", cutoff_len=300, max_grad_norm=0.3),
    "train_on_prompt": dict(model="qwen3", template="qwen3_nothink", train_on_prompt=True, weight_decay=0.1),
    "reasoning_template": dict(model="qwen3", template="qwen3", dataset="alpaca_en_demo", **EVAL),
    "mistral_accumulation_clip": dict(model="mistral_swa", template="mistral", gradient_accumulation_steps=3, max_grad_norm=0.1, lr_scheduler_type="cosine"),
    "mistral_polynomial": dict(model="mistral_swa", template="zephyr", lr_scheduler_type="polynomial", warmup_ratio=0.5),
    "wsd_vicuna": dict(model="llama", template="vicuna", lr_scheduler_type="warmup_stable_decay", warmup_steps=2),
    "cosine_with_restarts_alpaca": dict(model="qwen2", template="alpaca", lr_scheduler_type="cosine_with_restarts", warmup_steps=1),
    "inverse_sqrt_no_clip": dict(model="qwen3", template="chatml", lr_scheduler_type="inverse_sqrt", warmup_steps=2, max_grad_norm=0),
    "pt_packed": dict(model="llama", stage="pt", dataset="c4_demo", cutoff_len=64, **EVAL),
    "pt_wiki_do_eval": dict(model="qwen2", stage="pt", dataset="wiki_demo", max_samples=3, cutoff_len=96, val_size=0.1, do_eval=True),
    "pt_unpacked": dict(model="qwen3", stage="pt", dataset="c4_demo", packing=False, cutoff_len=80, gradient_accumulation_steps=2),
    "pt_mistral": dict(model="mistral_swa", stage="pt", dataset="c4_demo,wiki_demo", max_samples=4, cutoff_len=72, template="llama3"),
    "tokens_and_fractions": dict(model="llama", include_num_input_tokens_seen="all", save_steps=0.5, eval_steps=0.4, val_size=5, eval_strategy="steps",
                                 template="phi"),
    "disable_shuffling_drop_last": dict(model="qwen2", disable_shuffling=True, dataloader_drop_last=True, max_steps=-1, num_train_epochs=1.0, max_samples=11),
    "eval_dataset_llama2": dict(model="llama", template="llama2", eval_dataset="identity", eval_strategy="steps", eval_steps=2, dataset="alpaca_en_demo"),
    "lora_continued": dict(model="llama", finetuning_type="lora", adapter=dict(r=8, lora_alpha=16)),
    "rslora_continued_default_template": dict(model="qwen2", finetuning_type="lora", template="default", adapter=dict(r=4, lora_alpha=8, use_rslora=True),
                                              packing=True, cutoff_len=200),
}
MAKE_ADAPTER = """
import sys, json, torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM
model = AutoModelForCausalLM.from_pretrained(sys.argv[1])
torch.manual_seed(5)
peft = get_peft_model(model, LoraConfig(target_modules="all-linear", task_type="CAUSAL_LM", **json.loads(sys.argv[3])))
for name, p in peft.named_parameters():
    if "lora_B" in name:
        torch.nn.init.normal_(p, std=0.02)
peft.save_pretrained(sys.argv[2])
"""


def run_case(name, case, args, folder):
    case = dict(case)
    model, adapter = pathlib.Path(args.models) / case.pop("model"), case.pop("adapter", None)
    config = {**BASE, "model_name_or_path": str(model), "dataset_dir": str(pathlib.Path(args.shared).resolve() / "data"), **case}
    if config.get("max_samples") is None:
        config.pop("max_samples")
    if adapter:
        config["adapter_name_or_path"] = f"{folder}/adapter"
        python = pathlib.Path(args.oracle).parent / "python"
        subprocess.run([python, "-c", MAKE_ADAPTER, model, config["adapter_name_or_path"], json.dumps(adapter)], check=True, capture_output=True)
    return compare(name, config, args.oracle, args, folder)


def compare(name, config, oracle, args, folder, note=""):
    """One training with both programs, step by step; prints a line, and the differences."""
    path = pathlib.Path(folder) / "config.yaml"
    path.write_text("".join(f"{k}: {json.dumps(v)}\n" for k, v in config.items()))
    tool = pathlib.Path(args.shared) / "tools" / "diff_train.py"
    result = subprocess.run([sys.executable, tool, "--oracle", oracle, "--ours", args.ours, "--keep", f"{folder}/runs", str(path)],
                            capture_output=True, text=True)
    lines = (result.stdout + result.stderr).strip().splitlines() or [""]
    print(f"{'same' if result.returncode == 0 else 'DIFF'}  {name}: {lines[-1]}{note}", flush=True)
    if result.returncode:
        print("\n".join("      " + line for line in lines[-30:-1]), flush=True)
    return result.returncode == 0


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--oracle", required=True)
    p.add_argument("--shared", default="../shared")
    p.add_argument("--models", required=True)
    p.add_argument("--ours", default="build/release/bin/llamafactory-cli")
    p.add_argument("--only", default="")
    args = p.parse_args()
    args.ours = os.path.abspath(args.ours)
    names = args.only.split(",") if args.only else list(CASES)
    same = 0
    for name in names:
        with tempfile.TemporaryDirectory() as folder:
            same += run_case(name, CASES[name], args, folder)
    print(f"{same} of {len(names)} cases without a difference")
    sys.exit(0 if same == len(names) else 1)


if __name__ == "__main__":
    main()
