"""Baichuan: Llama with one matrix for queries, keys and values; 13B with ALiBi; Baichuan 2 divides the head's rows by their lengths."""

import torch
from torch.nn.functional import linear, normalize

from .plain import angles, attend, llama_tensors, llama_twin, rms_norm, silu_gated, sizes, turned

CONFIG = sizes(model_type="baichuan", num_key_value_heads=None, max_position_embeddings=None, pad_token_id=0, z_loss_weight=0)


def tensors(c):
    out = {}
    for name, shape in llama_tensors({**c, "num_key_value_heads": c["num_attention_heads"]}).items():
        if "q_proj" in name:
            out[name.replace("q_proj", "W_pack")] = (3 * shape[0], shape[1])
        elif "k_proj" not in name and "v_proj" not in name:
            out[name] = shape
    return out


def head(c, w):
    return normalize(w["lm_head.weight"], dim=-1) if "z_loss_weight" in c else w["lm_head.weight"]


def slopes(heads):
    """2^-(8/n), 2^-(16/n), ... of a power of two n; for other numbers of heads those between of 2 n are taken, too."""
    power = 1
    while 2 * power <= heads:
        power *= 2
    first = [2.0 ** (-8 * (i + 1) / power) for i in range(power)]
    between = [2.0 ** (-8 * (i + 1) / (2 * power)) for i in range(0, 2 * power, 2)]
    return torch.tensor((first + between)[:heads])


def logits(c, w, ids):
    heads, eps, rotary = c["num_attention_heads"], c["rms_norm_eps"], "max_position_embeddings" in c
    width = c["hidden_size"] // heads
    place = torch.arange(len(ids))
    bias = None if rotary else slopes(heads)[:, None, None] * (place[None] - place[:, None]).float()
    x = w["model.embed_tokens.weight"][ids]
    for i in range(c["num_hidden_layers"]):
        layer = f"model.layers.{i}."
        both = linear(rms_norm(x, w[layer + "input_layernorm.weight"], eps), w[layer + "self_attn.W_pack.weight"])
        q, k, v = both.view(len(ids), 3, heads, width).unbind(1)
        if rotary:
            angle = angles(len(ids), width, 1e4)
            q, k = turned(q, angle), turned(k, angle)
        x = x + linear(attend(q, k, v, added=bias), w[layer + "self_attn.o_proj.weight"])
        y = rms_norm(x, w[layer + "post_attention_layernorm.weight"], eps)
        x = x + silu_gated(y, *(w[f"{layer}mlp.{n}_proj.weight"] for n in ("gate", "up", "down")))
    return linear(rms_norm(x, w["model.norm.weight"], eps), head(c, w))


def twin(c, w):
    if "max_position_embeddings" not in c:
        return None
    out = {}
    for name, tensor in {**w, "lm_head.weight": head(c, w)}.items():
        for part, rows in zip("qkv", tensor.chunk(3)) if "W_pack" in name else [("", tensor)]:
            out[name.replace("W_pack", part + "_proj")] = rows.contiguous()
    return llama_twin(c, out, num_key_value_heads=c["num_attention_heads"])
