"""Plain definitions of model families whose code is published beside their weights, not in transformers: written from the papers and
the published definitions, one sequence at a time, in fp32, without caches. A family is a module with CONFIG (a tiny config.json),
tensors(config) -> {checkpoint name: shape}, logits(config, weights, ids) -> T V, and, where transformers has an equal family under
other names, twin(config, weights) -> (its config, its weights). UNUSED names tensors that checkpoints hold and nothing reads."""

from importlib import import_module

# fixture folder -> (module, what differs from its CONFIG)
CASES = {
    "internlm": ("internlm", {}),
    "internlm2": ("internlm2", {}),
    "internlm2_linear": ("internlm2", {"bias": True, "rope_scaling": {"type": "linear", "factor": 2.0}}),
    "internlm3": ("internlm3", {}),
    "exaone": ("exaone", {}),
    "index": ("index", {}),
    "chatglm": ("chatglm", {}),
    "chatglm_every_option": ("chatglm", {"multi_query_attention": False, "add_bias_linear": True, "rmsnorm": False, "rope_ratio": 1,
                                         "apply_residual_connection_post_layernorm": True, "post_layer_norm": False}),
    "baichuan_7b": ("baichuan", {"max_position_embeddings": 64}),
    "baichuan_13b": ("baichuan", {"model_max_length": 64}),
    "baichuan_first": ("baichuan", {"max_position_embeddings": 64, "z_loss_weight": None}),
    "minicpm": ("minicpm", {}),
    "minicpm3": ("minicpm3", {}),
    "mimo": ("mimo", {}),
    "mimo_v2_flash": ("mimo_v2_flash", {}),
    "telechat": ("telechat", {}),
    "yuan": ("yuan", {}),
    "phi3small": ("phi3small", {}),
    "deepseek": ("deepseek", {}),
    "orion": ("orion", {}),
    "xverse": ("xverse", {}),
    "aquila": ("xverse", {"model_type": "aquila"}),
    "skywork": ("xverse", {"model_type": "skywork"}),
    "yi": ("xverse", {"model_type": "Yi", "rope_theta": 5e6}),
    "qwen": ("qwen", {}),
    "dbrx": ("dbrx", {}),
    "dbrx_square": ("dbrx", {"ffn_config": {"ffn_hidden_size": 32, "moe_num_experts": 4, "moe_top_k": 3, "moe_normalize_expert_weights": 2.0}}),
}


def case(name):
    """The family's module and the config of the case; None in CASES takes a key away."""
    module, changes = CASES[name]
    family = import_module("." + module, __name__)
    config = {k: v for k, v in {**family.CONFIG, **changes}.items() if v is not None or k not in changes}
    return family, config
