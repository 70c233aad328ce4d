"""Orion: Llama with layer norms."""

from torch.nn.functional import linear

from .plain import angles, layer_norm, llama_attention, llama_tensors, silu_gated, sizes

CONFIG = sizes(model_type="orion", rope_theta=1e4, pad_token_id=0, rms_norm_eps=1e-5)


def tensors(c):
    out = llama_tensors(c)
    return {**out, **{n.replace("weight", "bias"): s for n, s in out.items() if "norm" in n}}


def logits(c, w, ids):
    def norm(x, name):
        return layer_norm(x, w[name + ".weight"], w[name + ".bias"], c["rms_norm_eps"])

    angle = angles(len(ids), c["hidden_size"] // c["num_attention_heads"], c["rope_theta"])
    x = w["model.embed_tokens.weight"][ids]
    for i in range(c["num_hidden_layers"]):
        layer = f"model.layers.{i}."
        x = x + llama_attention(c, w, layer, norm(x, layer + "input_layernorm"), angle)
        x = x + silu_gated(norm(x, layer + "post_attention_layernorm"), *(w[f"{layer}mlp.{n}_proj.weight"] for n in ("gate", "up", "down")))
    return linear(norm(x, "model.norm"), w["lm_head.weight"])
