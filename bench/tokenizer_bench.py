#!/usr/bin/env python3
"""Encoding text, ours against the reference libraries, in one run: same documents, same threads, ids compared on every document.

usage: tokenizer_bench.py [--size 20e6] [--rounds 3] [--only llama3,qwen2.5,llama2] [--out FILE]
Needs LF_SHARED (tokenizers and demo data), bench/tokenizer's corpus_bench (BENCH, default build/release/bin/corpus_bench), and the Python
packages tokenizers and tiktoken. Every round times all sides one after the other, the next round in the other order; the best round of
each side counts. One thread is timed by the CPU time it took, so that other work on the machine does not count. The exit status says whether
all ids are equal and the goals hold: 5 times `encode` of tokenizers per thread, and at least tiktoken. Results go to bench/results/.
"""
import argparse, base64, datetime, json, os, pathlib, subprocess, sys, tempfile, time

os.environ.setdefault("RAYON_NUM_THREADS", "2")
os.environ["TOKENIZERS_PARALLELISM"] = "true"
import numpy, tiktoken, tokenizers, zstandard

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import tokenizer_corpus

ROOT = pathlib.Path(__file__).resolve().parent.parent
BENCH = os.environ.get("BENCH", str(ROOT / "build/release/bin/corpus_bench"))
FILES = pathlib.Path(os.environ.get("LF_SHARED", ROOT.parent / "shared")) / "tokenizers"
TIKTOKEN = {"llama3": "llama3", "qwen2.5": "qwen"}  # tokenizer.json -> folder of the tiktoken file; `qwen` has no NFC
GOAL, TIKTOKEN_GOAL = 5.0, 1.0


def slurp(folder, name):
    path = FILES / folder / name
    if path.exists():
        return path.read_bytes()
    return zstandard.ZstdDecompressor().decompress((FILES / folder / (name + ".zst")).read_bytes(), max_output_size=1 << 28)


def load_tiktoken(folder):
    spec = json.loads(slurp(folder, "tiktoken_spec.json"))
    ranks = {base64.b64decode(a): int(b) for a, b in (line.split() for line in slurp(folder, spec["file"]).splitlines() if line.strip())}
    return tiktoken.Encoding(name=folder, pat_str=spec["pat_str"], mergeable_ranks=ranks, special_tokens=spec["special_tokens"])


class Ours:
    """A corpus_bench process with the tokenizer loaded."""

    def __init__(self, folder, documents):
        self.process = subprocess.Popen([BENCH, folder, documents], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, command):
        print(command, file=self.process.stdin, flush=True)
        answer = self.process.stdout.readline()
        if not answer:
            sys.exit("corpus_bench failed")
        return answer.split()

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def cpu_time(work):
    begin = time.process_time()
    work()
    return time.process_time() - begin


def wall_time(work):
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def loop(encode, documents):
    for document in documents:
        encode(document)


def same_ids(path, expected, documents, name):
    """Compares the file that corpus_bench wrote with the ids of a reference, document by document."""
    ours = numpy.fromfile(path, dtype=numpy.uint32)
    at = wrong = 0
    for i, ids in enumerate(expected):
        count = int(ours[at])
        if count != len(ids) or not numpy.array_equal(ours[at + 1 : at + 1 + count], ids):
            wrong += 1
            if wrong <= 3:
                print(f"{name}: document {i} differs: {documents[i][:80]!r}", file=sys.stderr)
        at += 1 + count
    return wrong


def sides(name, ours, documents):
    """What is timed: label -> seconds."""
    reference = tokenizers.Tokenizer.from_str(slurp(name, "tokenizer.json").decode())
    reference.no_truncation(), reference.no_padding()
    timed = {
        "ours, 1 thread": lambda: float(ours.ask("time 1")[1]),
        "ours, 2 threads": lambda: float(ours.ask("time 2")[0]),
        "ours, load": lambda: float(ours.ask("load")[1]),
        "tokenizers encode, 1 thread": lambda: cpu_time(lambda: loop(lambda d: reference.encode(d, add_special_tokens=False), documents)),
        "tokenizers encode_batch_fast, 2 threads": lambda: wall_time(lambda: reference.encode_batch_fast(documents, add_special_tokens=False)),
    }
    checks = {"tokenizers": lambda: (e.ids for i in range(0, len(documents), 1024) for e in reference.encode_batch_fast(documents[i : i + 1024], add_special_tokens=False))}
    if name in TIKTOKEN:
        encoding = load_tiktoken(TIKTOKEN[name])
        timed["tiktoken encode_ordinary, 1 thread"] = lambda: cpu_time(lambda: loop(encoding.encode_ordinary, documents))
        timed["tiktoken encode_ordinary_batch, 2 threads"] = lambda: wall_time(lambda: encoding.encode_ordinary_batch(documents, num_threads=2))
        if name == TIKTOKEN[name]:
            checks["tiktoken"] = lambda: (encoding.encode_ordinary(d) for d in documents)
    return timed, checks


