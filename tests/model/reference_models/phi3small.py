"""Phi-3-small: block-sparse and dense attention in turn, GEGELU, muP multipliers, tokens that are never predicted."""

import torch
from torch.nn.functional import linear

from .plain import angles, attend, layer_norm, turned

CONFIG = dict(model_type="phi3small", vocab_size=96, hidden_size=32, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2,
              ff_intermediate_size=40, ff_dim_multiplier=None, hidden_act="gegelu", gegelu_limit=1.5, max_position_embeddings=64,
              rope_embedding_base=1000000, rope_position_scale=2.0, layer_norm_epsilon=1e-5, blocksparse_block_size=4,
              blocksparse_num_local_blocks=2, blocksparse_vert_stride=3, blocksparse_homo_head_pattern=False,
              dense_attention_every_n_layers=2, mup_use_scaling=True, mup_attn_multiplier=2.0, mup_embedding_multiplier=3.0,
              mup_width_multiplier=0.5, dummy_token_indices=[90, 91, 93], tie_word_embeddings=True, torch_dtype="bfloat16",
              bos_token_id=1, eos_token_id=2)


def tensors(c):
    d, wide, heads = c["hidden_size"], c["ff_intermediate_size"], c["num_attention_heads"]
    fused = (heads + 2 * c["num_key_value_heads"]) * (d // heads)
    out = {"model.embed_tokens.weight": (c["vocab_size"], d)}
    for i in range(c["num_hidden_layers"]):
        for name, shape in {"self_attn.query_key_value": (fused, d), "self_attn.dense": (d, d), "mlp.up_proj": (2 * wide, d),
                            "mlp.down_proj": (d, wide), "input_layernorm": (d,), "post_attention_layernorm": (d,)}.items():
            out.update({f"model.layers.{i}.{name}.weight": shape, f"model.layers.{i}.{name}.bias": shape[:1]})
    out.update({"model.final_layernorm.weight": (d,), "model.final_layernorm.bias": (d,)})
    return out


def seen(c, tokens):
    """H T T: a query sees the blocks near its own and every stride-th one before; which ones differs from head to head."""
    heads, stride = c["num_attention_heads"], c["blocksparse_vert_stride"]
    step = 0 if c["blocksparse_homo_head_pattern"] else max(1, stride // heads)
    out = torch.zeros(heads, tokens, tokens, dtype=torch.bool)
    for h in range(heads):
        for query in range(tokens):
            for key in range(query + 1):
                q, k = query // c["blocksparse_block_size"], key // c["blocksparse_block_size"]
                out[h, query, key] = q - k < c["blocksparse_num_local_blocks"] or (k + 1 + h * step) % stride == 0
    return out


def gegelu(x, limit):
    gate, up = x[..., 0::2].clamp(max=limit), x[..., 1::2].clamp(-limit, limit)
    return gate * torch.sigmoid(1.702 * gate) * (up + 1)


def logits(c, w, ids):
    heads, kv, eps = c["num_attention_heads"], c["num_key_value_heads"], c["layer_norm_epsilon"]
    width = c["hidden_size"] // heads
    angle = angles(len(ids), width, float(c["rope_embedding_base"])) / c["rope_position_scale"]
    x = w["model.embed_tokens.weight"][ids] * c["mup_embedding_multiplier"]
    for i in range(c["num_hidden_layers"]):
        p = {n.removeprefix(f"model.layers.{i}."): t for n, t in w.items()}

        def project(y, name):
            return linear(y, p[name + ".weight"], p[name + ".bias"])

        y = layer_norm(x, p["input_layernorm.weight"], p["input_layernorm.bias"], eps)
        both = project(y, "self_attn.query_key_value").view(len(ids), kv, heads // kv + 2, width)
        q, k, v = both[:, :, :-2].reshape(len(ids), heads, width), both[:, :, -2], both[:, :, -1]
        dense = (i + 1) % c["dense_attention_every_n_layers"] == 0
        out = attend(turned(q, angle), turned(k, angle), v, c["mup_attn_multiplier"] / width, None if dense else seen(c, len(ids)))
        x = x + project(out, "self_attn.dense")
        y = layer_norm(x, p["post_attention_layernorm.weight"], p["post_attention_layernorm.bias"], eps)
        x = x + project(gegelu(project(y, "mlp.up_proj"), c["gegelu_limit"]), "mlp.down_proj")
    x = layer_norm(x, w["model.final_layernorm.weight"], w["model.final_layernorm.bias"], eps)
    out = linear(x, w["model.embed_tokens.weight"]) / c["mup_width_multiplier"]
    return out.index_fill(-1, torch.tensor(c["dummy_token_indices"]), -1e30)
