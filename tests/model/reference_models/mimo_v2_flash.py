"""MiMo-V2-Flash: layers that see everything and layers with a window, heads and sinks of their own; values narrower than keys; a
sigmoid router whose correction bias acts on the choice only."""

import torch
from torch.nn.functional import linear

from .deepseek import mlp
from .plain import angles, attend, heads_of, rms_norm, sizes, turned, visible

CONFIG = sizes(model_type="mimo_v2_flash", rms_norm_eps=None, layernorm_epsilon=1e-5, num_hidden_layers=3, num_attention_heads=4, num_key_value_heads=1,
               head_dim=12, v_head_dim=8, swa_num_attention_heads=4, swa_num_key_value_heads=2, swa_head_dim=12, swa_v_head_dim=8,
               hybrid_layer_pattern=[0, 1, 1], sliding_window=5, sliding_window_size=5, rope_theta=5000000, swa_rope_theta=10000,
               partial_rotary_factor=0.35, add_swa_attention_sink_bias=True, add_full_attention_sink_bias=False, attention_bias=False,
               attention_value_scale=0.707, moe_layer_freq=[0, 1, 0], n_routed_experts=4, moe_intermediate_size=12, num_experts_per_tok=2,
               scoring_func="sigmoid", topk_method="noaux_tc", n_group=1, topk_group=1, norm_topk_prob=True, routed_scaling_factor=None,
               n_shared_experts=None, intermediate_size=32, pad_token_id=0)
CONFIG["routed_scaling_factor"] = CONFIG["n_shared_experts"] = None


def is_unused(name):
    return name.endswith("e_score_correction_bias")  # used, but not trained


def heads(c, layer):
    """Heads, key heads, width of keys, width of values."""
    near = "swa_" if c["hybrid_layer_pattern"][layer] else ""
    return tuple(c[near + n] for n in ("num_attention_heads", "num_key_value_heads", "head_dim", "v_head_dim"))


def tensors(c):
    d, out = c["hidden_size"], {"model.embed_tokens.weight": (c["vocab_size"], c["hidden_size"])}
    for i in range(c["num_hidden_layers"]):
        layer, (h, kv, width, values) = f"model.layers.{i}.", heads(c, i)
        out.update({layer + "self_attn.q_proj.weight": (h * width, d), layer + "self_attn.k_proj.weight": (kv * width, d),
                    layer + "self_attn.v_proj.weight": (kv * values, d), layer + "self_attn.o_proj.weight": (d, h * values),
                    layer + "input_layernorm.weight": (d,), layer + "post_attention_layernorm.weight": (d,)})
        if c["hybrid_layer_pattern"][i]:
            out[layer + "self_attn.attention_sink_bias"] = (h,)
        parts = [(f"mlp.experts.{e}", c["moe_intermediate_size"]) for e in range(c["n_routed_experts"])]
        for name, wide in parts if c["moe_layer_freq"][i] else [("mlp", c["intermediate_size"])]:
            for projection in ("gate", "up", "down"):
                out[f"{layer}{name}.{projection}_proj.weight"] = (d, wide) if projection == "down" else (wide, d)
        if c["moe_layer_freq"][i]:
            out[layer + "mlp.gate.weight"] = (c["n_routed_experts"], d)
            out[layer + "mlp.gate.e_score_correction_bias"] = (c["n_routed_experts"],)
    return {**out, "model.norm.weight": (d,), "lm_head.weight": (c["vocab_size"], d)}


def mixture(c, w, name, x):
    scores = linear(x, w[name + ".gate.weight"]).sigmoid()
    best = (scores + w[name + ".gate.e_score_correction_bias"]).topk(c["num_experts_per_tok"]).indices
    share = torch.zeros_like(scores).scatter(-1, best, scores.gather(-1, best))
    share = share / share.sum(-1, keepdim=True)
    experts = torch.stack([mlp(w, f"{name}.experts.{e}", x) for e in range(c["n_routed_experts"])], -1)
    return (experts * share[:, None]).sum(-1)


def attention(c, w, layer, number, x):
    h, kv, width, values = heads(c, number)
    near = bool(c["hybrid_layer_pattern"][number])
    rotated = int(width * c["partial_rotary_factor"]) // 2 * 2
    angle = angles(len(x), rotated, float(c["swa_rope_theta" if near else "rope_theta"]))
    q, k = (turned(heads_of(linear(x, w[f"{layer}self_attn.{n}_proj.weight"]), width), angle) for n in "qk")
    v = heads_of(linear(x, w[layer + "self_attn.v_proj.weight"]), values) * c["attention_value_scale"]
    out = attend(q, k, v, seen=visible(len(x), c["sliding_window_size"] + 1 if near else 0), sinks=w.get(layer + "self_attn.attention_sink_bias"))
    return linear(out, w[layer + "self_attn.o_proj.weight"])


def logits(c, w, ids):
    x, eps = w["model.embed_tokens.weight"][ids], c["layernorm_epsilon"]
    for i in range(c["num_hidden_layers"]):
        layer = f"model.layers.{i}."
        x = x + attention(c, w, layer, i, rms_norm(x, w[layer + "input_layernorm.weight"], eps))
        y = rms_norm(x, w[layer + "post_attention_layernorm.weight"], eps)
        x = x + (mixture if c["moe_layer_freq"][i] else lambda c, *rest: mlp(*rest))(c, w, layer + "mlp", y)
    return linear(rms_norm(x, w["model.norm.weight"], eps), w["lm_head.weight"])
