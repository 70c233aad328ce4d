#!/usr/bin/env python3
"""Makes tests/fixtures/archs/<case>/ for families that transformers does not have: a tiny random model and what the plain definition in
tests/model/reference_models computes with it.

    python tools/make_hub_fixtures.py [--out tests/fixtures/archs] [--only internlm2]

Needs torch. A new family needs a module there and a row in its CASES; the common tests (tests/model/golden_test.cpp,
tests/model/test_reference_models.py) then cover it. Keys of reference.safetensors: tools/make_arch_fixtures.py."""

import argparse
import json
import sys
from pathlib import Path

import torch
from safetensors.torch import save_file

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests/model"))
import reference_models  # noqa: E402
from reference_models.fixtures import make_values, make_weights  # noqa: E402


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "tests/fixtures/archs")
    parser.add_argument("--only", default="")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    for name in reference_models.CASES:
        if arguments.only and name != arguments.only:
            continue
        family, config = reference_models.case(name)
        folder = arguments.out / name
        folder.mkdir(parents=True, exist_ok=True)
        weights = make_weights(family, config, name)
        (folder / "config.json").write_text(json.dumps(config, indent=1) + "\n")
        save_file({k: v.bfloat16() for k, v in weights.items()}, folder / "model.safetensors", {"format": "pt"})
        save_file(make_values(family, config, weights), folder / "reference.safetensors")
        print(name, {f.name: f.stat().st_size for f in sorted(folder.iterdir())})


if __name__ == "__main__":
    main()
