#!/usr/bin/env python3
"""Preparing data, ours against LLaMA-Factory itself, in one run: same rows, tokenizer, template and number of workers.

usage: data_bench.py --tokenizer DIR [--rows 50000] [--workers 1,2] [--stream-mb 5000] [--source alpaca_en_demo.json]
The rows are Alpaca rows of LF_SHARED/data (or --source) with variation, so that no row stands there twice. LF_ORACLE is the python of
an environment with llamafactory and datasets 4.0 (see tools of the shared material). Upstream: get_dataset with
preprocessing_num_workers, overwrite_cache and an empty cache; its whole time, and that of its two `map` calls alone. Ours: from opening
the file to encoded rows, one thread a worker. Ids and labels must be equal in every row; the exit status says whether that and the memory hold.
--stream-mb: peak memory while a generated file of that size is previewed, read from end to end by `data stats`, and streamed into
batches (0 = leave out); each must stay below 300 MB. Results are appended to bench/results/.
"""
import argparse, datetime, json, os, pathlib, platform, random, subprocess, sys, tempfile, time

ROOT = pathlib.Path(__file__).resolve().parent.parent
CLI = os.environ.get("CLI", str(ROOT / "build/release/bin/llamafactory-cli"))
MOST_MB = 300
BENCH = os.environ.get("LF_BENCH", str(ROOT / "build/release/bin/prepare_bench"))
ORACLE = os.environ.get("LF_ORACLE", sys.executable)
SHARED = pathlib.Path(os.environ.get("LF_SHARED", ROOT.parent / "shared"))
UPSTREAM = """
import json, sys, time, types
import datasets
from datasets import Dataset
model, data, workers, out, template_name = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4], sys.argv[5]
maps, original = [], Dataset.map
def timed(self, *args, **kwargs):
    begin = time.perf_counter()
    result = original(self, *args, **kwargs)
    maps.append(time.perf_counter() - begin)
    return result
Dataset.map = timed
from llamafactory.data import get_dataset, get_template_and_fix_tokenizer
from llamafactory.hparams import get_train_args
from llamafactory.model import load_tokenizer
args = dict(model_name_or_path=model, stage="sft", do_train=True, finetuning_type="lora", dataset="rows", dataset_dir=data, template=template_name,
            overwrite_cache=True, preprocessing_num_workers=workers, output_dir=out + "-none", use_cpu=True, report_to="none")
model_args, data_args, training_args, finetuning_args, _ = get_train_args(args)
tokenizer = load_tokenizer(model_args)["tokenizer"]
template = get_template_and_fix_tokenizer(tokenizer, data_args)
begin = time.perf_counter()
module = get_dataset(template, model_args, data_args, training_args, stage="sft", tokenizer=tokenizer)
whole = time.perf_counter() - begin
module["train_dataset"].save_to_disk(out)
print("RESULT " + json.dumps({"whole": whole, "maps": maps, "rows": len(module["train_dataset"])}))
"""
COMPARE = """
import sys, datasets
ours, theirs = datasets.load_from_disk(sys.argv[1])["train"], datasets.load_from_disk(sys.argv[2])
assert len(ours) == len(theirs), (len(ours), len(theirs))
for column in ("input_ids", "labels", "attention_mask"):
    a, b = ours.with_format("arrow")[:][column], theirs.with_format("arrow")[:][column]
    assert a.combine_chunks().cast(b.type).equals(b.combine_chunks()), column
print("EQUAL")
"""


def make_rows(source, rows, file):
    base = json.loads(pathlib.Path(source).read_text())
    rng = random.Random(1)
    words = [w for row in base for w in row["output"].split()][:20000]
    out = []
    for i in range(rows):
        row = dict(base[i % len(base)])
        if i >= len(base):
            row["instruction"] = f"{row['instruction']} ({' '.join(rng.choices(words, k=3))})"
            cut = row["output"].split(" ")
            at = rng.randrange(len(cut) + 1)
            row["output"] = " ".join(cut[:at] + rng.choices(words, k=4) + cut[at:])
        out.append(row)
    file.write_text(json.dumps(out, ensure_ascii=False))


def make_lines(source, megabytes, file):
    base = json.loads(pathlib.Path(source).read_text())
    with open(file, "w") as out:
        i = 0
        while out.tell() < megabytes * 1e6:
            out.write("".join(json.dumps({**row, "input": f"number {i}"}, ensure_ascii=False) + "\n" for row in base))
            i += 1


def ours(filter, folder, tokenizer, template, workers, out=""):
    env = {**os.environ, "LF_BENCH_MODEL": str(tokenizer), "LF_BENCH_DATA": str(folder), "LF_BENCH_WORKERS": str(workers), "LF_BENCH_TEMPLATE": template,
           "OMP_NUM_THREADS": "1", **({"LF_BENCH_OUT": str(out)} if out else {})}
    text = subprocess.run([BENCH, f"--benchmark_filter={filter}", "--benchmark_format=json"], env=env, check=True, capture_output=True, text=True).stdout
    result = json.loads(text[text.index("{"):])["benchmarks"][0]
    if result.get("error_occurred"):
        sys.exit(result["error_message"])
    return result


