#!/usr/bin/env python3
"""Orders of mixed and streamed rows as Python datasets makes them: random cases for tests/data/orders_test.cpp.

usage: make_stream_orders.py OUT.json [--cases N] [--seed N] [--once]
With datasets 4.0.0, which the reference uses, strategies are interleave_under and interleave_over; --once adds
interleave_once (all_exhausted_without_replacement, in datasets since 4.2) instead, for datasets 4.2. (Map-style data without
probabilities is left out there: 4.2 ends that at the shortest dataset, which later versions repaired.)
Each case: lengths of the datasets, mixture, seed, and either `map` (rows of the mixture of map-style data, as indices into the
concatenation) or `stream` (one list per worker of [dataset, row], after shuffle, take and skip, in epoch `epoch`).
"""
import argparse, json, random

import datasets
from datasets import Dataset, concatenate_datasets, interleave_datasets

RULES = {"interleave_under": "first_exhausted", "interleave_over": "all_exhausted", "interleave_once": "all_exhausted_without_replacement"}


def make_sources(lengths):
    return [Dataset.from_dict({"d": [i] * n, "r": list(range(n))}) for i, n in enumerate(lengths)]


def merge(sources, case):
    if len(sources) == 1:
        return sources[0]
    if case["strategy"] == "concat":
        return concatenate_datasets(sources)
    return interleave_datasets(sources, probabilities=case["probabilities"], seed=case["seed"], stopping_strategy=RULES[case["strategy"]])


def worker_rows(stream, workers):
    """What each worker of PyTorch's DataLoader iterates over (IterableDataset._iter_pytorch)."""
    if workers == 1:
        return [[[x["d"], x["r"]] for x in stream]]
    prepared = stream._prepare_ex_iterable_for_iteration()
    parts = [prepared.shard_data_sources(num_shards=workers, index=i, contiguous=False) for i in range(workers)]
    return [[[x["d"], x["r"]] for _, x in part] for part in parts]


def run(case):
    sources = make_sources(case["lengths"])
    if case["kind"] == "map":
        starts = [sum(case["lengths"][:i]) for i in range(len(sources))]
        case["map"] = [starts[x["d"]] + x["r"] for x in merge(sources, case)]
        return
    stream = merge([s.to_iterable_dataset(num_shards=case["workers"]) for s in sources], case)
    if case["buffer"]:
        stream = stream.shuffle(buffer_size=case["buffer"], seed=case["seed"])
    if case["take"] is not None:
        stream = stream.take(case["take"])
    if case["skip"]:
        stream = stream.skip(case["skip"])
    stream.set_epoch(case["epoch"])
    case["stream"] = worker_rows(stream, case["workers"])


def random_case(rng, strategies):
    count = rng.choice([1, 2, 2, 3, 4])
    lengths = [rng.choice([rng.randint(1, 12), rng.randint(5, 60)]) for _ in range(count)]
    case = {"kind": rng.choice(["map", "stream", "stream"]), "lengths": lengths, "strategy": rng.choice(strategies), "seed": rng.choice([42, rng.randint(0, 2**32 - 1)])}
    weights = [rng.randint(1, 9) for _ in lengths]
    case["probabilities"] = [w / sum(weights) for w in weights] if count > 1 and case["strategy"] != "concat" and rng.random() < 0.6 else None
    if case["strategy"] == "interleave_once" and not case["probabilities"]:
        case["kind"] = "stream"
    if case["kind"] == "stream":
        case["workers"] = rng.choice([1, 1, min(2, min(lengths)), min(3, min(lengths))])
        case["buffer"] = rng.choice([None, 1, rng.randint(2, 9), rng.randint(10, 200), 16384])
        case["epoch"] = rng.choice([0, 0, 1, 2, 7]) if case["buffer"] else 0
        case["take"] = rng.choice([None, None, rng.randint(0, 20)])
        case["skip"] = rng.choice([0, 0, rng.randint(1, 20)]) if case["take"] is None else 0
    return case


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("out")
    p.add_argument("--cases", type=int, default=120)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--once", action="store_true")
    a = p.parse_args()
    rng = random.Random(a.seed)
    strategies = ["interleave_once"] if a.once else ["concat", "interleave_under", "interleave_over"]
    cases = [random_case(rng, strategies) for _ in range(a.cases)]
    for case in cases:
        run(case)
    with open(a.out, "w") as out:
        out.write(json.dumps({"datasets": datasets.__version__, "cases": cases}, separators=(",", ":")).replace('{"kind"', '\n{"kind"'))


if __name__ == "__main__":
    main()
