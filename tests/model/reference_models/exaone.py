"""EXAONE 3: Llama under GPT-like names, with Llama 3's rotary scaling."""

import math

import torch
from torch.nn.functional import linear

from .plain import attend, frequencies, heads_of, llama_twin, rms_norm, silu_gated, sizes, turned

CONFIG = sizes(model_type="exaone", num_hidden_layers=None, num_layers=2, rms_norm_eps=None, layer_norm_epsilon=1e-5, hidden_act=None,
               activation_function="silu", rope_theta=1e4, pad_token_id=0,
               rope_scaling=dict(rope_type="llama3", factor=4.0, low_freq_factor=1.0, high_freq_factor=4.0, original_max_position_embeddings=16))
NAMES = {"transformer.wte": "model.embed_tokens", "transformer.h": "model.layers", "transformer.ln_f": "model.norm", "ln_1": "input_layernorm",
         "ln_2": "post_attention_layernorm", "attn.attention.out_proj": "self_attn.o_proj", "attn.attention": "self_attn",
         "mlp.c_fc_0": "mlp.gate_proj", "mlp.c_fc_1": "mlp.up_proj", "mlp.c_proj": "mlp.down_proj"}


def tensors(c):
    d, wide, heads = c["hidden_size"], c["intermediate_size"], c["num_attention_heads"]
    kv = c["num_key_value_heads"] * (d // heads)
    out = {"transformer.wte.weight": (c["vocab_size"], d)}
    for i in range(c["num_layers"]):
        for name, shape in {"ln_1": (d,), "attn.attention.q_proj": (d, d), "attn.attention.k_proj": (kv, d), "attn.attention.v_proj": (kv, d),
                            "attn.attention.out_proj": (d, d), "ln_2": (d,), "mlp.c_fc_0": (wide, d), "mlp.c_fc_1": (wide, d),
                            "mlp.c_proj": (d, wide)}.items():
            out[f"transformer.h.{i}.{name}.weight"] = shape
    return {**out, "transformer.ln_f.weight": (d,), "lm_head.weight": (c["vocab_size"], d)}


def scaled_frequencies(width, theta, scaling):
    """Slow turns are slowed down by the factor, fast ones kept, those between blended."""
    out, length = [], scaling["original_max_position_embeddings"]
    for f in frequencies(width, theta).tolist():
        turns = length * f / (2 * math.pi)
        blend = (turns - scaling["low_freq_factor"]) / (scaling["high_freq_factor"] - scaling["low_freq_factor"])
        blend = min(max(blend, 0.0), 1.0)
        out.append((1 - blend) * f / scaling["factor"] + blend * f)
    return torch.tensor(out)


def logits(c, w, ids):
    width, eps = c["hidden_size"] // c["num_attention_heads"], c["layer_norm_epsilon"]
    angle = torch.arange(len(ids)).float()[:, None] * scaled_frequencies(width, c["rope_theta"], c["rope_scaling"])
    x = w["transformer.wte.weight"][ids]
    for i in range(c["num_layers"]):
        layer = f"transformer.h.{i}."
        y = rms_norm(x, w[layer + "ln_1.weight"], eps)
        q, k, v = (heads_of(linear(y, w[f"{layer}attn.attention.{n}_proj.weight"]), width) for n in "qkv")
        x = x + linear(attend(turned(q, angle), turned(k, angle), v), w[layer + "attn.attention.out_proj.weight"])
        y = rms_norm(x, w[layer + "ln_2.weight"], eps)
        x = x + silu_gated(y, *(w[f"{layer}mlp.{n}.weight"] for n in ("c_fc_0", "c_fc_1", "c_proj")))
    return linear(rms_norm(x, w["transformer.ln_f.weight"], eps), w["lm_head.weight"])


def twin(c, w):
    out = {}
    for name, tensor in w.items():
        for ours, theirs in NAMES.items():
            name = name.replace(ours, theirs)
        out[name] = tensor
    return llama_twin({**c, "num_hidden_layers": c["num_layers"], "rms_norm_eps": c["layer_norm_epsilon"]}, out,
                      rope_parameters={**c["rope_scaling"], "rope_theta": c["rope_theta"]})
