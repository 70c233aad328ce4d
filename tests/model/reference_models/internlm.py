"""InternLM (first): Llama with biases in attention and a rotary base that grows beyond the trained length."""

from torch.nn.functional import linear

from .plain import angles, llama_hidden, llama_tensors, llama_twin, sizes

CONFIG = sizes(model_type="internlm", bias=True, num_key_value_heads=None, pad_token_id=0,
               rotary={"base": 10000, "type": "dynamic", "scaling_factor": 1.0})


def tensors(c):
    return llama_tensors({**c, "num_key_value_heads": c["num_attention_heads"]}, c["bias"], c["bias"])


def logits(c, w, ids):
    angle = angles(len(ids), c["hidden_size"] // c["num_attention_heads"], float(c["rotary"]["base"]))
    return linear(llama_hidden(c, w, ids, angle), w["lm_head.weight"])


def twin(c, w):
    return llama_twin(c, w, attention_bias=True, num_key_value_heads=c["num_attention_heads"])
