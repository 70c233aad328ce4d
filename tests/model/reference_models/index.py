"""Index-1.9B: Llama whose head's rows are divided by their lengths."""

from torch.nn.functional import linear, normalize

from .plain import angles, llama_hidden, llama_tensors, llama_twin, sizes

CONFIG = sizes(model_type="index", norm_head=1, rope_ratio=4, pad_token_id=0)
tensors = llama_tensors


def logits(c, w, ids):
    angle = angles(len(ids), c["hidden_size"] // c["num_attention_heads"], 1e4 * c["rope_ratio"])
    return linear(llama_hidden(c, w, ids, angle), normalize(w["lm_head.weight"], dim=-1))


def twin(c, w):
    return llama_twin(c, {**w, "lm_head.weight": normalize(w["lm_head.weight"], dim=-1)},
                      rope_parameters={"rope_type": "default", "rope_theta": 1e4 * c["rope_ratio"]})