def upstream(folder, tokenizer, template, workers, out, cache):
    env = {**os.environ, "DISABLE_VERSION_CHECK": "1", "HF_HUB_OFFLINE": "1", "HF_DATASETS_CACHE": str(cache), "TOKENIZERS_PARALLELISM": "false"}
    result = subprocess.run([ORACLE, "-c", UPSTREAM, str(tokenizer), str(folder), str(workers), str(out), template], env=env, capture_output=True, text=True)
    line = next((l for l in result.stdout.splitlines() if l.startswith("RESULT ")), None)
    if not line:
        sys.exit(f"upstream failed:\n{result.stderr[-3000:]}")
    return json.loads(line[7:])


def watched(command):
    """Seconds and peak memory in MB (VmHWM, which does not count the process that started this one)."""
    begin, peak = time.perf_counter(), 0
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, env={**os.environ, "OMP_NUM_THREADS": "1"}) as process:
        while process.poll() is None:
            try:
                status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
            except OSError:
                continue
            peak = max([peak, *(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM:"))])
            time.sleep(0.01)
    if process.returncode:
        sys.exit(f"{command} failed")
    return time.perf_counter() - begin, peak


def stream(a, folder):
    """Lines of the report, and the highest of the peaks."""
    file = folder / "lines.jsonl"
    make_lines(a.source, a.stream_mb, file)
    (folder / "dataset_info.json").write_text(json.dumps({"rows": {"file_name": file.name}}))
    result = ours("stream", folder, a.tokenizer, a.template, 1)
    rows = [("streamed to batches (buffer 16384)", result["real_time"] / 1000, result["peak_mb"])]
    for command in ("preview", "stats"):
        rows.append((f"`data {command}`", *watched([CLI, "data", command, str(file), "--model", a.tokenizer, "--template", a.template])))
    lines = [f"{file.stat().st_size:,} bytes of JSONL, {result['rows']:.0f} rows:", "", "| | seconds | peak MB |", "|---|---|---|"]
    return lines + [f"| {name} | {seconds:.2f} | {peak:.0f} |" for name, seconds, peak in rows], max(peak for _, _, peak in rows)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--tokenizer", required=True, help="folder with tokenizer.json and tokenizer_config.json")
    p.add_argument("--template", default="qwen")
    p.add_argument("--source", default=str(SHARED / "data/alpaca_en_demo.json"))
    p.add_argument("--rows", type=int, default=50000)
    p.add_argument("--workers", default="1,2")
    p.add_argument("--stream-mb", type=int, default=5000)
    p.add_argument("--out", default=str(ROOT / "bench/results" / f"data-{datetime.date.today()}.md"))
    a = p.parse_args()
    cpu = next((l.split(":")[1].strip() for l in open("/proc/cpuinfo") if l.startswith("model name")), platform.processor())
    shown = " ".join(x for x in sys.argv[1:] if "/" not in x)
    lines = [f"## {datetime.datetime.now():%Y-%m-%d %H:%M}, {cpu}, {os.cpu_count()} cores, tokenizer {pathlib.Path(a.tokenizer).name}",
             f"`bench/data_bench.py {shown}`", "", "| workers | upstream get_dataset | its map calls | ours | ratio to map | ratio to all |", "|---|---|---|---|---|---|"]
    equal = lean = True
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        make_rows(a.source, a.rows, folder / "rows.json")
        (folder / "dataset_info.json").write_text(json.dumps({"rows": {"file_name": "rows.json"}}))
        for workers in map(int, a.workers.split(",")):
            best = min((ours("prepare", folder, a.tokenizer, a.template, workers, folder / f"ours-{workers}-{i}") for i in range(2)), key=lambda r: r["real_time"])
            theirs = upstream(folder, a.tokenizer, a.template, workers, folder / f"theirs-{workers}", folder / f"cache-{workers}")
            check = subprocess.run([ORACLE, "-c", COMPARE, str(folder / f"ours-{workers}-0"), str(folder / f"theirs-{workers}")], capture_output=True, text=True)
            equal &= "EQUAL" in check.stdout
            print(check.stdout, check.stderr[-500:] if "EQUAL" not in check.stdout else "", end="")
            seconds, maps = best["real_time"] / 1000, sum(theirs["maps"])
            lines.append(f"| {workers} | {theirs['whole']:.2f} s | {maps:.2f} s | {seconds:.2f} s | {maps / seconds:.1f} | {theirs['whole'] / seconds:.1f} |")
            print(lines[-1], flush=True)
        lines += ["", f"{a.rows} rows, {best['tokens']:.0f} tokens; ids and labels {'are equal in every row' if equal else 'DIFFER'}."]
        if a.stream_mb:
            report, peak = stream(a, folder)
            lines += report
            print("\n".join(report))
            lean = peak < MOST_MB
    with open(a.out, "a") as out:
        out.write("\n".join(lines) + "\n\n")
    sys.exit(0 if equal and lean else 1)


if __name__ == "__main__":
    main()
