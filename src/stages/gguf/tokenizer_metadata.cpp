// The keys around a vocabulary: special tokens, what is put around a text, chat template.
#include "base/error.h"
#include "base/strings.h"
#include "stages/gguf/vocabulary.h"

namespace lf {
namespace {

/// Our word for a special token, and llama.cpp's.
constexpr std::pair<std::string_view, std::string_view> kSpecial[] = {
    {"bos", "bos"},     {"eos", "eos"}, {"unk", "unknown"}, {"sep", "seperator"},
    {"pad", "padding"}, {"cls", "cls"}, {"mask", "mask"}};

std::string key(std::string_view name) { return "tokenizer.ggml." + std::string(name); }

/// bos_token and the like: a text, or an object with one.
std::string token_text(const Json& config, const std::string& name) {
  const auto found = config.find(name);
  if (found == config.end()) return "";
  if (found->is_string()) return found->get<std::string>();
  return found->is_object() ? found->value("content", "") : "";
}

/// What the post-processor puts before (-1) or after (+1) a text: the token, "" when nothing.
std::string around(const Json& processor, int side) {
  if (!processor.is_object()) return "";
  const Json parts = processor.value("processors", Json::array({processor}));
  for (const Json& part : parts) {
    if (part.value("type", "") != "TemplateProcessing") continue;
    const Json single = part.value("single", Json::array());
    if (single.size() < 2) return "";
    const Json& end = side < 0 ? single.front() : single.back();
    return end.contains("SpecialToken") ? end["SpecialToken"].value("id", "") : "";
  }
  return "";
}

std::optional<TokenId> id_in_config(const Json& config, const std::string& name) {
  const auto found = config.find(name);
  if (found == config.end() || !found->is_number_integer()) return std::nullopt;
  return found->get<TokenId>();
}

struct SpecialKeys {
  const Tokenizer& tokenizer;
  const Json& config;
  const Json file = saved_tokenizer_file(tokenizer, "tokenizer.json");
  const Json settings = saved_tokenizer_file(tokenizer, "tokenizer_config.json");

  std::optional<TokenId> id(std::string_view name) const {
    const std::string text = token_text(settings, fmt::format("{}_token", name));
    if (const auto found = text.empty() ? std::nullopt : tokenizer.token_to_id(text)) return found;
    return id_in_config(config, fmt::format("{}_token_id", name));
  }

  /// What the post-processor does decides; then the settings. llama.cpp's own defaults differ from family to family.
  std::optional<bool> added(const std::string& name) const {
    const Json processor = file.value("post_processor", Json());
    const std::string token = around(processor, name == "bos" ? -1 : 1);
    if (!token.empty()) return token == token_text(settings, name + "_token");
    if (processor.dump().find("\"ByteLevel\"") != std::string::npos) return false;
    const auto given = settings.find("add_" + name + "_token");
    return given != settings.end() && given->is_boolean() ? std::optional<bool>(given->get<bool>()) : std::nullopt;
  }
};

/// Whether a blank is put before a text, where it is not (llama.cpp's default for SentencePiece is that it is).
std::optional<bool> space_prefix(const SpecialKeys& keys) {
  const auto given = keys.settings.find("add_prefix_space");
  if (given != keys.settings.end() && given->is_boolean()) return given->get<bool>();
  const std::string normalizer = keys.file.value("normalizer", Json()).dump();
  const std::string pre = keys.file.value("pre_tokenizer", Json()).dump();
  const bool prepended = normalizer.find("\"Prepend\"") != std::string::npos ||
                         pre.find("\"prepend_scheme\":\"first\"") != std::string::npos ||
                         pre.find("\"prepend_scheme\":\"always\"") != std::string::npos;
  return prepended ? std::nullopt : std::optional<bool>(false);
}

/// Tokens that only some families have: ends of turns, and the marks of code to be filled in.
void add_family_tokens(const Tokenizer& tokenizer, const Json& config, GgufMetadata& out) {
  const auto named = [&](std::string_view name, std::string_view token) {
    const auto id = tokenizer.token_to_id(token);
    if (id) out.emplace_back(key(name), static_cast<uint32_t>(*id));
  };
  if (config.value("model_type", "") == "gemma") {
    named("prefix_token_id", "<|fim_prefix|>");
    named("suffix_token_id", "<|fim_suffix|>");
    named("middle_token_id", "<|fim_middle|>");
    named("eot_token_id", "<end_of_turn>");
  } else if (config.value("model_type", "") == "llama" && config.value("vocab_size", 0) == 32016) {  // CodeLlama
    const std::pair<const char*, uint32_t> code_llama[] = {
        {"prefix_token_id", 32007}, {"suffix_token_id", 32008}, {"middle_token_id", 32009}, {"eot_token_id", 32010}};
    for (const auto& [name, id] : code_llama) out.emplace_back(key(name), id);
  }
}

}  // namespace

GgufMetadata gguf_tokenizer_metadata(const Tokenizer& tokenizer, const Json& config,
                                     const std::filesystem::path& source, int64_t size) {
  GgufVocabulary vocabulary = gguf_vocabulary(tokenizer, source, size);
  const SpecialKeys keys{tokenizer, config};
  const bool sentencepiece = vocabulary.model == "llama";
  GgufMetadata out;
  out.emplace_back(key("model"), vocabulary.model);
  out.emplace_back(key("pre"), vocabulary.pre_tokenizer);
  out.emplace_back(key("tokens"), std::move(vocabulary.tokens));
  if (sentencepiece) out.emplace_back(key("scores"), std::move(vocabulary.scores));
  out.emplace_back(key("token_type"), std::move(vocabulary.types));
  if (!sentencepiece) out.emplace_back(key("merges"), std::move(vocabulary.merges));
  for (const auto& [ours, theirs] : kSpecial) {
    const auto id = keys.id(ours);
    if (id && *id >= 0 && *id < size) out.emplace_back(key(theirs) + "_token_id", static_cast<uint32_t>(*id));
  }
  for (const std::string name : {"bos", "eos"}) {
    if (const auto added = keys.added(name)) out.emplace_back(key("add_" + name + "_token"), *added);
  }
  if (sentencepiece) {
    if (const auto prefix = space_prefix(keys)) out.emplace_back(key("add_space_prefix"), *prefix);
  }
  add_family_tokens(tokenizer, config, out);
  if (!tokenizer.chat_template().empty()) out.emplace_back("tokenizer.chat_template", tokenizer.chat_template());
  return out;
}

}  // namespace lf
