#!/usr/bin/env python3
"""LoRA fine-tuning, ours against a Python peer (transformers + peft), in one run: same weights, starting adapter, rows, dtype, threads.

usage: train_bench.py [--tokens 512,1024] [--dtype bf16,fp32] [--steps 3] [--layers 24] [--threads N] [--checkpointing]
The model has the shape of Qwen2.5-0.5B with random weights. Reported: real tokens/s (median of the steps after the first), peak
RSS, seconds from process start to the first step, and the loss of every step side by side. A speed ratio counts only when the losses
agree (2e-3 relative in bf16, 1e-5 in fp32); the exit status says whether they do. Results are appended to bench/results/.
"""
import argparse, datetime, json, os, pathlib, platform, re, resource, statistics, subprocess, sys, tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
CLI = os.environ.get("CLI", str(ROOT / "build/release/bin/llamafactory-cli"))
SHAPE = dict(vocab_size=151936, hidden_size=896, intermediate_size=4864, num_attention_heads=14, num_key_value_heads=2,
             max_position_embeddings=32768, rope_theta=1000000.0, rms_norm_eps=1e-6, tie_word_embeddings=True)
MAKE_MODEL = """
import sys, torch
from peft import LoraConfig, get_peft_model
from transformers import Qwen2Config, Qwen2ForCausalLM
import json
folder, shape, layers, dtype = sys.argv[1], json.loads(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
torch.manual_seed(1)
model = Qwen2ForCausalLM(Qwen2Config(**shape, num_hidden_layers=layers)).to(torch.bfloat16 if dtype == "bf16" else torch.float32)
model.save_pretrained(folder + "/model")
torch.manual_seed(2)
peft = get_peft_model(model, LoraConfig(r=16, lora_alpha=32, target_modules="all-linear", task_type="CAUSAL_LM"))
peft.save_pretrained(folder + "/adapter")
"""


def make_model(folder, layers, dtype):
    subprocess.run([sys.executable, "-c", MAKE_MODEL, folder, json.dumps(SHAPE), str(layers), dtype], check=True, env={**os.environ, "OMP_NUM_THREADS": "2"})
    for name in ("tokenizer.json", "tokenizer_config.json"):
        (pathlib.Path(folder) / "model" / name).write_bytes((ROOT / "examples/demo/model" / name).read_bytes())


def make_rows(folder, tokens, steps):
    """Alpaca rows that are cut to exactly `tokens` tokens; the ids and labels are the ones our own encoder trains on."""
    text = (ROOT / "data" / "demo_stories.txt").read_text().split() * 4
    rows = [{"instruction": " ".join(text[i * 400 : i * 400 + 600]), "input": "", "output": " ".join(text[i * 700 : i * 700 + 3000])} for i in range(steps)]
    data = pathlib.Path(folder) / "data"
    data.mkdir(exist_ok=True)
    (data / "rows.json").write_text(json.dumps(rows))
    (data / "dataset_info.json").write_text(json.dumps({"rows": {"file_name": "rows.json"}}))


def run_ours(folder, tokens, dtype, steps, threads, checkpointing):
    out = pathlib.Path(folder) / f"ours-{tokens}-{dtype}"
    config = dict(model_name_or_path=f"{folder}/model", adapter_name_or_path=f"{folder}/adapter", stage="sft", do_train=True, finetuning_type="lora",
                  dataset="rows", dataset_dir=f"{folder}/data", template="empty", cutoff_len=tokens, output_dir=str(out), max_steps=steps,
                  per_device_train_batch_size=1, learning_rate=1e-3, lr_scheduler_type="constant", logging_steps=1, save_strategy="no",
                  disable_shuffling=True, bf16=dtype == "bf16", include_num_input_tokens_seen="all", use_cpu=True, overwrite_output_dir=True,
                  disable_gradient_checkpointing=not checkpointing, report_to="none")
    path = pathlib.Path(folder) / "ours.json"
    path.write_text(json.dumps(config))
    process = subprocess.Popen([CLI, "train", str(path)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                               env={**os.environ, "OMP_NUM_THREADS": str(threads)})
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"ours failed:\n{output[-3000:]}")
    log = [r for r in json.loads((out / "trainer_state.json").read_text())["log_history"] if "loss" in r]
    ends = [r["train_runtime"] for r in log]
    first = float(re.search(r"first step begins ([0-9.]+) s after", output).group(1))
    return {"losses": [r["loss"] for r in log], "seconds": [b - a for a, b in zip([0.0] + ends, ends)], "first_step": first,
            "peak_rss": usage.ru_maxrss * 1024}


def encode_rows(folder, tokens):
    """The same rows as ids and labels: template `empty`, upstream's truncation rule, loss on the answer only."""
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(f"{folder}/model")
    batches = []
    for row in json.loads((pathlib.Path(folder) / "data" / "rows.json").read_text()):
        source = tokenizer.encode(row["instruction"], add_special_tokens=False)
        target = tokenizer.encode(row["output"], add_special_tokens=False) + [tokenizer.eos_token_id]
        if 2 * len(target) < tokens:
            most = tokens
        elif 2 * len(source) < tokens:
            most = tokens - len(source)
        else:
            most = int(tokens * len(target) / (len(source) + len(target)))
        target = target[:most]
        source = source[: max(tokens - len(target), 0)]
        batches.append([{"input_ids": source + target, "labels": [-100] * len(source) + target}])
        assert len(source + target) == tokens, "the rows are too short for this length"
    return batches


