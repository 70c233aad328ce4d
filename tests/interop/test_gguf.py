"""GGUF files that we export, read back by the gguf package: every tensor against the safetensors beside it, and the metadata."""
import json, os, pathlib

import numpy, pytest

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")
from safetensors.torch import load_file, save_file

try:
    import gguf
except ImportError:
    if os.environ.get("CI") == "true":
        raise
    pytest.skip("skipped: no gguf package", allow_module_level=True)

ROOT = pathlib.Path(__file__).resolve().parents[2]
BYTE_LEVEL, BYTE_FALLBACK = ROOT / "examples/demo/model", ROOT / "tests/fixtures/tokenizers/byte_fallback"
SMALL = dict(hidden_size=64, intermediate_size=96, num_hidden_layers=3, num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=256)
GEMMA = dict(head_dim=16, query_pre_attn_scalar=16, sliding_window=32, hidden_activation="gelu_pytorch_tanh")
LLAMA3 = {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 64, "rope_theta": 500000.0}
# name: config class, its arguments, tokenizer, llama.cpp's architecture
FAMILIES = {
    "llama": ("LlamaConfig", {}, BYTE_FALLBACK, "llama"),
    "llama3": ("LlamaConfig", {"rope_parameters": LLAMA3, "tie_word_embeddings": True}, BYTE_LEVEL, "llama"),
    "mistral": ("MistralConfig", {"sliding_window": None, "head_dim": 24}, BYTE_FALLBACK, "llama"),
    "qwen2": ("Qwen2Config", {}, BYTE_LEVEL, "qwen2"),
    "qwen3": ("Qwen3Config", {"head_dim": 32, "tie_word_embeddings": True}, BYTE_LEVEL, "qwen3"),
    "gemma": ("GemmaConfig", {"head_dim": 16}, BYTE_FALLBACK, "gemma"),
    "gemma2": ("Gemma2Config", GEMMA, BYTE_FALLBACK, "gemma2"),
    "gemma3_text": ("Gemma3TextConfig", {**GEMMA, "num_hidden_layers": 7}, BYTE_FALLBACK, "gemma3"),
}
MODULES = {"attn_q": "self_attn.q_proj", "attn_k": "self_attn.k_proj", "attn_v": "self_attn.v_proj", "attn_output": "self_attn.o_proj",
           "attn_q_norm": "self_attn.q_norm", "attn_k_norm": "self_attn.k_norm", "ffn_gate": "mlp.gate_proj", "ffn_up": "mlp.up_proj",
           "ffn_down": "mlp.down_proj", "attn_norm": "input_layernorm"}


@pytest.fixture
def model(request, tmp_path):
    """A random model of a family with a tokenizer, in bfloat16 as published ones are."""
    kind, extra, tokenizer, _ = FAMILIES[request.param]
    torch.manual_seed(7)
    vocabulary = len(transformers.PreTrainedTokenizerFast(tokenizer_file=str(tokenizer / "tokenizer.json")))
    config = getattr(transformers, kind)(**{**SMALL, "vocab_size": vocabulary + 3, **extra})
    network = transformers.AutoModelForCausalLM.from_config(config, dtype=torch.bfloat16)
    for name, weight in network.named_parameters():  # norms that differ from 1, biases from 0
        if weight.dim() == 1:
            weight.data += 0.1 * torch.randn_like(weight)
    folder = tmp_path / "model"
    network.save_pretrained(folder)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        (folder / name).write_bytes((tokenizer / name).read_bytes())
    return request.param, folder


def file_of(folder, kind):
    return folder / f"{folder.name}-{kind.upper()}.gguf"


def export(run, model, out, kind, *more):
    run("export", f"model_name_or_path={model}", "template=chatml", f"export_dir={out}", f"export_gguf={kind}", *more)
    reader = gguf.GGUFReader(file_of(out, kind))
    return reader, load_file(out / "model.safetensors"), json.loads((out / "config.json").read_text())


def their_name(name, sandwich):
    plain = {"token_embd": "model.embed_tokens", "output_norm": "model.norm", "output": "lm_head"}
    stem, _, kind = name.rpartition(".")
    if stem in plain:
        return f"{plain[stem]}.{kind}"
    _, number, module = stem.split(".")
    norms = {"ffn_norm": "pre_feedforward_layernorm" if sandwich else "post_attention_layernorm", "post_attention_norm": "post_attention_layernorm",
             "post_ffw_norm": "post_feedforward_layernorm"}
    return f"model.layers.{number}.{({**MODULES, **norms})[module]}.{kind}"


def as_llama_cpp_has_it(name, tensor, family, config):
    tensor = tensor.float()
    if family.startswith("gemma") and name.endswith("norm.weight"):
        return tensor + 1
    heads = {"attn_q": config["num_attention_heads"], "attn_k": config["num_key_value_heads"]}.get(name.split(".")[-2])
    if heads and FAMILIES[family][3] == "llama":  # halves of each head become neighbours
        return torch.stack(tensor.unflatten(0, (heads, 2, -1)).unbind(1), 2).reshape(tensor.shape)
    return tensor


