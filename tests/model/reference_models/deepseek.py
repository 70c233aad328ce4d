"""DeepSeekMoE 16B: Llama's attention; experts behind a softmax router, experts that every token goes through."""

import torch
from torch.nn.functional import linear

from .plain import angles, llama_attention, llama_tensors, rms_norm, silu_gated, sizes

CONFIG = sizes(model_type="deepseek", moe_intermediate_size=16, n_routed_experts=6, n_shared_experts=2, num_experts_per_tok=3,
               first_k_dense_replace=1, moe_layer_freq=1, norm_topk_prob=False, scoring_func="softmax", rope_theta=1e4, pad_token_id=0)


def is_sparse(c, layer):
    return layer >= c["first_k_dense_replace"] and layer % c["moe_layer_freq"] == 0


def tensors(c):
    d, wide, out = c["hidden_size"], c["moe_intermediate_size"], {}
    for name, shape in llama_tensors(c).items():
        if "mlp" not in name or not is_sparse(c, int(name.split(".")[2])):
            out[name] = shape
            continue
        prefix, projection = name.split("mlp.")
        for e in range(c["n_routed_experts"]):
            out[f"{prefix}mlp.experts.{e}.{projection}"] = (d, wide) if "down" in name else (wide, d)
        shared = wide * c["n_shared_experts"]
        out[f"{prefix}mlp.shared_experts.{projection}"] = (d, shared) if "down" in name else (shared, d)
        out[f"{prefix}mlp.gate.weight"] = (c["n_routed_experts"], d)
    return out


def mlp(w, name, x):
    return silu_gated(x, *(w[f"{name}.{n}_proj.weight"] for n in ("gate", "up", "down")))


def mixture(c, w, name, x):
    """Every expert on every token, most of them with weight 0."""
    scores = linear(x, w[name + ".gate.weight"]).softmax(-1)
    best = scores.topk(c["num_experts_per_tok"]).indices
    share = torch.zeros_like(scores).scatter(-1, best, scores.gather(-1, best))
    if c["norm_topk_prob"]:
        share = share / share.sum(-1, keepdim=True)
    experts = torch.stack([mlp(w, f"{name}.experts.{e}", x) for e in range(c["n_routed_experts"])], -1)
    return (experts * share[:, None]).sum(-1) + mlp(w, name + ".shared_experts", x)


def logits(c, w, ids):
    angle = angles(len(ids), c["hidden_size"] // c["num_attention_heads"], c["rope_theta"])
    x = w["model.embed_tokens.weight"][ids]
    for i in range(c["num_hidden_layers"]):
        layer = f"model.layers.{i}."
        x = x + llama_attention(c, w, layer, rms_norm(x, w[layer + "input_layernorm.weight"], c["rms_norm_eps"]), angle)
        y = rms_norm(x, w[layer + "post_attention_layernorm.weight"], c["rms_norm_eps"])
        x = x + (mixture(c, w, layer + "mlp", y) if is_sparse(c, i) else mlp(w, layer + "mlp", y))
    return linear(rms_norm(x, w["model.norm.weight"], c["rms_norm_eps"]), w["lm_head.weight"])
