"""Weights, inputs and outputs of a case: the keys of tests/fixtures/archs/*/reference.safetensors (tools/make_arch_fixtures.py)."""

import torch
from torch.nn.functional import cross_entropy

ROWS, PIECES, PROMPTS, NEW_TOKENS = (18, 11), (9, 6, 4), (8, 5), 16
FULL_GRADIENTS = 4  # as many evenly spread tensors


def vocabulary(config):
    return config.get("padded_vocab_size", config["vocab_size"])


def make_weights(family, config, name):
    """Random, representable in bfloat16; norms around 1."""
    generator = torch.Generator().manual_seed(sum(map(ord, name)) * 31)
    out = {}
    for key, shape in sorted(family.tensors(config).items()):
        module = key.rsplit(".", 2)[-2]
        is_norm = key.endswith("weight") and ("norm" in module or module.startswith("ln_"))
        out[key] = (torch.randn(shape, generator=generator) * 0.15 + is_norm).bfloat16().float()
    return out


def trained_names(family, weights):
    unused = getattr(family, "is_unused", lambda name: False)
    return [k for k in sorted(weights) if not unused(k)]


def loss_sum(logits, labels):
    return cross_entropy(logits[:-1], labels[1:], ignore_index=-100, reduction="sum"), int((labels[1:] != -100).sum())


def batch_values(family, config, weights, out):
    generator = torch.Generator().manual_seed(7)
    ids = torch.zeros(len(ROWS), max(ROWS), dtype=torch.long)
    mask, labels = torch.zeros_like(ids), torch.full_like(ids, -100)
    for r, n in enumerate(ROWS):
        ids[r, :n] = torch.randint(6, vocabulary(config) - 8, (n,), generator=generator)
        mask[r, :n] = 1
        labels[r, 3:n] = ids[r, 3:n]
    names = trained_names(family, weights)
    leaves = {**weights, **{k: weights[k].clone().requires_grad_() for k in names}}
    logits, total, count = torch.zeros(*ids.shape, vocabulary(config)), 0.0, 0
    for r, n in enumerate(ROWS):
        row = family.logits(config, leaves, ids[r, :n])
        logits[r, :n] = row.detach()
        part, targets = loss_sum(row, labels[r, :n])
        total, count = total + part, count + targets
    (total / count).backward()
    if hasattr(family, "balance"):
        with torch.no_grad():
            aux, weight = family.balance(config, weights, [ids[r, :n] for r, n in enumerate(ROWS)])
        out.update({"batch.aux_loss": aux, "batch.loss_with_aux": (total / count).detach() + weight * aux})
    grads = {k: leaves[k].grad for k in names}
    padding = config.get("pad_token_id")
    out.update({"batch.input_ids": ids.int(), "batch.attention_mask": mask.int(), "batch.labels": labels.int(), "batch.logits": logits,
                "batch.loss": (total / count).detach(), "batch.grad_norms": torch.stack([grads[k].norm() for k in names])})
    assert padding is None or padding not in ids[mask == 1]  # an embedding's padding row has no gradient
    out["batch.grad_norm_total"] = torch.linalg.vector_norm(out["batch.grad_norms"])
    out.update({"grad." + k: grads[k].contiguous() for k in names[::max(len(names) // FULL_GRADIENTS, 1)] if grads[k].numel() <= 2048})
    return ids


def packed_values(family, config, weights, out):
    generator = torch.Generator().manual_seed(8)
    ids = torch.randint(6, vocabulary(config) - 8, (sum(PIECES),), generator=generator)
    segments = torch.cat([torch.full((n,), i + 1) for i, n in enumerate(PIECES)])
    logits, total, count = [], 0.0, 0
    for piece in ids.split(PIECES):
        logits.append(family.logits(config, weights, piece))
        part, targets = loss_sum(logits[-1], piece)
        total, count = total + part, count + targets
    out.update({"packed.input_ids": ids[None].int(), "packed.labels": ids[None].int().clone(), "packed.segment_ids": segments[None].int(),
                "packed.logits": torch.cat(logits)[None], "packed.loss": total / count})


def greedy_values(family, config, weights, ids, out):
    rows = []
    for r, n in enumerate(PROMPTS):
        row = ids[r, :n]
        for _ in range(NEW_TOKENS):
            row = torch.cat([row, family.logits(config, weights, row)[-1:].argmax(-1)])
        rows.append(row[n:])
    out.update({"greedy.prompt_lens": torch.tensor(PROMPTS, dtype=torch.int32), "greedy.ids": torch.stack(rows).int()})


def make_values(family, config, weights):
    out = {}
    ids = batch_values(family, config, weights, out)
    with torch.no_grad():
        packed_values(family, config, weights, out)
        greedy_values(family, config, weights, ids, out)
    return {k: v.contiguous() for k, v in out.items()}
