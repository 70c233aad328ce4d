#!/usr/bin/env python3
"""A mixture-of-experts layer, forward and backward, ours against transformers' eager loop over experts, in one run on the CPU.

usage: moe_bench.py [--tokens 4096] [--experts 64] [--chosen 8] [--hidden 1024] [--width 512] [--dtype fp32] [--rounds 3] [--out FILE]
Both sides get the same inputs and weights (random) and 2 threads (OMP_NUM_THREADS); every round times them one after the other, the next
round in the other order; the best round of each counts. Outputs and all gradients are compared. Three settings: the whole layer trains;
the experts are frozen (LoRA on the attention); and, for information, transformers' grouped path. The exit status says whether outputs and
gradients are equal and the goal holds: 3 times the eager loop where the whole layer trains. Results go to bench/results/.
"""
import argparse, datetime, os, pathlib, platform, subprocess, sys, tempfile, time

THREADS = int(os.environ.setdefault("OMP_NUM_THREADS", str(min(2, os.cpu_count()))))
import torch, transformers
from safetensors.torch import load_file, save_file
from transformers.models.olmoe.modeling_olmoe import OlmoeConfig, OlmoeSparseMoeBlock

ROOT = pathlib.Path(__file__).resolve().parent.parent
BENCH = os.environ.get("BENCH", str(ROOT / "build/release/bin/moe_layer_bench"))
GOAL = 3.0
TOLERANCE = {"fp32": 1e-4, "bf16": 3e-2}
DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16}


def inputs(o):
    torch.manual_seed(1)
    dtype = DTYPES[o.dtype]
    draw = lambda *shape, scale=1.0: (torch.randn(*shape) * scale).to(dtype)
    return {
        "x": draw(o.tokens, o.hidden),
        "g": draw(o.tokens, o.hidden),
        "gate.weight": draw(o.experts, o.hidden, scale=o.hidden**-0.5),
        "experts.gate_up_proj": draw(o.experts, 2 * o.width, o.hidden, scale=o.hidden**-0.5),
        "experts.down_proj": draw(o.experts, o.hidden, o.width, scale=o.width**-0.5),
    }


class Theirs:
    """transformers' OLMoE block: softmax router and stacked experts."""

    def __init__(self, o, tensors, frozen, implementation):
        config = OlmoeConfig(hidden_size=o.hidden, intermediate_size=o.width, num_experts=o.experts, num_experts_per_tok=o.chosen,
                             num_attention_heads=1, num_hidden_layers=1)
        config._experts_implementation = implementation
        self.block = OlmoeSparseMoeBlock(config).to(DTYPES[o.dtype])
        self.block.load_state_dict({k: v for k, v in tensors.items() if k not in ("x", "g")})
        for name, parameter in self.block.named_parameters():
            parameter.requires_grad_(not frozen or name.startswith("gate"))
        self.x = tensors["x"].clone().requires_grad_(True)
        self.g = tensors["g"]

    def time(self):
        self.x.grad = None
        self.block.zero_grad(set_to_none=True)
        begin = time.perf_counter()
        self.y = self.block(self.x[None])
        self.y.backward(self.g[None])
        return time.perf_counter() - begin

    def results(self):
        out = {"y": self.y.detach()[0], "x": self.x.grad}
        return out | {name: p.grad for name, p in self.block.named_parameters() if p.grad is not None}


class Ours:
    def __init__(self, o, folder, tensors, frozen):
        self.file = folder / "results.safetensors"
        extra = {"frozen": torch.ones(1)} if frozen else {}
        save_file(tensors | extra, folder / "inputs.safetensors")
        self.process = subprocess.Popen([BENCH, str(folder / "inputs.safetensors"), str(o.chosen), str(THREADS)],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, command):
        print(command, file=self.process.stdin, flush=True)
        answer = self.process.stdout.readline()
        if not answer:
            sys.exit("moe_layer_bench failed")
        return answer

    def time(self):
        return float(self.ask("time"))

    def results(self):
        self.ask(f"write {self.file}")
        return load_file(self.file)

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def worst_difference(ours, theirs):
    """Largest difference of any tensor, relative to that tensor's largest value."""
    assert ours.keys() == theirs.keys(), (ours.keys(), theirs.keys())
    relative = lambda a, b: ((a.double() - b.double()).abs().max() / b.double().abs().max()).item()
    return max((relative(ours[name], theirs[name]), name) for name in ours)


def compare(o, folder, tensors, frozen, implementation):
    sides = [Ours(o, folder, tensors, frozen), Theirs(o, tensors, frozen, implementation)]
    best = [float("inf")] * 2
    for round in range(o.rounds):
        for side in (0, 1) if round % 2 == 0 else (1, 0):
            best[side] = min(best[side], sides[side].time())
    difference, name = worst_difference(sides[0].results(), sides[1].results())
    sides[0].close()
    return best, difference, name


def main():
    parser = argparse.ArgumentParser()
    for name, default in (("tokens", 4096), ("experts", 64), ("chosen", 8), ("hidden", 1024), ("width", 512), ("rounds", 3)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--dtype", choices=DTYPES, default="fp32")
    parser.add_argument("--out")
    o = parser.parse_args()
    torch.set_num_threads(THREADS)
    tensors = inputs(o)
    lines = [f"## {datetime.datetime.now():%Y-%m-%d %H:%M}, {platform.processor() or platform.machine()}, {THREADS} threads",
             f"torch {torch.__version__}, transformers {transformers.__version__}; {o.tokens} tokens, {o.experts} experts, {o.chosen} of each "
             f"token, hidden {o.hidden}, width {o.width}, {o.dtype}; forward and backward, best of {o.rounds}", "",
             "| what trains | peer | ours | peer | ratio | worst difference |", "|---|---|---|---|---|---|"]
    failed = []
    for frozen, implementation in ((False, "eager"), (True, "eager"), (False, "grouped_mm")):
        with tempfile.TemporaryDirectory() as folder:
            (ours, theirs), difference, name = compare(o, pathlib.Path(folder), tensors, frozen, implementation)
        what = "router only, experts frozen" if frozen else "everything"
        lines.append(f"| {what} | {implementation} | {ours:.3f} s | {theirs:.3f} s | {theirs / ours:.2f} | {difference:.1e} ({name}) |")
        print(lines[-1], flush=True)
        if difference > TOLERANCE[o.dtype]:
            failed.append(f"{what}: {name} differs by {difference:.1e}")
        if implementation == "eager" and not frozen and theirs / ours < GOAL:
            failed.append(f"{what}: {theirs / ours:.2f} times the eager loop, {GOAL} was the goal")
    lines.append("")
    lines.append("Outputs and gradients are equal and the goal holds." if not failed else "FAILED: " + "; ".join(failed))
    out = pathlib.Path(o.out or ROOT / f"bench/results/moe-{datetime.date.today()}.md")
    head = "" if out.exists() else "# A mixture-of-experts layer against transformers\n\n"
    with open(out, "a") as file:
        file.write(head + "\n".join(lines) + "\n\n")
    print("\n".join(lines))
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
