"""MiniCPM 3: MiniCPM with latent attention: keys and values of all heads from one narrow vector, a rotated part shared by all heads."""

import math

import torch
from torch.nn.functional import linear

from .plain import angles, attend, heads_of, llama_tensors, rms_norm, silu_gated, sizes, turned

CONFIG = sizes(model_type="minicpm3", num_key_value_heads=4, q_lora_rank=12, kv_lora_rank=10, qk_nope_head_dim=6, qk_rope_head_dim=4, v_head_dim=8,
               scale_emb=12, scale_depth=1.4, dim_model_base=8, tie_word_embeddings=True, pad_token_id=0, rope_theta=1e4)


def tensors(c):
    d, heads, plain, rotated = c["hidden_size"], c["num_attention_heads"], c["qk_nope_head_dim"], c["qk_rope_head_dim"]
    out = {n: s for n, s in llama_tensors(c).items() if "self_attn" not in n}
    for i in range(c["num_hidden_layers"]):
        for name, shape in {"q_a_proj": (c["q_lora_rank"], d), "q_a_layernorm": (c["q_lora_rank"],),
                            "q_b_proj": (heads * (plain + rotated), c["q_lora_rank"]), "kv_a_proj_with_mqa": (c["kv_lora_rank"] + rotated, d),
                            "kv_a_layernorm": (c["kv_lora_rank"],), "kv_b_proj": (heads * (plain + c["v_head_dim"]), c["kv_lora_rank"]),
                            "o_proj": (d, heads * c["v_head_dim"])}.items():
            out[f"model.layers.{i}.self_attn.{name}.weight"] = shape
    return out


def attention(c, p, x, angle):
    heads, plain, rank = c["num_attention_heads"], c["qk_nope_head_dim"], c["kv_lora_rank"]
    narrow = rms_norm(linear(x, p["q_a_proj.weight"]), p["q_a_layernorm.weight"], 1e-6)
    q_plain, q_rotated = heads_of(linear(narrow, p["q_b_proj.weight"]), plain + c["qk_rope_head_dim"]).split([plain, c["qk_rope_head_dim"]], -1)
    both = linear(x, p["kv_a_proj_with_mqa.weight"])
    latent = rms_norm(both[:, :rank], p["kv_a_layernorm.weight"], 1e-6)
    k_plain, v = heads_of(linear(latent, p["kv_b_proj.weight"]), plain + c["v_head_dim"]).split([plain, c["v_head_dim"]], -1)
    k_rotated = turned(both[:, None, rank:], angle).expand(-1, heads, -1)
    out = attend(torch.cat([q_plain, turned(q_rotated, angle)], -1), torch.cat([k_plain, k_rotated], -1), v)
    return linear(out, p["o_proj.weight"])


def logits(c, w, ids):
    angle, residual = angles(len(ids), c["qk_rope_head_dim"], c["rope_theta"]), c["scale_depth"] / math.sqrt(c["num_hidden_layers"])
    x = w["model.embed_tokens.weight"][ids] * c["scale_emb"]
    for i in range(c["num_hidden_layers"]):
        layer = f"model.layers.{i}."
        p = {n.removeprefix(layer + "self_attn."): t for n, t in w.items()}
        x = x + residual * attention(c, p, rms_norm(x, w[layer + "input_layernorm.weight"], c["rms_norm_eps"]), angle)
        y = rms_norm(x, w[layer + "post_attention_layernorm.weight"], c["rms_norm_eps"])
        x = x + residual * silu_gated(y, *(w[f"{layer}mlp.{n}_proj.weight"] for n in ("gate", "up", "down")))
    x = rms_norm(x, w["model.norm.weight"], c["rms_norm_eps"])
    return linear(x / (c["hidden_size"] / c["dim_model_base"]), w["model.embed_tokens.weight"])