def check_tensors(reader, weights, family, config, kind):
    sandwich = family in ("gemma2", "gemma3_text")
    seen = set()
    for tensor in reader.tensors:
        if tensor.name == "rope_freqs.weight":
            continue
        source = their_name(tensor.name, sandwich)
        seen.add(source)
        wanted = as_llama_cpp_has_it(tensor.name, weights[source], family, config).numpy()
        assert list(reversed(tensor.shape.tolist())) == list(wanted.shape), tensor.name
        vector = wanted.ndim == 1
        assert tensor.tensor_type.name == ("F32" if vector else "F16" if kind == "q8_0" and wanted.shape[1] % 32 else kind.upper()), tensor.name
        found = gguf.quants.dequantize(tensor.data, tensor.tensor_type)
        if tensor.tensor_type.name == "Q8_0":
            assert (tensor.data == gguf.quants.quantize(wanted, gguf.GGMLQuantizationType.Q8_0)).all(), tensor.name
            step = numpy.abs(wanted.reshape(-1, 32)).max(1, keepdims=True) / 127
            assert (numpy.abs(found - wanted).reshape(-1, 32) <= step * (0.5 + 127 * 2**-11)).all(), tensor.name
        else:
            exact = torch.from_numpy(wanted).to({"F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16}[tensor.tensor_type.name])
            assert (found == exact.float().numpy()).all(), tensor.name
    assert seen == set(weights)


def field(reader, name):
    return reader.fields[name].contents()


@pytest.mark.parametrize("kind", ["f32", "f16", "bf16", "q8_0"])
@pytest.mark.parametrize("model", FAMILIES, indirect=True)
def test_every_tensor_is_that_of_the_safetensors(model, kind, run, tmp_path):
    family, folder = model
    reader, weights, config = export(run, folder, tmp_path / "out", kind)
    check_tensors(reader, weights, family, config, kind)
    architecture = FAMILIES[family][3]
    assert field(reader, "general.architecture") == architecture
    assert field(reader, "general.file_type") == {"f32": 0, "f16": 1, "bf16": 32, "q8_0": 7}[kind]
    assert field(reader, f"{architecture}.block_count") == config["num_hidden_layers"]
    assert field(reader, f"{architecture}.attention.head_count_kv") == config["num_key_value_heads"]
    assert len(field(reader, "tokenizer.ggml.tokens")) == config["vocab_size"]


@pytest.mark.parametrize("model", ["llama3"], indirect=True)
def test_frequencies_of_llama3_scaling(model, run, tmp_path):
    reader, _, config = export(run, model[1], tmp_path / "out", "f16")
    inverse = transformers.modeling_rope_utils.ROPE_INIT_FUNCTIONS["llama3"](transformers.AutoConfig.from_pretrained(model[1]), "cpu")[0].numpy()
    plain = 500000.0 ** -(numpy.arange(0, 16, 2) / 16)
    factors = next(tensor.data for tensor in reader.tensors if tensor.name == "rope_freqs.weight")
    numpy.testing.assert_allclose(plain / factors, inverse, rtol=1e-5)


@pytest.mark.parametrize("model", ["qwen2"], indirect=True)
def test_byte_level_vocabulary(model, run, tmp_path):
    reader, _, config = export(run, model[1], tmp_path / "out", "f16")
    source = json.loads((tmp_path / "out" / "tokenizer.json").read_text())
    tokens, types = field(reader, "tokenizer.ggml.tokens"), field(reader, "tokenizer.ggml.token_type")
    assert field(reader, "tokenizer.ggml.model") == "gpt2"
    added = {token["id"]: token for token in source["added_tokens"]}
    for text, number in source["model"]["vocab"].items():
        if number not in added:
            assert (tokens[number], types[number]) == (text, 1)
    for number, token in added.items():
        assert (tokens[number], types[number]) == (token["content"], 3 if token["special"] else 4)
    assert (tokens[-1], types[-1]) == (f"[PAD{config['vocab_size'] - 1}]", 5)
    assert field(reader, "tokenizer.ggml.merges") == [merge if isinstance(merge, str) else " ".join(merge) for merge in source["model"]["merges"]]
    reference = transformers.AutoTokenizer.from_pretrained(tmp_path / "out")
    assert field(reader, "tokenizer.ggml.eos_token_id") == reference.eos_token_id
    assert field(reader, "tokenizer.chat_template") == reference.chat_template


@pytest.mark.parametrize("model", ["llama"], indirect=True)
def test_sentencepiece_vocabulary_merges_in_the_order_of_tokenizer_json(model, run, tmp_path):
    reader, _, config = export(run, model[1], tmp_path / "out", "f16")
    source = json.loads((tmp_path / "out" / "tokenizer.json").read_text())["model"]
    tokens, scores, types = (field(reader, f"tokenizer.ggml.{name}") for name in ("tokens", "scores", "token_type"))
    assert field(reader, "tokenizer.ggml.model") == "llama"
    assert types[tokens.index("<0x0A>")] == 6
    ranks = {}
    for rank, merge in enumerate(source["merges"]):
        left, right = merge.split(" ") if isinstance(merge, str) else merge
        ranks.setdefault(left + right, rank)
    ordered = sorted(ranks, key=ranks.get)
    found = [scores[tokens.index(text)] for text in ordered]
    assert found == sorted(found, reverse=True) and len(set(found)) == len(found)
    assert config["vocab_size"] == len(scores) and scores[-1] == -10000


@pytest.mark.parametrize("model", ["llama"], indirect=True)
def test_scores_come_from_tokenizer_model_where_there_is_one(model, run, tmp_path):
    sentencepiece = pytest.importorskip("sentencepiece")
    folder = model[1]
    file = ROOT / "tests/fixtures/tokenizers/sentencepiece/bpe_bytes.model"
    pieces = sentencepiece.SentencePieceProcessor(str(file))
    for name in ("tokenizer.json", "tokenizer_config.json"):
        (folder / name).unlink()
    (folder / "tokenizer.model").write_bytes(file.read_bytes())
    weights = load_file(folder / "model.safetensors")
    rows = pieces.vocab_size() + 8  # room for what the template adds
    for name in ("model.embed_tokens.weight", "lm_head.weight"):
        weights[name] = torch.zeros(rows, 64, dtype=torch.bfloat16)
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "vocab_size": rows}))
    reader, _, _ = export(run, folder, tmp_path / "out", "f16")
    tokens, scores, types = (field(reader, f"tokenizer.ggml.{name}") for name in ("tokens", "scores", "token_type"))
    for number in range(pieces.vocab_size()):
        if types[number] in (1, 6):
            assert tokens[number] == pieces.id_to_piece(number)
            assert scores[number] == pytest.approx(pieces.get_score(number))


