#!/usr/bin/env python3
"""Makes tests/fixtures/optim/torch_steps.safetensors: what torch.optim does to two parameters in four steps.

Usage: make_optim_fixture.py [OUT]      (needs torch and safetensors; made with torch 2.13.0 on a CPU)
"""
import sys
from pathlib import Path

import torch
from safetensors.torch import save_file

METHODS = {
    "adamw_torch": lambda p: torch.optim.AdamW(p, lr=1e-2, betas=(0.9, 0.95), eps=1e-6, weight_decay=0.1),
    "adamw_torch_fused": lambda p: torch.optim.AdamW(p, lr=1e-2, betas=(0.9, 0.95), eps=1e-6, weight_decay=0.1, fused=True),
    "sgd": lambda p: torch.optim.SGD(p, lr=1e-2, weight_decay=0.1),
    "sgd:momentum=0.9,dampening=0.1": lambda p: torch.optim.SGD(p, lr=1e-2, weight_decay=0.1, momentum=0.9, dampening=0.1),
    "sgd:momentum=0.9,nesterov=true": lambda p: torch.optim.SGD(p, lr=1e-2, weight_decay=0.1, momentum=0.9, nesterov=True),
    "adagrad:lr_decay=0.01": lambda p: torch.optim.Adagrad(p, lr=1e-2, weight_decay=0.1, lr_decay=0.01),
    "rmsprop": lambda p: torch.optim.RMSprop(p, lr=1e-2, weight_decay=0.1),
    "rmsprop:momentum=0.5,centered=true": lambda p: torch.optim.RMSprop(p, lr=1e-2, weight_decay=0.1, momentum=0.5, centered=True),
}
STEPS = 4


def main() -> None:
    out = Path(sys.argv[1] if len(sys.argv) > 1 else "tests/fixtures/optim/torch_steps.safetensors")
    generator = torch.Generator().manual_seed(3)
    start = {name: torch.randn(shape, generator=generator) for name, shape in (("matrix", (7, 5)), ("vector", (9,)))}
    tensors = {f"start.{name}": value for name, value in start.items()}
    for step in range(STEPS):
        for name, value in start.items():
            tensors[f"grad{step}.{name}"] = torch.randn(value.shape, generator=generator)
    for method, make in METHODS.items():
        params = {name: torch.nn.Parameter(value.clone()) for name, value in start.items()}
        optimizer = make(list(params.values()))
        for step in range(STEPS):
            for name, parameter in params.items():
                parameter.grad = tensors[f"grad{step}.{name}"].clone()
            optimizer.step()
        tensors.update({f"end.{method}.{name}": value.detach().clone() for name, value in params.items()})
    out.parent.mkdir(parents=True, exist_ok=True)
    save_file(tensors, out)


if __name__ == "__main__":
    main()
