"""InternLM 2: Llama whose queries, keys and values are one matrix, key head by key head: its queries, its key, its value."""

import torch
from torch.nn.functional import linear

from .plain import angles, attend, heads_of, llama_twin, rms_norm, silu_gated, sizes, turned

CONFIG = sizes(model_type="internlm2", bias=False, rope_theta=1e6, pad_token_id=0)
NAMES = {"attention_norm": "input_layernorm", "ffn_norm": "post_attention_layernorm", "feed_forward.w1": "mlp.gate_proj",
         "feed_forward.w3": "mlp.up_proj", "feed_forward.w2": "mlp.down_proj", "attention.wo": "self_attn.o_proj"}


def tensors(c):
    d, wide, heads, kv = c["hidden_size"], c["intermediate_size"], c["num_attention_heads"], c["num_key_value_heads"]
    out = {"model.tok_embeddings.weight": (c["vocab_size"], d)}
    for i in range(c["num_hidden_layers"]):
        layer = f"model.layers.{i}."
        out.update({layer + "attention.wqkv.weight": ((heads + 2 * kv) * (d // heads), d), layer + "attention.wo.weight": (d, d)})
        if c["bias"]:
            out.update({layer + "attention.wqkv.bias": ((heads + 2 * kv) * (d // heads),), layer + "attention.wo.bias": (d,)})
        out.update({layer + "feed_forward.w1.weight": (wide, d), layer + "feed_forward.w3.weight": (wide, d),
                    layer + "feed_forward.w2.weight": (d, wide), layer + "attention_norm.weight": (d,), layer + "ffn_norm.weight": (d,)})
    out.update({"model.norm.weight": (d,), "output.weight": (c["vocab_size"], d)})
    return out


def logits(c, w, ids):
    heads, kv, eps = c["num_attention_heads"], c["num_key_value_heads"], c["rms_norm_eps"]
    width = c["hidden_size"] // heads
    angle = angles(len(ids), width, c["rope_theta"]) / c.get("rope_scaling", {}).get("factor", 1.0)
    x = w["model.tok_embeddings.weight"][ids]
    for i in range(c["num_hidden_layers"]):
        p = {n: w.get(f"model.layers.{i}.{n}") for n in (
            "attention.wqkv.weight", "attention.wqkv.bias", "attention.wo.weight", "attention.wo.bias", "attention_norm.weight",
            "ffn_norm.weight", "feed_forward.w1.weight", "feed_forward.w2.weight", "feed_forward.w3.weight")}
        both = linear(rms_norm(x, p["attention_norm.weight"], eps), p["attention.wqkv.weight"], p["attention.wqkv.bias"])
        both = both.view(len(ids), kv, heads // kv + 2, width)
        q, k, v = both[:, :, :-2].reshape(len(ids), heads, width), both[:, :, -2], both[:, :, -1]
        x = x + linear(attend(turned(q, angle), turned(k, angle), v), p["attention.wo.weight"], p["attention.wo.bias"])
        y = rms_norm(x, p["ffn_norm.weight"], eps)
        x = x + silu_gated(y, p["feed_forward.w1.weight"], p["feed_forward.w3.weight"], p["feed_forward.w2.weight"])
    return linear(rms_norm(x, w["model.norm.weight"], eps), w["output.weight"])


def twin(c, w):
    heads, kv = c["num_attention_heads"], c["num_key_value_heads"]
    width, out = c["hidden_size"] // heads, {}
    for name, tensor in w.items():
        for ours, theirs in {**NAMES, "tok_embeddings": "embed_tokens"}.items():
            name = name.replace(ours, theirs)
        if "wqkv" not in name:
            out["lm_head.weight" if name == "output.weight" else name] = tensor
            continue
        groups = tensor.view(kv, heads // kv + 2, width, *tensor.shape[1:])
        for part, rows in (("q", groups[:, :-2]), ("k", groups[:, -2]), ("v", groups[:, -1])):
            out[name.replace("attention.wqkv", f"self_attn.{part}_proj")] = rows.reshape(-1, *tensor.shape[1:]).contiguous()
    rope = {"rope_type": "default", "rope_theta": c["rope_theta"], **c.get("rope_scaling", {})}
    rope["rope_type"] = rope.pop("type", rope["rope_type"])
    return llama_twin(c, out, attention_bias=c["bias"], rope_parameters=rope)
