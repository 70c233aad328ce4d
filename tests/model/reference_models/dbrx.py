"""DBRX: layer norms without bias, one clipped matrix for queries, keys and values, experts whose matrices are stacked."""

import torch
from torch.nn.functional import linear, silu

from .plain import angles, attend, heads_of, layer_norm, turned

CONFIG = dict(model_type="dbrx", d_model=32, n_heads=4, n_layers=2, max_seq_len=64, vocab_size=96,
              attn_config=dict(clip_qkv=0.9, kv_n_heads=2, rope_theta=5e5),
              ffn_config=dict(ffn_hidden_size=20, moe_num_experts=4, moe_top_k=2, moe_loss_weight=0.05, moe_normalize_expert_weights=1.0),
              tie_word_embeddings=False, torch_dtype="bfloat16", pad_token_id=0, bos_token_id=1, eos_token_id=2)


def tensors(c):
    d, experts, wide = c["d_model"], c["ffn_config"]["moe_num_experts"], c["ffn_config"]["ffn_hidden_size"]
    kv = c["attn_config"]["kv_n_heads"] * (d // c["n_heads"])
    out = {"transformer.wte.weight": (c["vocab_size"], d)}
    for i in range(c["n_layers"]):
        for name, shape in {"norm_attn_norm.norm_1.weight": (d,), "norm_attn_norm.attn.Wqkv.weight": (d + 2 * kv, d),
                            "norm_attn_norm.attn.out_proj.weight": (d, d), "norm_attn_norm.norm_2.weight": (d,),
                            "ffn.router.layer.weight": (experts, d), **{f"ffn.experts.mlp.{n}": (experts * wide, d) for n in ("w1", "v1", "w2")}}.items():
            out[f"transformer.blocks.{i}.{name}"] = shape
    return {**out, "transformer.norm_f.weight": (d,), "lm_head.weight": (c["vocab_size"], d)}


def by_expert(c, p, name):
    """X F D."""
    return p["ffn.experts.mlp." + name].unflatten(0, (c["ffn_config"]["moe_num_experts"], -1))


def mixture(c, p, x, routed=None):
    """Every expert on every token, most of them with weight 0. `routed` gathers (probabilities, chosen experts)."""
    scores = linear(x, p["ffn.router.layer.weight"]).softmax(-1)
    best = scores.topk(c["ffn_config"]["moe_top_k"]).indices
    if routed is not None:
        routed.append((scores, best))
    share = torch.zeros_like(scores).scatter(-1, best, scores.gather(-1, best))
    share = share / share.norm(c["ffn_config"]["moe_normalize_expert_weights"], dim=-1, keepdim=True)
    gate, up = (torch.einsum("td,xfd->txf", x, by_expert(c, p, n)) for n in ("w1", "v1"))
    return torch.einsum("txf,xfd,tx->td", silu(gate) * up, by_expert(c, p, "w2"), share)


def logits(c, w, ids, routed=None):
    d, clip, width = c["d_model"], c["attn_config"]["clip_qkv"], c["d_model"] // c["n_heads"]
    kv = c["attn_config"]["kv_n_heads"] * width
    angle = angles(len(ids), width, c["attn_config"]["rope_theta"])

    def norm(x, weight):
        return layer_norm(x, weight, 0.0, 1e-5)

    x = w["transformer.wte.weight"][ids]
    for i in range(c["n_layers"]):
        p = {n.removeprefix(f"transformer.blocks.{i}."): t for n, t in w.items()}
        both = linear(norm(x, p["norm_attn_norm.norm_1.weight"]), p["norm_attn_norm.attn.Wqkv.weight"]).clamp(-clip, clip)
        q, k, v = (heads_of(part, width) for part in both.split([d, kv, kv], -1))
        x = x + linear(attend(turned(q, angle), turned(k, angle), v), p["norm_attn_norm.attn.out_proj.weight"])
        x = x + mixture(c, p, norm(x, p["norm_attn_norm.norm_2.weight"]), routed)
    return linear(norm(x, w["transformer.norm_f.weight"]), w["lm_head.weight"])


def balance(c, w, rows):
    """X sum f p over the tokens of all rows and layers, and its weight in the loss."""
    routed = []
    for ids in rows:
        logits(c, w, ids, routed)
    p = torch.cat([scores for scores, _ in routed]).mean(0)
    f = torch.cat([torch.zeros_like(scores).scatter(-1, best, 1.0) for scores, best in routed]).mean(0)
    return len(p) * (f * p).sum(), c["ffn_config"].get("moe_loss_weight", 0.01)


def twin(c, w):
    """transformers 5.8 takes the experts' width for the model's and their matrices turned over: equal where the two widths are."""
    if c["ffn_config"]["ffn_hidden_size"] != c["d_model"]:
        return None
    turned_over = {n: by_expert(c, {"ffn.experts.mlp." + n[-2:]: t}, n[-2:]).transpose(1, 2).reshape(t.shape) if "experts" in n else t
                   for n, t in w.items()}
    ffn = {**c["ffn_config"], "hidden_size": c["d_model"]}
    return {**c, "ffn_config": ffn, "rope_parameters": {"rope_type": "default", "rope_theta": c["attn_config"]["rope_theta"]}}, turned_over