def run_peer(folder, batches, dtype, threads, checkpointing):
    job = dict(model=f"{folder}/model", adapter=f"{folder}/adapter", lr=1e-3, bf16=dtype == "bf16", threads=threads, batches=batches, checkpointing=checkpointing)
    job_file, out = pathlib.Path(folder) / "job.json", pathlib.Path(folder) / "peer.json"
    job_file.write_text(json.dumps(job))
    subprocess.run([sys.executable, str(ROOT / "bench/peer_train.py"), str(job_file), str(out)], check=True)
    return json.loads(out.read_text())


def rate(result, tokens):
    timed = result["seconds"][1:] or result["seconds"]
    return tokens / statistics.median(timed)


def report(tokens, dtype, ours, peer):
    tolerance = 2e-3 if dtype == "bf16" else 1e-5
    lines = [f"### LoRA r16, {dtype}, {tokens} tokens a step"]
    row = "| {:>22} | {:>14} | {:>14} | {:>8} |".format
    lines += [row("", "ours", "peer", "ratio"), "|" + "-" * 24 + "|" + "-" * 16 + "|" + "-" * 16 + "|" + "-" * 10 + "|"]
    speed = rate(ours, tokens), rate(peer, tokens)
    lines.append(row("real tokens/s", f"{speed[0]:.1f}", f"{speed[1]:.1f}", f"{speed[0] / speed[1]:.2f}"))
    lines.append(row("peak RSS", f"{ours['peak_rss'] / 1e6:.0f} MB", f"{peer['peak_rss'] / 1e6:.0f} MB", f"{ours['peak_rss'] / peer['peak_rss']:.2f}"))
    lines.append(row("start to first step", f"{ours['first_step']:.2f} s", f"{peer['first_step']:.2f} s", f"{ours['first_step'] / peer['first_step']:.2f}"))
    worst = 0.0
    for step, (a, b) in enumerate(zip(ours["losses"], peer["losses"]), 1):
        worst = max(worst, abs(a - b) / abs(b))
        lines.append(row(f"loss, step {step}", f"{a:.6f}", f"{b:.6f}", f"{abs(a - b) / abs(b):.1e}"))
    equal = worst <= tolerance
    lines.append(f"Losses {'agree' if equal else 'DIFFER'}: worst relative difference {worst:.1e} (allowed {tolerance:.0e}).")
    return "\n".join(lines), equal


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--tokens", default="512,1024")
    p.add_argument("--dtype", default="bf16,fp32")
    p.add_argument("--steps", type=int, default=3)
    p.add_argument("--layers", type=int, default=24)
    p.add_argument("--threads", type=int, default=os.cpu_count())
    p.add_argument("--checkpointing", action="store_true", help="activation recomputation on both sides")
    p.add_argument("--out", default=str(ROOT / "bench/results" / f"train-{datetime.date.today()}.md"))
    a = p.parse_args()
    cpu = next((l.split(":")[1].strip() for l in open("/proc/cpuinfo") if l.startswith("model name")), platform.processor())
    flags = next((l for l in open("/proc/cpuinfo") if l.startswith("flags")), "")
    isa = "AVX-512 BF16" if "avx512_bf16" in flags else "AVX-512" if "avx512f" in flags else "AVX2"
    text = [f"## {datetime.datetime.now():%Y-%m-%d %H:%M}, {cpu} ({isa}), {a.threads} threads, {a.layers} layers",
            f"`bench/train_bench.py {' '.join(sys.argv[1:])}`", ""]
    if isa != "AVX-512 BF16" and "bf16" in a.dtype:
        print("libtorch has no fast bf16 product on this processor: the peer needs 10 to 30 minutes a step (--steps 1, or --dtype fp32, is quicker)")
    out = open(a.out, "a")
    all_equal = True
    for dtype in a.dtype.split(","):
        with tempfile.TemporaryDirectory() as folder:
            make_model(folder, a.layers, dtype)
            for tokens in map(int, a.tokens.split(",")):
                make_rows(folder, tokens, a.steps)
                run_ours(folder, tokens, dtype, 1, a.threads, a.checkpointing)  # warms the file cache
                ours = run_ours(folder, tokens, dtype, a.steps, a.threads, a.checkpointing)
                peer = run_peer(folder, encode_rows(folder, tokens), dtype, a.threads, a.checkpointing)
                block, equal = report(tokens, dtype, ours, peer)
                all_equal &= equal
                print(block + "\n", flush=True)
                out.write("\n".join(text + [block, ""]) + "\n")
                out.flush()
                text = []
    sys.exit(0 if all_equal else 1)


if __name__ == "__main__":
    main()
