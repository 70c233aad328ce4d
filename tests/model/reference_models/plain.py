"""What the definitions share: norms, rotary positions, attention over one sequence."""

import math

import torch
from torch.nn.functional import linear

SIZES = dict(vocab_size=96, hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2,
             max_position_embeddings=64, rms_norm_eps=1e-6, hidden_act="silu", tie_word_embeddings=False, torch_dtype="bfloat16",
             bos_token_id=1, eos_token_id=2)


def sizes(**changes):
    """SIZES with other values; None takes a key away."""
    return {k: v for k, v in {**SIZES, **changes}.items() if v is not None}


def rms_norm(x, weight, eps):
    return weight * x / torch.sqrt((x * x).mean(-1, keepdim=True) + eps)


def layer_norm(x, weight, bias, eps):
    centred = x - x.mean(-1, keepdim=True)
    return weight * centred / torch.sqrt((centred * centred).mean(-1, keepdim=True) + eps) + bias


def frequencies(width, theta):
    return theta ** -(torch.arange(0, width, 2).float() / width)


def angles(tokens, width, theta):
    return torch.arange(tokens).float()[:, None] * frequencies(width, theta)


def turned(x, angle, factor=1.0):
    """x: T H E; dimension i of the first W turns together with i + W/2 by angle: T W/2."""
    half = angle.shape[-1]
    a, b, rest = x[..., :half], x[..., half:2 * half], x[..., 2 * half:]
    cos, sin = factor * angle.cos()[:, None], factor * angle.sin()[:, None]
    return torch.cat([a * cos - b * sin, b * cos + a * sin, rest], -1)


def turned_pairs(x, angle):
    """The same with neighbours: dimension 2i turns together with 2i + 1."""
    width = 2 * angle.shape[-1]
    a, b = x[..., 0:width:2], x[..., 1:width:2]
    cos, sin = angle.cos()[:, None], angle.sin()[:, None]
    return torch.cat([torch.stack([a * cos - b * sin, b * cos + a * sin], -1).flatten(-2), x[..., width:]], -1)


def visible(tokens, window=0):
    """T T: whether a query (row) sees a key (column)."""
    distance = torch.arange(tokens)[:, None] - torch.arange(tokens)
    return (distance >= 0) & ((distance < window) if window else True)


def attend(q, k, v, scale=None, seen=None, added=None, sinks=None):
    """q: T H E, k: T K E, v: T K F -> T (H F). seen: [H] T T of bool; added: H T T to the scores; sinks: H."""
    tokens, heads, width = q.shape
    k, v = (x.repeat_interleave(heads // x.shape[1], 1) for x in (k, v))
    scores = torch.einsum("qhe,khe->hqk", q, k) * (scale or 1 / math.sqrt(width))
    if added is not None:
        scores = scores + added
    scores = scores.masked_fill(~(visible(tokens) if seen is None else seen), -torch.inf)
    if sinks is not None:
        scores = torch.cat([scores, sinks[:, None, None].expand(-1, tokens, 1)], -1)
    weights = scores.softmax(-1)[..., :tokens]
    return torch.einsum("hqk,khf->qhf", weights, v).flatten(1)


def heads_of(x, width):
    return x.unflatten(-1, (-1, width))


def silu_gated(x, gate, up, down):
    return linear(torch.nn.functional.silu(linear(x, gate)) * linear(x, up), down)


def llama_tensors(c, qkv_bias=False, output_bias=False):
    """Names and shapes of the Llama block, which most families start from."""
    d, wide, width = c["hidden_size"], c["intermediate_size"], c.get("head_dim", c["hidden_size"] // c["num_attention_heads"])
    q, kv = c["num_attention_heads"] * width, c["num_key_value_heads"] * width
    out = {"model.embed_tokens.weight": (c["vocab_size"], d)}
    for i in range(c["num_hidden_layers"]):
        layer = f"model.layers.{i}."
        for name, rows in (("q", q), ("k", kv), ("v", kv)):
            out[f"{layer}self_attn.{name}_proj.weight"] = (rows, d)
            if qkv_bias:
                out[f"{layer}self_attn.{name}_proj.bias"] = (rows,)
        out[layer + "self_attn.o_proj.weight"] = (d, q)
        if output_bias:
            out[layer + "self_attn.o_proj.bias"] = (d,)
        out.update({layer + "mlp.gate_proj.weight": (wide, d), layer + "mlp.up_proj.weight": (wide, d),
                    layer + "mlp.down_proj.weight": (d, wide), layer + "input_layernorm.weight": (d,),
                    layer + "post_attention_layernorm.weight": (d,)})
    out["model.norm.weight"] = (d,)
    if not c["tie_word_embeddings"]:
        out["lm_head.weight"] = (c["vocab_size"], d)
    return out


def llama_attention(c, w, layer, x, angle, factor=1.0):
    width = c.get("head_dim", c["hidden_size"] // c["num_attention_heads"])
    q, k, v = (heads_of(linear(x, w[f"{layer}self_attn.{n}_proj.weight"], w.get(f"{layer}self_attn.{n}_proj.bias")), width)
               for n in "qkv")
    out = attend(turned(q, angle, factor), turned(k, angle, factor), v)
    return linear(out, w[layer + "self_attn.o_proj.weight"], w.get(layer + "self_attn.o_proj.bias"))


def llama_hidden(c, w, ids, angle, factor=1.0, residual=1.0, scale=1.0):
    x = w["model.embed_tokens.weight"][ids] * scale
    for i in range(c["num_hidden_layers"]):
        layer = f"model.layers.{i}."
        x = x + residual * llama_attention(c, w, layer, rms_norm(x, w[layer + "input_layernorm.weight"], c["rms_norm_eps"]), angle, factor)
        y = rms_norm(x, w[layer + "post_attention_layernorm.weight"], c["rms_norm_eps"])
        x = x + residual * silu_gated(y, *(w[f"{layer}mlp.{n}_proj.weight"] for n in ("gate", "up", "down")))
    return rms_norm(x, w["model.norm.weight"], c["rms_norm_eps"])


def llama_twin(c, w, **changes):
    """A configuration of transformers' Llama for these weights."""
    keys = ("vocab_size", "hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads", "num_key_value_heads",
            "rms_norm_eps", "tie_word_embeddings", "max_position_embeddings", "head_dim")
    return {"model_type": "llama", **{k: c[k] for k in keys if k in c}, **changes}, w
