"""Yuan 2.0: queries and keys from the input after two causal convolutions, two tokens wide each; Llama's block otherwise."""

import torch
from torch.nn.functional import linear, silu

from .plain import angles, attend, llama_tensors, rms_norm, sizes, turned

CONFIG = sizes(model_type="yuan", num_key_value_heads=None, max_position_embeddings=None, model_max_length=64, tie_word_embeddings=True,
               pad_token_id=0, attention_projection_size=48)


def tensors(c):
    d, width = c["hidden_size"], c["attention_projection_size"]
    out = llama_tensors({**c, "num_key_value_heads": c["num_attention_heads"], "head_dim": width // c["num_attention_heads"]})
    for i in range(c["num_hidden_layers"]):
        gate = f"model.layers.{i}.self_attn.lf_gate."
        out.update({gate + "conv1.weight": (d // 2, d, 2, 1), gate + "conv1.bias": (d // 2,), gate + "conv2.weight": (d, d // 2, 2, 1),
                    gate + "conv2.bias": (d,), gate + "output_layernorm.weight": (d,)})
    return out


def convolved(x, weight, bias):
    """x: T D; each token and the one before it."""
    before = torch.cat([torch.zeros_like(x[:1]), x[:-1]])
    return linear(before, weight[:, :, 0, 0]) + linear(x, weight[:, :, 1, 0]) + bias


def logits(c, w, ids):
    heads, eps = c["num_attention_heads"], c["rms_norm_eps"]
    width = c["attention_projection_size"] // heads
    angle = angles(len(ids), c["hidden_size"] // heads, 1e4)  # the rest of wider heads does not turn
    x = w["model.embed_tokens.weight"][ids]
    for i in range(c["num_hidden_layers"]):
        p = {n.removeprefix(f"model.layers.{i}."): t for n, t in w.items()}
        y = rms_norm(x, p["input_layernorm.weight"], eps)
        gate = "self_attn.lf_gate."
        narrow = convolved(y, p[gate + "conv1.weight"], p[gate + "conv1.bias"])
        wide = convolved(narrow, p[gate + "conv2.weight"], p[gate + "conv2.bias"])
        near = rms_norm(wide + y, p[gate + "output_layernorm.weight"], 1e-6)
        # The queries of all heads, then the keys of all heads, cut anew: each head takes two widths in a row.
        both = torch.cat([linear(near, p["self_attn.q_proj.weight"]), linear(near, p["self_attn.k_proj.weight"])], -1)
        q, k = both.view(len(ids), heads, 2 * width).chunk(2, -1)
        v = linear(y, p["self_attn.v_proj.weight"]).view(len(ids), heads, width)
        x = x + linear(attend(turned(q, angle), turned(k, angle), v), p["self_attn.o_proj.weight"])
        y = rms_norm(x, p["post_attention_layernorm.weight"], eps)
        out = linear(y, p["mlp.gate_proj.weight"]) * silu(linear(y, p["mlp.up_proj.weight"]))  # the activation acts on "up"
        x = x + linear(out, p["mlp.down_proj.weight"])
    return linear(rms_norm(x, w["model.norm.weight"], eps), w["model.embed_tokens.weight"])
