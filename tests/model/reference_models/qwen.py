"""Qwen 1: Llama's block under GPT-like names; queries beyond the trained length are sharpened by the logarithm of their position."""

import math

import torch
from torch.nn.functional import linear, silu

from .plain import angles, attend, rms_norm, turned

CONFIG = dict(model_type="qwen", vocab_size=96, hidden_size=32, num_hidden_layers=2, num_attention_heads=4, kv_channels=8,
              intermediate_size=96, layer_norm_epsilon=1e-6, rotary_emb_base=10000, rotary_pct=1.0, seq_length=6,
              max_position_embeddings=64, use_dynamic_ntk=False, use_logn_attn=True, no_bias=True, tie_word_embeddings=False,
              torch_dtype="bfloat16")


def tensors(c):
    d, wide, width = c["hidden_size"], c["intermediate_size"] // 2, c["num_attention_heads"] * c["kv_channels"]
    out = {"transformer.wte.weight": (c["vocab_size"], d)}
    for i in range(c["num_hidden_layers"]):
        for name, shape in {"ln_1.weight": (d,), "attn.c_attn.weight": (3 * width, d), "attn.c_attn.bias": (3 * width,),
                            "attn.c_proj.weight": (d, width), "ln_2.weight": (d,), "mlp.w1.weight": (wide, d), "mlp.w2.weight": (wide, d),
                            "mlp.c_proj.weight": (d, wide)}.items():
            out[f"transformer.h.{i}.{name}"] = shape
    return {**out, "transformer.ln_f.weight": (d,), "lm_head.weight": (c["vocab_size"], d)}


def logits(c, w, ids):
    heads, width, eps = c["num_attention_heads"], c["kv_channels"], c["layer_norm_epsilon"]
    angle = angles(len(ids), width, float(c["rotary_emb_base"]))
    sharper = torch.tensor([max(math.log(i + 1, c["seq_length"]), 1.0) if c["use_logn_attn"] else 1.0 for i in range(len(ids))])
    x = w["transformer.wte.weight"][ids]
    for i in range(c["num_hidden_layers"]):
        p = {n.removeprefix(f"transformer.h.{i}."): t for n, t in w.items()}
        both = linear(rms_norm(x, p["ln_1.weight"], eps), p["attn.c_attn.weight"], p["attn.c_attn.bias"])
        q, k, v = both.view(len(ids), 3, heads, width).unbind(1)
        out = attend(turned(q, angle) * sharper[:, None, None], turned(k, angle), v)
        x = x + linear(out, p["attn.c_proj.weight"])
        y = rms_norm(x, p["ln_2.weight"], eps)
        x = x + linear(linear(y, p["mlp.w1.weight"]) * silu(linear(y, p["mlp.w2.weight"])), p["mlp.c_proj.weight"])
    return linear(rms_norm(x, w["transformer.ln_f.weight"], eps), w["lm_head.weight"])
