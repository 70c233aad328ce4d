"""InternLM 3: Llama with biases where qkv_bias and bias say so."""

from torch.nn.functional import linear

from .plain import angles, attend, heads_of, llama_tensors, llama_twin, rms_norm, sizes, turned
from torch.nn.functional import silu

CONFIG = sizes(model_type="internlm3", qkv_bias=True, bias=True, head_dim=12, rope_theta=5e7, pad_token_id=2)


def tensors(c):
    out = {}
    for name, shape in llama_tensors(c, c["qkv_bias"], c["bias"]).items():
        out[name] = shape
        if "mlp" in name and c["bias"]:
            out[name.replace("weight", "bias")] = shape[:1]
    return out


def logits(c, w, ids):
    angle = angles(len(ids), c["head_dim"], c["rope_theta"])
    x = w["model.embed_tokens.weight"][ids]
    for i in range(c["num_hidden_layers"]):
        def project(y, name):
            return linear(y, w[f"model.layers.{i}.{name}.weight"], w.get(f"model.layers.{i}.{name}.bias"))

        y = rms_norm(x, w[f"model.layers.{i}.input_layernorm.weight"], c["rms_norm_eps"])
        q, k, v = (heads_of(project(y, f"self_attn.{n}_proj"), c["head_dim"]) for n in "qkv")
        x = x + project(attend(turned(q, angle), turned(k, angle), v), "self_attn.o_proj")
        y = rms_norm(x, w[f"model.layers.{i}.post_attention_layernorm.weight"], c["rms_norm_eps"])
        x = x + project(silu(project(y, "mlp.gate_proj")) * project(y, "mlp.up_proj"), "mlp.down_proj")
    return linear(rms_norm(x, w["model.norm.weight"], c["rms_norm_eps"]), w["lm_head.weight"])


def twin(c, w):
    return llama_twin(c, w, attention_bias=True, mlp_bias=True, rope_parameters={"rope_type": "default", "rope_theta": c["rope_theta"]})
