#!/usr/bin/env python3
"""Makes tests/fixtures/adapters: two tiny Llama models, adapters written by peft, and the logits that transformers and peft give.

Usage: make_adapter_fixtures.py [OUT]      (made with torch 2.13.0, transformers 5.8.0, peft 0.18.1)

OUT/NAME/base            the model (config.json, model.safetensors)
OUT/NAME/ADAPTER         an adapter folder as peft's save_pretrained leaves it
OUT/NAME/logits.safetensors   ids [T], base, and per adapter ADAPTER and ADAPTER.merged, all [T, V] fp32
"""
import shutil
import sys
from pathlib import Path

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from safetensors.torch import save_file
from transformers import LlamaConfig, LlamaForCausalLM

ALL = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
ADAPTERS = {
    "untied": {
        "plain": dict(r=4, lora_alpha=8, target_modules=ALL, lora_dropout=0.1),
        "patterns": dict(r=4, lora_alpha=6, use_rslora=True, target_modules=r".*\.(q_proj|down_proj|o_proj)",
                         rank_pattern={"down_proj": 2, r"layers\.1\.self_attn\.q_proj": 6}, alpha_pattern={"^model.layers.0.self_attn.o_proj": 3, "q_proj": 5}),
        "copies": dict(r=2, lora_alpha=4, target_modules=["q_proj"], modules_to_save=["embed_tokens", "lm_head", "input_layernorm"]),
    },
    "tied": {
        "embedding": dict(r=2, lora_alpha=4, target_modules=["v_proj"], modules_to_save=["embed_tokens"]),
    },
}


def base_model(tied: bool) -> LlamaForCausalLM:
    torch.manual_seed(1)
    config = LlamaConfig(vocab_size=40, hidden_size=16, intermediate_size=24, num_hidden_layers=2, num_attention_heads=4,
                         num_key_value_heads=2, max_position_embeddings=64, tie_word_embeddings=tied, initializer_range=0.3,
                         bos_token_id=1, eos_token_id=2)
    return LlamaForCausalLM(config).eval()


def randomised(model: PeftModel) -> PeftModel:
    generator = torch.Generator().manual_seed(2)
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            parameter.data.add_(torch.randn(parameter.shape, generator=generator) * 0.2)
    return model.eval()


@torch.no_grad()
def main() -> None:
    out = Path(sys.argv[1] if len(sys.argv) > 1 else "tests/fixtures/adapters")
    shutil.rmtree(out, ignore_errors=True)
    ids = torch.tensor([[1, 5, 9, 33, 7, 21, 14, 3, 39, 0, 11]])
    for kind, adapters in ADAPTERS.items():
        folder = out / kind
        base_model(kind == "tied").save_pretrained(folder / "base")
        logits = {"ids": ids[0], "base": LlamaForCausalLM.from_pretrained(folder / "base")(ids).logits[0]}
        for name, settings in adapters.items():
            model = randomised(get_peft_model(LlamaForCausalLM.from_pretrained(folder / "base"), LoraConfig(task_type="CAUSAL_LM", **settings)))
            model.save_pretrained(folder / name)
            again = PeftModel.from_pretrained(LlamaForCausalLM.from_pretrained(folder / "base"), folder / name).eval()
            logits[name] = again(ids).logits[0]
            logits[f"{name}.merged"] = again.merge_and_unload()(ids).logits[0]
            (folder / name / "README.md").unlink()
        save_file({k: v.contiguous() for k, v in logits.items()}, folder / "logits.safetensors")
        for generated in (folder / "base").glob("generation_config.json"):
            generated.unlink()
    for path in out.rglob("adapter_config.json"):
        path.write_text(path.read_text().replace(str(out), "tests/fixtures/adapters"))
    for path in out.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)


if __name__ == "__main__":
    main()
