#include "model/gguf_model.h"

#include "base/error.h"
#include "base/registry.h"
#include "base/strings.h"
#include "model/arch.h"
#include "model/gguf_impl.h"

namespace lf {
namespace {

// Order of the families as in the documentation.
constexpr GgufFamily kFamilies[] = {
    {.name = "llama", .architecture = "llama", .interleaved_rope = true},
    {.name = "mistral", .architecture = "llama", .interleaved_rope = true},
    {.name = "qwen2", .architecture = "qwen2"},
    {.name = "qwen3", .architecture = "qwen3"},
    {.name = "gemma", .architecture = "gemma", .one_plus_norm = true},
    {.name = "gemma2", .architecture = "gemma2", .one_plus_norm = true, .sandwich_norms = true, .window_pattern = 2},
    {.name = "gemma3_text",
     .architecture = "gemma3",
     .one_plus_norm = true,
     .sandwich_norms = true,
     .window_pattern = 6},
};

const GgufFamily& family_of(const Json& config) {
  const std::string type = string_or(config, "model_type", "");
  std::vector<std::string> names;
  for (const GgufFamily& family : kFamilies) {
    if (family.name == type) return family;
    names.emplace_back(family.name);
  }
  throw_error(ErrorKind::kUnsupported,
              "export_gguf: models of model_type '{}' cannot be written as GGUF (available: {})", printable(type),
              join(names, ", "));
}

/// "blk.3.attn_q.weight" of "model.layers.3.self_attn.q_proj.weight"; empty when the family has no such tensor.
std::string gguf_name(const GgufFamily& family, const std::string& name) {
  if (name == "model.embed_tokens.weight") return "token_embd.weight";
  if (name == "model.norm.weight") return "output_norm.weight";
  if (name == "lm_head.weight") return "output.weight";
  constexpr std::string_view kBlocks = "model.layers.";
  if (!name.starts_with(kBlocks)) return "";
  const size_t number_end = name.find('.', kBlocks.size()), kind = name.rfind('.');
  if (number_end == name.npos || kind <= number_end) return "";
  const std::string number = name.substr(kBlocks.size(), number_end - kBlocks.size());
  const std::string module = name.substr(number_end + 1, kind - number_end - 1);
  static const std::vector<std::pair<std::string_view, std::string_view>> kModules = {
      {"self_attn.q_proj", "attn_q"},
      {"self_attn.k_proj", "attn_k"},
      {"self_attn.v_proj", "attn_v"},
      {"self_attn.o_proj", "attn_output"},
      {"self_attn.q_norm", "attn_q_norm"},
      {"self_attn.k_norm", "attn_k_norm"},
      {"mlp.gate_proj", "ffn_gate"},
      {"mlp.up_proj", "ffn_up"},
      {"mlp.down_proj", "ffn_down"},
      {"input_layernorm", "attn_norm"},
      {"pre_feedforward_layernorm", "ffn_norm"},
      {"post_feedforward_layernorm", "post_ffw_norm"}};
  const auto named = [&](std::string_view part) { return fmt::format("blk.{}.{}{}", number, part, name.substr(kind)); };
  if (module == "post_attention_layernorm") return named(family.sandwich_norms ? "post_attention_norm" : "ffn_norm");
  for (const auto& [theirs, ours] : kModules) {
    if (module == theirs) return named(ours);
  }
  return "";
}

/// Rows of each head from halves (first half, second half) to pairs, as llama.cpp's rotation of this family takes them.
Tensor interleave_heads(const Tensor& weight, int64_t heads) {
  std::vector<int64_t> split = {heads, 2, weight.size(0) / heads / 2};
  for (int64_t i = 1; i < weight.dim(); ++i) split.push_back(weight.size(i));
  return weight.reshape(split).transpose(1, 2).reshape(weight.sizes());
}

std::function<Tensor(const Tensor&)> change_of(const GgufFamily& family, const Json& config, const std::string& name) {
  const auto of = [&](std::string_view module) {
    return name.ends_with(fmt::format("{}.weight", module)) || name.ends_with(fmt::format("{}.bias", module));
  };
  if (family.one_plus_norm && name.ends_with("norm.weight")) {
    return [](const Tensor& weight) { return weight.to(c10::kFloat) + 1; };
  }
  if (!family.interleaved_rope || !(of("q_proj") || of("k_proj"))) return {};
  const int64_t query_heads = required_int(config, "num_attention_heads");
  const int64_t heads = of("q_proj") ? query_heads : int_or(config, "num_key_value_heads", query_heads);
  return [heads](const Tensor& weight) { return interleave_heads(weight, heads); };
}

GgufType stored_type(const Tensor& tensor, const std::string& name, GgufType wanted) {
  if (tensor.dim() <= 1 || name.ends_with("_norm.weight") || !name.ends_with(".weight")) return GgufType::kF32;
  return fits_gguf_type(tensor, wanted) ? wanted : GgufType::kF16;
}

GgufTensor gguf_tensor(const GgufFamily& family, const Json& config, const NamedTensor& given, GgufType type) {
  const auto& [name, tensor] = given;
  GgufTensor out{.name = gguf_name(family, name), .data = tensor, .change = change_of(family, config, name)};
  LF_CHECK(kUnsupported, !out.name.empty(), "export_gguf: tensor '{}' has no place in llama.cpp's {} architecture",
           printable(name), family.architecture);
  LF_CHECK(kUnsupported, name != "lm_head.weight" || !family.one_plus_norm || family.name == "gemma3_text",
           "export_gguf: llama.cpp's {} takes the head from the embedding, but this model has an lm_head of its own",
           family.architecture);
  out.type = stored_type(tensor, out.name, type);
  return out;
}

}  // namespace

std::string gguf_architecture(const Json& config) { return std::string(family_of(config).architecture); }

void check_gguf_config(const Json& config) { gguf_hyperparameters(family_of(config), config); }

GgufModel describe_gguf(const Json& config, std::span<const NamedTensor> tensors, GgufType type) {
  const GgufFamily& family = family_of(config);
  GgufModel model = gguf_hyperparameters(family, config);
  if (const Tensor factors = llama3_rope_factors(config); factors.defined())
    model.tensors.push_back({.name = "rope_freqs.weight", .data = factors});
  std::string unfit;
  for (const NamedTensor& given : tensors) {
    model.tensors.push_back(gguf_tensor(family, config, given, type));
    const GgufTensor& tensor = model.tensors.back();
    if (type == GgufType::kQ8_0 && tensor.type == GgufType::kF16 && unfit.empty()) unfit = tensor.name;
    if (tensor.name == "token_embd.weight" && family.interleaved_rope)
      model.metadata.emplace_back("llama.vocab_size", static_cast<uint32_t>(tensor.data.size(0)));
  }
  if (!unfit.empty()) {
    model.warnings.push_back(
        fmt::format("rows that are no multiple of 32 cannot be Q8_0 and are F16: {} and others like it", unfit));
  }
  return model;
}

}  // namespace lf
