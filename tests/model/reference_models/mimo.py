"""MiMo 7B: Qwen2; the layers that predict more than one token take no part."""

from torch.nn.functional import linear

from .plain import angles, llama_hidden, llama_tensors, llama_twin, sizes

CONFIG = sizes(model_type="mimo", head_dim=12, rope_theta=640000, num_nextn_predict_layers=1, attention_bias=True, pad_token_id=0)


def is_unused(name):
    return name.startswith("model.mtp_layers.")


def tensors(c):
    out, d = llama_tensors(c, qkv_bias=True), c["hidden_size"]
    for name, shape in list(out.items()):
        if name.startswith("model.layers.0."):
            out[name.replace("layers", "mtp_layers")] = shape
    for name in ("token", "hidden", "final"):
        out[f"model.mtp_layers.0.{name}_layernorm.weight"] = (d,)
    out["model.mtp_layers.0.input_proj.weight"] = (d, 2 * d)
    return out


def logits(c, w, ids):
    return linear(llama_hidden(c, w, ids, angles(len(ids), c["head_dim"], c["rope_theta"])), w["lm_head.weight"])


def twin(c, w):
    config, weights = llama_twin(c, {k: v for k, v in w.items() if not is_unused(k)},
                                 rope_parameters={"rope_type": "default", "rope_theta": c["rope_theta"]})
    return {**config, "model_type": "qwen2"}, weights