@pytest.mark.parametrize("model", ["qwen2"], indirect=True)
def test_a_merged_adapter_is_in_the_file(model, run, data_dir, tmp_path):
    family, folder = model
    run("train", f"model_name_or_path={folder}", "stage=sft", "do_train=true", "finetuning_type=lora", "template=chatml", "dataset=demo_identity",
        f"dataset_dir={data_dir}", "max_samples=8", "cutoff_len=64", "max_steps=2", "learning_rate=0.01", f"output_dir={tmp_path / 'lora'}")
    reader, weights, config = export(run, folder, tmp_path / "out", "bf16", f"adapter_name_or_path={tmp_path / 'lora'}", "finetuning_type=lora")
    check_tensors(reader, weights, family, config, "bf16")
    assert not torch.equal(weights["model.layers.0.self_attn.q_proj.weight"],
                           load_file(folder / "model.safetensors")["model.layers.0.self_attn.q_proj.weight"])


@pytest.mark.parametrize("model", ["llama"], indirect=True)
def test_what_cannot_be_written_is_refused_before_anything_is(model, run, tmp_path):
    config = json.loads((model[1] / "config.json").read_text())
    config["rope_scaling"] = {"type": "dynamic", "factor": 2.0}
    config.pop("rope_parameters", None)
    (model[1] / "config.json").write_text(json.dumps(config))
    result = run("export", f"model_name_or_path={model[1]}", "template=chatml", f"export_dir={tmp_path / 'out'}", "export_gguf=q8_0", ok=False)
    assert result.returncode == 69 and "rope type 'dynamic'" in result.stderr
    assert not (tmp_path / "out").exists()
    result = run("export", f"model_name_or_path={model[1]}", "template=chatml", f"export_dir={tmp_path / 'out'}", "export_gguf=q4_0", ok=False)
    assert result.returncode == 78 and "q8_0" in result.stderr


@pytest.mark.parametrize("model", ["qwen2"], indirect=True)
def test_an_unknown_way_to_cut_text_is_refused(model, run, tmp_path):
    file = model[1] / "tokenizer.json"
    tokenizer = json.loads(file.read_text())
    tokenizer["pre_tokenizer"]["pretokenizers"][0]["pattern"]["Regex"] = "[a-z]+|."
    file.write_text(json.dumps(tokenizer))
    result = run("export", f"model_name_or_path={model[1]}", "template=chatml", f"export_dir={tmp_path / 'out'}", "export_gguf=f16", ok=False)
    assert result.returncode == 69 and "llama.cpp has no name for this tokenizer's way to cut text" in result.stderr
    assert not (tmp_path / "out").exists() and not list(tmp_path.glob(".lf-tmp-*"))
