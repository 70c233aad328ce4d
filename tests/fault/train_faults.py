#!/usr/bin/env python3
"""Kills real training runs and checks that nothing is lost: at every file-system call of a save, and at random moments; each time the
run is started again and must end with the same bits as a run that was never stopped (weights, optimizer, generators, logged losses).
Then every write of a save fails with a full disk: training must go on, the older checkpoint must stay.

  tests/fault/train_faults.py CLI MODEL [--yaml FILE] [--dataset-dir DIR] [--dataset NAME] [--template NAME]
                              [--points N] [--moments 50] [--full] [key=value ...]

Without --points every call is tried. Exit status 0 when all runs agree."""
import argparse, concurrent.futures, json, os, pathlib, queue, random, shutil, signal, subprocess, sys, tempfile, time

BASE_STEP, SAVE_STEP, LAST_STEP = 5, 10, 30  # the faults hit the save at step 10, so that at least 20 steps follow
TIMING = {"train_runtime", "train_samples_per_second", "train_steps_per_second", "train_tokens_per_second", "train_seconds",
          "elapsed_time", "remaining_time", "throughput", "tokens_per_second"}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cli", type=pathlib.Path)
    parser.add_argument("model", type=pathlib.Path)
    parser.add_argument("overrides", nargs="*")
    parser.add_argument("--yaml", type=pathlib.Path)
    parser.add_argument("--dataset-dir", type=pathlib.Path)
    parser.add_argument("--dataset", default="toy_sft")
    parser.add_argument("--template", default="qwen")
    parser.add_argument("--points", type=int, default=0, help="at most so many calls of a save, evenly chosen (0: all)")
    parser.add_argument("--moments", type=int, default=50, help="random moments of training")
    parser.add_argument("--full", action="store_true", help="full tuning instead of LoRA")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=max(1, (os.cpu_count() or 1) // 2), help="runs at a time, one thread each")
    parser.add_argument("--keep", action="store_true", help="leave the folders of a failing case")
    return parser.parse_args()


class Harness:
    """One slot for runs: an output folder of its own below `work`, compared with what stands in `base`."""

    def __init__(self, args, base, slot):
        self.args, self.base, self.work = args, base, base / slot
        self.work.mkdir()
        self.shim = args.cli.resolve().parent / "liblf_fault_shim.so"
        assert self.shim.exists(), f"{self.shim} is missing: build the target lf_fault_shim"
        self.out = self.work / "out"
        self.failures = []

    def config(self):
        settings = dict(stage="sft", do_train=True, finetuning_type="full" if self.args.full else "lora", lora_rank=4, lora_dropout=0.1,
                        dataset=self.args.dataset, template=self.args.template, cutoff_len=64, per_device_train_batch_size=2,
                        gradient_accumulation_steps=2, learning_rate=1e-3, lr_scheduler_type="cosine", warmup_steps=3, report_to="none",
                        plot_loss=False, overwrite_cache=True, seed=7)
        if self.args.dataset_dir:
            settings["dataset_dir"] = str(self.args.dataset_dir)
        if self.args.yaml:
            import yaml
            settings = yaml.safe_load(self.args.yaml.read_text())
        settings.update(model_name_or_path=str(self.args.model), max_steps=LAST_STEP, save_steps=5, logging_steps=1, save_total_limit=1,
                        save_strategy="steps", output_dir=str(self.out))
        path = self.work / "train.json"
        path.write_text(json.dumps(settings))
        return path

    def command(self):
        return [str(self.args.cli), "train", str(self.config()), *self.args.overrides]

    def environment(self, **fault):
        env = {**os.environ, "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
        env.pop("LF_FAULT_MODE", None)
        if fault:
            env.update(LD_PRELOAD=str(self.shim), LF_FAULT_ROOT=str(self.out), ASAN_OPTIONS="verify_asan_link_order=0",
                       **{f"LF_FAULT_{key.upper()}": str(value) for key, value in fault.items()})
        return env

    def run(self, **fault):
        return subprocess.run(self.command(), env=self.environment(**fault), capture_output=True, text=True, errors="replace", timeout=600)

    def start_from(self, saved):
        shutil.rmtree(self.out, ignore_errors=True)
        if saved:
            shutil.copytree(saved, self.out, symlinks=True)

    def finish(self, what):
        """Starts the run again and compares its end with that of the uninterrupted run."""
        result = self.run()
        if result.returncode != 0:
            return self.fail(what, f"the resumed run ended with {result.returncode}: {result.stderr[-1500:]}")
        problem = difference(self.base / "reference", self.out)
        if problem:
            self.fail(what, problem)

    def fail(self, what, problem):
        self.failures.append(f"{what}: {problem}")
        print(f"FAILED {what}: {problem}", flush=True)
        if self.args.keep:
            shutil.copytree(self.out, self.base / f"failed-{self.work.name}-{len(self.failures)}", dirs_exist_ok=True)


def load_json(path):
    return json.loads(path.read_text())


def without_timing(value):
    if isinstance(value, dict):
        return {key: without_timing(item) for key, item in value.items() if key not in TIMING}
    if isinstance(value, list):
        return [without_timing(item) for item in value]
    return value


def log_lines(path):
    """The lines since the run last began with step 1: as upstream's, the log of a run that died before its first checkpoint stays above."""
    lines = []
    for text in path.read_text().splitlines():
        line = without_timing(json.loads(text))
        if line["current_steps"] == 1:
            lines = []
        lines.append(line)
    return lines


def difference(reference, ours):
    """None, or what differs between two finished output folders."""
    last = f"checkpoint-{LAST_STEP}"
    for folder in (pathlib.Path("."), pathlib.Path(last)):
        for path in sorted((reference / folder).glob("*.safetensors")):
            other = ours / folder / path.name
            if not other.exists():
                return f"{folder / path.name} is missing"
            if other.read_bytes() != path.read_bytes():
                return f"{folder / path.name} differs"
    for name in ("rng.json", "scheduler.json", "data.json", "trainer_state.json"):
        if without_timing(load_json(reference / last / name)) != without_timing(load_json(ours / last / name)):
            return f"{last}/{name} differs"
    history = [without_timing(load_json(folder / "trainer_state.json")["log_history"]) for folder in (reference, ours)]
    if history[0] != history[1]:
        return "log_history differs"
    if log_lines(reference / "trainer_log.jsonl") != log_lines(ours / "trainer_log.jsonl"):
        return "trainer_log.jsonl differs"
    left = [path.name for path in ours.iterdir() if path.name.startswith((".ckpt-", ".trash-", ".lf-"))]
    return f"left behind: {left}" if left else None


def trace_of(path):
    """[(name, path)] of a log of the shim."""
    return [tuple(line.split(" ", 2)[1:]) for line in path.read_text().splitlines()]


def save_window(calls):
    """Calls from the start of the save at step 10 up to the first call of the next save."""
    end = next((i for i, (_, path) in enumerate(calls) if f".ckpt-{SAVE_STEP + 5}.tmp" in path), len(calls))
    return calls[:end]


def chosen(items, limit):
    """At most `limit` of them, evenly; all when 0."""
    if not limit or limit >= len(items):
        return items
    return [items[round(i * (len(items) - 1) / max(1, limit - 1))] for i in range(limit)]


def prepare(harness):
    """The uninterrupted run, and a folder that stands before the save at step 10 with checkpoint-5 in it."""
    began = time.time()
    result = harness.run()
    if result.returncode != 0:
        sys.exit(f"the uninterrupted run ended with {result.returncode}:\n{result.stderr[-3000:]}")
    seconds = time.time() - began
    shutil.move(harness.out, harness.base / "reference")
    again = harness.run()
    assert again.returncode == 0
    problem = difference(harness.base / "reference", harness.out)
    if problem:
        sys.exit(f"two uninterrupted runs differ, so nothing can be compared: {problem}")
    harness.start_from(None)
    start = f".ckpt-{SAVE_STEP}.tmp"
    result = harness.run(mode="kill", at=1, **{"from": start})
    assert result.returncode == -signal.SIGKILL, f"not killed: {result.returncode} {result.stderr[-1000:]}"
    shutil.move(harness.out, harness.base / "before")
    harness.start_from(harness.base / "before")
    log = harness.work / "trace"
    assert harness.run(mode="trace", log=log, **{"from": start}).returncode == 0
    return seconds, save_window(trace_of(log))


def kill_in_save(harness, mode, number, call):
    what = f"{mode} at call {number} of the save ({' '.join(call)})"
    harness.start_from(harness.base / "before")
    result = harness.run(mode=mode, at=number, **{"from": f".ckpt-{SAVE_STEP}.tmp"})
    if result.returncode != -signal.SIGKILL:
        return harness.fail(what, f"was not killed but ended with {result.returncode}")
    harness.finish(what)


def kill_at_moment(harness, moment):
    harness.start_from(None)
    process = subprocess.Popen(harness.command(), env=harness.environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        process.wait(moment)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    found = sorted(path.name for path in harness.out.glob("checkpoint-*")) if harness.out.exists() else []
    harness.finish(f"killed after {moment:.2f} s with {found}")


def fill_disk_in_save(harness, number, call):
    """The call fails with ENOSPC: reported, training goes on, checkpoint-5 stays until the next save."""
    what = f"disk full at call {number} of the save ({' '.join(call)})"
    harness.start_from(harness.base / "before")
    log = harness.work / "fault-log"
    log.unlink(missing_ok=True)
    result = harness.run(mode="fail", at=number, errno=28, log=log, **{"from": f".ckpt-{SAVE_STEP}.tmp"})
    if result.returncode != 0:
        return harness.fail(what, f"training did not go on: exit {result.returncode}: {result.stderr[-1500:]}")
    if f"checkpoint-{SAVE_STEP}" not in result.stderr or "No space left on device" not in result.stderr:
        harness.fail(what, f"was not reported: {result.stderr[-1500:]}")
    touched = [call for call in save_window(trace_of(log)) if f"/checkpoint-{BASE_STEP}" in call[1]]
    if touched:
        harness.fail(what, f"checkpoint-{BASE_STEP} was touched: {touched[:3]}")
    problem = difference(harness.base / "reference", harness.out)
    if problem:
        harness.fail(what, problem)


def cases(args, calls, seconds):
    """[(title, [(function, arguments)])]"""
    kills = [("kill", n) for n in range(1, len(calls) + 1)]
    kills += [("torn", n) for n in range(1, len(calls) + 1) if calls[n - 1][0] == "write"]
    generator = random.Random(args.seed)
    moments = [generator.uniform(0.02, 1.0) * seconds for _ in range(args.moments)]
    needs_space = [n for n, (name, path) in enumerate(calls, 1)
                   if name in ("write", "create", "mkdir", "fsync") and f".ckpt-{SAVE_STEP}.tmp" in path]
    return [("killed at points of a save", [(kill_in_save, (mode, n, calls[n - 1])) for mode, n in chosen(kills, args.points)]),
            ("killed at random moments", [(kill_at_moment, (moment,)) for moment in moments]),
            ("full disk at points of a save", [(fill_disk_in_save, (n, calls[n - 1])) for n in chosen(needs_space, args.points)])]


def run_all(slots, work):
    free = queue.SimpleQueue()
    for slot in slots:
        free.put(slot)

    def run(function, arguments):
        slot = free.get()
        try:
            function(slot, *arguments)
        finally:
            free.put(slot)

    with concurrent.futures.ThreadPoolExecutor(len(slots)) as pool:
        for future in [pool.submit(run, function, arguments) for function, arguments in work]:
            future.result()


def main():
    args = arguments()
    with tempfile.TemporaryDirectory(prefix="lf-faults-", ignore_cleanup_errors=True) as folder:
        base = pathlib.Path(folder).resolve()
        slots = [Harness(args, base, f"slot-{i}") for i in range(args.jobs)]
        seconds, calls = prepare(slots[0])
        print(f"uninterrupted run: {seconds:.1f} s; a save with what follows up to the next makes {len(calls)} calls", flush=True)
        for title, work in cases(args, calls, seconds):
            began = time.time()
            run_all(slots, work)
            print(f"{title}: {len(work)}, {sum(len(slot.failures) for slot in slots)} failures so far, {time.time() - began:.0f} s", flush=True)
        if args.keep and any(slot.failures for slot in slots):
            shutil.copytree(base, pathlib.Path.cwd() / "train-faults", dirs_exist_ok=True)
        sys.exit(1 if any(slot.failures for slot in slots) else 0)


if __name__ == "__main__":
    main()
