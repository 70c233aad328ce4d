"""TeleChat: keys and values in one matrix, head by head; biases after attention and MLP; a rotary base that grows in steps."""

import math

from torch.nn.functional import linear, silu

from .plain import angles, attend, heads_of, llama_twin, rms_norm, turned

CONFIG = dict(model_type="telechat", n_layer=2, n_head=4, num_key_value_heads=2, vocab_size=96, hidden_size=32, ffn_hidden_size=48,
              intermediate_size=1, layer_norm_epsilon=1e-5, hidden_act="fastgelu", training_seqlen=24, base_seqlen=8, embed_layernorm=False,
              apply_residual_connection_post_layernorm=False, tie_word_embeddings=False, torch_dtype="bfloat16", pad_token_id=3,
              bos_token_id=1, eos_token_id=2)


def tensors(c):
    d, wide = c["hidden_size"], c["ffn_hidden_size"]
    kv = c["num_key_value_heads"] * (d // c["n_head"])
    out = {"transformer.word_embeddings.weight": (c["vocab_size"], d)}
    for i in range(c["n_layer"]):
        for name, shape in {"input_layernorm.weight": (d,), "self_attention.query.weight": (d, d), "self_attention.key_value.weight": (2 * kv, d),
                            "self_attention.dense.weight": (d, d), "self_attention.dense.bias": (d,), "post_attention_layernorm.weight": (d,),
                            "mlp.gate_proj.weight": (wide, d), "mlp.up_proj.weight": (wide, d), "mlp.down_proj.weight": (d, wide),
                            "mlp.down_proj.bias": (d,)}.items():
            out[f"transformer.h.{i}.{name}"] = shape
    return {**out, "transformer.ln_f.weight": (d,), "lm_head.weight": (c["vocab_size"], d)}


def base_and_factor(c, tokens):
    """Of a model that runs, not trains: the base counts on the trained length at least."""
    width, length = c["hidden_size"] // c["n_head"], max(tokens, c["training_seqlen"])
    step = max(2 ** math.ceil(math.log2(length / c["base_seqlen"]) + 1) - 1, 1)
    return 1e4 * step ** (width / (width - 2)), 1 + 0.1 * math.log(length / c["training_seqlen"])


def logits(c, w, ids):
    width, eps = c["hidden_size"] // c["n_head"], c["layer_norm_epsilon"]
    base, factor = base_and_factor(c, len(ids))
    angle = angles(len(ids), width, base)
    x = w["transformer.word_embeddings.weight"][ids]
    for i in range(c["n_layer"]):
        p = {n.removeprefix(f"transformer.h.{i}."): t for n, t in w.items()}
        y = rms_norm(x, p["input_layernorm.weight"], eps)
        q = heads_of(linear(y, p["self_attention.query.weight"]), width)
        k, v = heads_of(linear(y, p["self_attention.key_value.weight"]), 2 * width).chunk(2, -1)
        out = attend(turned(q, angle, factor), turned(k, angle, factor), v)
        x = x + linear(out, p["self_attention.dense.weight"], p["self_attention.dense.bias"])
        y = rms_norm(x, p["post_attention_layernorm.weight"], eps)
        out = silu(linear(y, p["mlp.gate_proj.weight"])) * linear(y, p["mlp.up_proj.weight"])
        x = x + linear(out, p["mlp.down_proj.weight"], p["mlp.down_proj.bias"])
    return linear(rms_norm(x, w["transformer.ln_f.weight"], eps), w["lm_head.weight"])


def twin(c, w):
    names = {"transformer.word_embeddings": "model.embed_tokens", "transformer.h": "model.layers", "transformer.ln_f": "model.norm",
             "self_attention.dense": "self_attn.o_proj", "self_attention.query": "self_attn.q_proj"}
    width, out = c["hidden_size"] // c["n_head"], {}
    for name, tensor in w.items():
        for ours, theirs in names.items():
            name = name.replace(ours, theirs)
        if "key_value" in name:
            k, v = tensor.view(-1, 2, width, c["hidden_size"]).unbind(1)
            out[name.replace("self_attention.key_value", "self_attn.k_proj")] = k.reshape(-1, c["hidden_size"])
            out[name.replace("self_attention.key_value", "self_attn.v_proj")] = v.reshape(-1, c["hidden_size"])
        else:
            out[name] = tensor
    for name in [n for n in out if n.endswith("_proj.weight")]:  # biases that transformers' Llama has all or none of
        out.setdefault(name.replace("weight", "bias"), out[name].new_zeros(len(out[name])))
    config = dict(vocab_size=c["vocab_size"], hidden_size=c["hidden_size"], intermediate_size=c["ffn_hidden_size"],
                  num_hidden_layers=c["n_layer"], num_attention_heads=c["n_head"], num_key_value_heads=c["num_key_value_heads"],
                  rms_norm_eps=c["layer_norm_epsilon"], tie_word_embeddings=False)
    return llama_twin(config, out, attention_bias=True, mlp_bias=True,
                      rope_parameters={"rope_type": "default", "rope_theta": base_and_factor(c, 1)[0]})
