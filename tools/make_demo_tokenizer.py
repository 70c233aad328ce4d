#!/usr/bin/env python3
"""Trains the byte-level BPE of the bundled tiny model on the bundled data: make_demo_tokenizer.py DATA_DIR OUT_DIR [VOCAB]"""
import json, pathlib, sys

from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

data, out, vocab = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 2048
PATTERN = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")
SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]


def texts():
    lines = [line for path in sorted(data.glob("*.txt")) for line in path.read_text().splitlines()]
    lines += [json.loads(line)["text"] for path in sorted(data.glob("*.jsonl")) for line in path.read_text().splitlines()]
    for line in lines:
        for special in SPECIAL:
            line = line.replace(special, "\n")
        yield line
    for path in sorted(data.glob("*.json")):
        if path.name != "dataset_info.json":
            yield from strings(json.loads(path.read_text()))


def strings(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, dict)):
        for item in value.values() if isinstance(value, dict) else value:
            yield from strings(item)


tokenizer = Tokenizer(models.BPE())
tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
    [pre_tokenizers.Split(Regex(PATTERN), "isolated"), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
tokenizer.decoder = decoders.ByteLevel()
tokenizer.train_from_iterator(texts(), trainers.BpeTrainer(
    vocab_size=vocab, special_tokens=SPECIAL, initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()), show_progress=False))
out.mkdir(parents=True, exist_ok=True)
tokenizer.save(str(out / "tokenizer.json"))
config = {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": 512, "eos_token": "<|endoftext|>", "pad_token": "<|endoftext|>",
          "clean_up_tokenization_spaces": False}
(out / "tokenizer_config.json").write_text(json.dumps(config, indent=2) + "\n")
print(f"{tokenizer.get_vocab_size()} entries in {out}")
