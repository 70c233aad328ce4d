"""XVERSE, Aquila, Skywork and the first Yi: Llama under other model types."""

from torch.nn.functional import linear

from .plain import angles, llama_hidden, llama_tensors, llama_twin, sizes

CONFIG = sizes(model_type="xverse", rope_theta=1e4, pad_token_id=0)
tensors = llama_tensors


def logits(c, w, ids):
    return linear(llama_hidden(c, w, ids, angles(len(ids), c["hidden_size"] // c["num_attention_heads"], c["rope_theta"])), w["lm_head.weight"])


def twin(c, w):
    return llama_twin(c, w, rope_parameters={"rope_type": "default", "rope_theta": c["rope_theta"]})
