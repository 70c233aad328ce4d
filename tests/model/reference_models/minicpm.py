"""MiniCPM: Llama with scaled embeddings, residuals and logits; longrope."""

import math

import torch
from torch.nn.functional import linear

from .plain import frequencies, llama_hidden, llama_tensors, llama_twin, sizes

CONFIG = sizes(model_type="minicpm", scale_emb=12, scale_depth=1.4, dim_model_base=8, tie_word_embeddings=True, pad_token_id=0,
               rope_scaling=dict(rope_type="longrope", short_factor=[1.0, 1.1, 1.3, 1.7], long_factor=[1.0, 2.0, 3.0, 4.0],
                                 original_max_position_embeddings=32))
tensors = llama_tensors


def logits(c, w, ids):
    rope = c["rope_scaling"]
    long = len(ids) > rope["original_max_position_embeddings"]
    slow = frequencies(c["hidden_size"] // c["num_attention_heads"], 1e4) / torch.tensor(rope["long_factor" if long else "short_factor"])
    angle = torch.arange(len(ids)).float()[:, None] * slow
    stretch = c["max_position_embeddings"] / rope["original_max_position_embeddings"]
    factor = math.sqrt(1 + math.log(stretch) / math.log(rope["original_max_position_embeddings"]))
    hidden = llama_hidden(c, w, ids, angle, factor, c["scale_depth"] / math.sqrt(c["num_hidden_layers"]), c["scale_emb"])
    return linear(hidden / (c["hidden_size"] / c["dim_model_base"]), w["model.embed_tokens.weight"])


def twin(c, w):
    config, weights = llama_twin(c, w, rope_parameters={**c["rope_scaling"], "rope_theta": 1e4})
    width = c["hidden_size"] // c["num_attention_heads"]
    return {**config, "model_type": "granite", "embedding_multiplier": c["scale_emb"], "attention_multiplier": 1 / math.sqrt(width),
            "residual_multiplier": c["scale_depth"] / math.sqrt(c["num_hidden_layers"]),
            "logits_scaling": c["hidden_size"] / c["dim_model_base"]}, weights