def run(name, documents, file, rounds, folder):
    (pathlib.Path(folder) / name).mkdir()
    for part in ("tokenizer.json", "tokenizer_config.json"):
        (pathlib.Path(folder) / name / part).write_bytes(slurp(name, part))
    ours = Ours(f"{folder}/{name}", file)
    timed, checks = sides(name, ours, documents)
    ids = f"{folder}/{name}.ids"
    ours.ask("ids " + ids)
    wrong = {peer: same_ids(ids, expected(), documents, f"{name} against {peer}") for peer, expected in checks.items()}
    best = {label: float("inf") for label in timed}
    for i in range(rounds):
        for label in list(timed) if i % 2 == 0 else list(timed)[::-1]:
            best[label] = min(best[label], timed[label]())
    ours.close()
    return best, wrong


def report(name, best, wrong, documents, size):
    """A table for one tokenizer, and whether it meets the goals."""
    mbs = {label: size / 1e6 / seconds for label, seconds in best.items()}
    one, encode = mbs["ours, 1 thread"], mbs["tokenizers encode, 1 thread"]
    lines = [f"### {name}", "| side | MB/s | ours is |", "|---|---|---|"]
    for label in best:
        if label != "ours, load":
            mine = mbs["ours, 2 threads" if "2 threads" in label else "ours, 1 thread"]
            lines.append(f"| {label} | {mbs[label]:.1f} | {'' if label.startswith('ours') else f'{mine / mbs[label]:.1f} times that'} |")
    good = not any(wrong.values()) and one >= GOAL * encode
    verdict = f"per thread {one / encode:.1f} times `encode` (goal {GOAL:.0f})"
    if "tiktoken encode_ordinary, 1 thread" in mbs:
        ratio = one / mbs["tiktoken encode_ordinary, 1 thread"]
        good &= ratio >= TIKTOKEN_GOAL
        verdict += f", {ratio:.1f} times tiktoken (goal {TIKTOKEN_GOAL:.0f})"
    equal = ", ".join(f"{peer}: {'equal' if count == 0 else f'{count} DIFFER'}" for peer, count in wrong.items())
    lines.append(f"\n{'Holds' if good else 'FAILS'}: {verdict}. Ids on {len(documents)} documents against {equal}. Loading: {best['ours, load'] * 1000:.0f} ms.")
    return "\n".join(lines) + "\n", good


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--size", type=float, default=20e6, help="bytes of text")
    p.add_argument("--rounds", type=int, default=3)
    p.add_argument("--only", default="llama3,qwen2.5,llama2")
    p.add_argument("--out", default=str(ROOT / "bench/results" / f"tokenizer-{datetime.date.today()}.md"))
    a = p.parse_args()
    documents, originals = tokenizer_corpus.build(int(a.size))
    size = sum(len(d.encode()) for d in documents)
    chinese = sum(len(d.encode()) for d in documents if tokenizer_corpus.is_chinese(d))
    cpu = next((l.split(":")[1].strip() for l in open("/proc/cpuinfo") if l.startswith("model name")), "unknown processor")
    text = [f"## {datetime.datetime.now():%Y-%m-%d %H:%M}, {cpu}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}",
            f"`bench/tokenizer_bench.py {' '.join(sys.argv[1:])}`; tokenizers {tokenizers.__version__}, tiktoken {tiktoken.__version__}; best of {a.rounds} rounds",
            f"\n{len(documents)} documents, {size / 1e6:.1f} MB, of which {chinese / 1e6:.1f} MB Chinese: {originals} texts of the demo data (instructions, answers, "
            "C4 and Wikipedia articles), and documents of sentences drawn from them by a seeded generator. 1 thread: CPU time; 2 threads: wall time.\n"]
    all_good = True
    with tempfile.TemporaryDirectory() as folder:
        file = f"{folder}/documents"
        with open(file, "wb") as out:
            for document in documents:
                data = document.encode()
                out.write(len(data).to_bytes(4, "little") + data)
        for name in a.only.split(","):
            block, good = report(name, *run(name, documents, file, a.rounds, folder), documents, size)
            all_good &= good
            print(block, flush=True)
            text.append(block)
    with open(a.out, "a") as out:
        out.write("\n".join(text) + "\n")
    sys.exit(0 if all_good else 1)


if __name__ == "__main__":
    main()
