"""ChatGLM 2 and 3, GLM-4 9B: half of each head turns in pairs of neighbours; fused projections."""

import torch
from torch.nn.functional import linear, silu

from .plain import angles, attend, layer_norm, rms_norm, turned_pairs

CONFIG = dict(model_type="chatglm", num_layers=2, padded_vocab_size=96, vocab_size=96, hidden_size=32, ffn_hidden_size=48, kv_channels=16,
              num_attention_heads=4, seq_length=64, layernorm_epsilon=1e-5, rmsnorm=True, apply_residual_connection_post_layernorm=False,
              post_layer_norm=True, add_bias_linear=False, add_qkv_bias=True, multi_query_attention=True, multi_query_group_num=2,
              rope_ratio=50, tie_word_embeddings=False, torch_dtype="bfloat16", eos_token_id=2, pad_token_id=0)


def tensors(c):
    d, heads, width = c["hidden_size"], c["num_attention_heads"], c["kv_channels"]
    kv = c["multi_query_group_num"] if c["multi_query_attention"] else heads
    out = {"transformer.embedding.word_embeddings.weight": (c["padded_vocab_size"], d)}

    def norm(name):
        out[name + ".weight"] = (d,)
        if not c["rmsnorm"]:
            out[name + ".bias"] = (d,)

    def matrix(name, rows, columns, bias):
        out[name + ".weight"] = (rows, columns)
        if bias:
            out[name + ".bias"] = (rows,)

    for i in range(c["num_layers"]):
        layer, bias = f"transformer.encoder.layers.{i}.", c["add_bias_linear"]
        norm(layer + "input_layernorm")
        matrix(layer + "self_attention.query_key_value", (heads + 2 * kv) * width, d, bias or c["add_qkv_bias"])
        matrix(layer + "self_attention.dense", d, heads * width, bias)
        norm(layer + "post_attention_layernorm")
        matrix(layer + "mlp.dense_h_to_4h", 2 * c["ffn_hidden_size"], d, bias)
        matrix(layer + "mlp.dense_4h_to_h", d, c["ffn_hidden_size"], bias)
    if c["post_layer_norm"]:
        norm("transformer.encoder.final_layernorm")
    out["transformer.output_layer.weight"] = (c["padded_vocab_size"], d)
    return out


def split(c, both):
    """T (H + 2 K) E -> queries, keys, values."""
    heads, width = c["num_attention_heads"], c["kv_channels"]
    if not c["multi_query_attention"]:
        return both.view(len(both), heads, 3, width).unbind(2)
    kv = c["multi_query_group_num"]
    return both.view(len(both), heads + 2 * kv, width).split([heads, kv, kv], 1)


def logits(c, w, ids):
    def norm(x, name):
        if c["rmsnorm"]:
            return rms_norm(x, w[name + ".weight"], c["layernorm_epsilon"])
        return layer_norm(x, w[name + ".weight"], w[name + ".bias"], c["layernorm_epsilon"])

    def project(x, name):
        return linear(x, w[name + ".weight"], w.get(name + ".bias"))

    angle = angles(len(ids), c["kv_channels"] // 2, 1e4 * c["rope_ratio"])
    x = w["transformer.embedding.word_embeddings.weight"][ids]
    for i in range(c["num_layers"]):
        layer = f"transformer.encoder.layers.{i}."
        y = norm(x, layer + "input_layernorm")
        q, k, v = split(c, project(y, layer + "self_attention.query_key_value"))
        out = project(attend(turned_pairs(q, angle), turned_pairs(k, angle), v), layer + "self_attention.dense")
        x = (y if c["apply_residual_connection_post_layernorm"] else x) + out
        y = norm(x, layer + "post_attention_layernorm")
        gate, up = project(y, layer + "mlp.dense_h_to_4h").chunk(2, -1)
        out = project(silu(gate) * up, layer + "mlp.dense_4h_to_h")
        x = (y if c["apply_residual_connection_post_layernorm"] else x) + out
    if c["post_layer_norm"]:
        x = norm(x, "transformer.encoder.final_layernorm")
    return linear(x, w["transformer.output_layer.weight"])


def twin(c, w):
    """transformers' GLM has the same weights in the same order, queries, keys and values apart."""
    if c["add_bias_linear"] or not c["multi_query_attention"]:
        return None
    names = {"transformer.embedding.word_embeddings": "model.embed_tokens", "transformer.encoder.layers": "model.layers",
             "transformer.encoder.final_layernorm": "model.norm", "transformer.output_layer": "lm_head",
             "self_attention.dense": "self_attn.o_proj", "mlp.dense_h_to_4h": "mlp.gate_up_proj", "mlp.dense_4h_to_h": "mlp.down_proj"}
    out = {}
    for name, tensor in w.items():
        for ours, theirs in names.items():
            name = name.replace(ours, theirs)
        if "query_key_value" not in name:
            out[name] = tensor
            continue
        for part, rows in zip("qkv", split(c, tensor[None] if tensor.dim() == 1 else tensor.T)):
            whole = rows.flatten(1).T if tensor.dim() == 2 else rows.flatten()
            out[name.replace("self_attention.query_key_value", f"self_attn.{part}_proj")] = whole.contiguous()
    return dict(model_type="glm", vocab_size=c["padded_vocab_size"], hidden_size=c["hidden_size"], intermediate_size=c["ffn_hidden_size"],
                num_hidden_layers=c["num_layers"], num_attention_heads=c["num_attention_heads"], head_dim=c["kv_channels"],
                num_key_value_heads=c["multi_query_group_num"], rms_norm_eps=c["layernorm_epsilon"], attention_bias=c["add_qkv_bias"],
                max_position_embeddings=c["seq_length"], tie_word_embeddings=False, pad_token_id=0,
                rope_parameters={"rope_type": "default", "rope_theta": 1e4 * c["rope_ratio"], "partial_rotary_factor": 0.5}), out
