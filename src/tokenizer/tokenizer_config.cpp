#include "tokenizer/tokenizer_config.h"

#include <algorithm>
#include <array>

#include "base/error.h"
#include "base/files.h"
#include "base/strings.h"
#include "tokenizer/vocab.h"

namespace lf {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kMaxBytes = 64 << 20;
constexpr std::array kNamed = {"bos_token", "eos_token", "unk_token", "sep_token",
                               "pad_token", "cls_token", "mask_token"};

/// A token given as text or as {"content": ..., "lstrip": ...}.
AddedToken read_token(const Json& value, const std::string& where) {
  AddedToken token;
  token.special = true;
  if (value.is_string()) {
    token.content = value.get<std::string>();
    return token;
  }
  LF_CHECK(kFormat, value.is_object() && value.contains("content") && value["content"].is_string(),
           "{}: needed a token (a string, or an object with \"content\")", where);
  token.content = value["content"].get<std::string>();
  const auto flag = [&](const char* key, bool fallback) {
    if (!value.contains(key)) return fallback;
    LF_CHECK(kFormat, value[key].is_boolean(), "{}: \"{}\" is not true or false", where, key);
    return value[key].get<bool>();
  };
  token.single_word = flag("single_word", false);
  token.lstrip = flag("lstrip", false);
  token.rstrip = flag("rstrip", false);
  token.special = flag("special", false);
  token.normalized = flag("normalized", !token.special);
  return token;
}

std::optional<Json> read_optional(const fs::path& path) {
  std::error_code error;
  if (!fs::exists(path, error)) return std::nullopt;
  Json json = parse_json(read_file(path, kMaxBytes), path.string(), {.max_depth = 64, .allow_duplicate_keys = false});
  LF_CHECK(kFormat, json.is_object(), "{}: needed an object", path.string());
  return json;
}

void check_flag(const Json& json, const char* key, const std::string& where) {
  LF_CHECK(kFormat, !json.contains(key) || json[key].is_null() || json[key].is_boolean(),
           "{}: \"{}\" is not true or false", where, key);
}

/// The class that transformers reads the tokenizer of a model_type with, where the files beside need one.
std::string class_of_model(const std::string& type) {
  static constexpr std::pair<std::string_view, std::string_view> kClasses[] = {
      {"llama", "LlamaTokenizer"},     {"mistral", "LlamaTokenizer"},     {"mixtral", "LlamaTokenizer"},
      {"phi3", "LlamaTokenizer"},      {"gemma", "GemmaTokenizer"},       {"gemma2", "GemmaTokenizer"},
      {"gemma3", "GemmaTokenizer"},    {"gemma3_text", "GemmaTokenizer"}, {"t5", "T5Tokenizer"},
      {"qwen2", "Qwen2Tokenizer"},     {"qwen3", "Qwen2Tokenizer"},       {"qwen2_moe", "Qwen2Tokenizer"},
      {"qwen3_moe", "Qwen2Tokenizer"}, {"gpt2", "GPT2Tokenizer"},         {"opt", "GPT2Tokenizer"},
      {"phi", "CodeGenTokenizer"},     {"codegen", "CodeGenTokenizer"},   {"bert", "BertTokenizer"},
      {"roberta", "RobertaTokenizer"}};
  for (const auto& [model, name] : kClasses) {
    if (model == type) return std::string(name);
  }
  return "";
}

}  // namespace

TokenizerConfig::TokenizerConfig(const fs::path& folder) {
  const fs::path main = folder / "tokenizer_config.json";
  if (auto json = read_optional(main)) json_ = std::move(*json);
  read_tokens(json_, main.string());
  read_added(main.string());
  const fs::path map = folder / "special_tokens_map.json";
  if (const auto json = read_optional(map)) read_tokens(*json, map.string());
  for (const char* key : {"add_bos_token", "add_eos_token", "split_special_tokens"})
    check_flag(json_, key, main.string());
  read_added_json(folder);
  read_chat_template(folder);
  read_class(folder);
}

bool TokenizerConfig::flag(const std::string& key, bool fallback) const {
  return json_.contains(key) && json_[key].is_boolean() ? json_[key].get<bool>() : fallback;
}

void TokenizerConfig::read_class(const fs::path& folder) {
  has_files_ = !json_.empty();
  if (json_.contains("tokenizer_class") && json_["tokenizer_class"].is_string())
    class_name_ = json_["tokenizer_class"].get<std::string>();
  if (class_name_.ends_with("Fast")) class_name_.resize(class_name_.size() - 4);
  const auto model = read_optional(folder / "config.json");
  if (!model) return;
  has_files_ = true;
  if (class_name_.empty() && model->contains("model_type") && (*model)["model_type"].is_string())
    class_name_ = class_of_model((*model)["model_type"].get<std::string>());
}

std::string TokenizerConfig::named_token(const std::string& key) const {
  for (const auto& [name, token] : named_) {
    if (name == key) return token.content;
  }
  return "";
}

void TokenizerConfig::default_token(const std::string& key, const std::string& token) {
  if (!json_.contains(key)) read_named(Json{{key, token}}, key);
}

void TokenizerConfig::default_flag(const std::string& key, bool value) {
  if (!json_.contains(key) || json_[key].is_null()) json_[key] = value;
}

/// added_tokens.json ({token: id}) of older folders; newer ones have added_tokens_decoder or a tokenizer.json.
void TokenizerConfig::read_added_json(const fs::path& folder) {
  const fs::path path = folder / "added_tokens.json";
  std::error_code error;
  if (!added_.empty() || fs::exists(folder / "tokenizer.json", error)) return;
  const auto list = read_optional(path);
  if (!list) return;
  const std::vector<AddedToken> special = all_special();
  for (const auto& [text, id] : list->items()) {
    LF_CHECK(kFormat, !text.empty() && id.is_number_integer() && id >= 0 && id <= kMaxTokenId,
             "{}: '{}' has no valid id", path.string(), printable(text));
    AddedToken token{.content = text, .normalized = true};
    for (const AddedToken& other : special) {
      if (other.content == text) token = {.content = text, .special = true};
    }
    added_.emplace_back(id.get<TokenId>(), token);
  }
  std::sort(added_.begin(), added_.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
}

void TokenizerConfig::read_tokens(const Json& source, const std::string& where) {
  read_named(source, where);
  read_additional(source, where);
}

void TokenizerConfig::read_named(const Json& source, const std::string& where) {
  for (const std::string key : kNamed) {
    if (!source.contains(key) || source[key].is_null()) continue;
    const bool known = std::any_of(named_.begin(), named_.end(), [&](const auto& entry) { return entry.first == key; });
    if (known) continue;
    const AddedToken token = read_token(source[key], where + ": " + key);
    if (token.content.empty()) continue;
    named_.emplace_back(key, token);
    if (key == "bos_token") specials_.bos = token.content;
    if (key == "eos_token") specials_.eos = token.content;
    if (key == "unk_token") specials_.unk = token.content;
    if (key == "pad_token") specials_.pad = token.content;
  }
}

void TokenizerConfig::read_additional(const Json& source, const std::string& where) {
  for (const std::string key : {"additional_special_tokens", "extra_special_tokens"}) {
    if (!source.contains(key) || source[key].is_null()) continue;
    LF_CHECK(kFormat, source[key].is_array() || source[key].is_object(), "{}: {}: needed a list of tokens", where, key);
    for (const Json& item : source[key]) {
      const AddedToken token = read_token(item, where + ": " + key);
      const bool known = std::find(specials_.additional.begin(), specials_.additional.end(), token.content) !=
                         specials_.additional.end();
      if (known || token.content.empty()) continue;
      specials_.additional.push_back(token.content);
      additional_.push_back(token);
    }
  }
}

void TokenizerConfig::read_added(const std::string& where) {
  if (!json_.contains("added_tokens_decoder") || json_["added_tokens_decoder"].is_null()) return;
  const Json& list = json_["added_tokens_decoder"];
  LF_CHECK(kFormat, list.is_object(), "{}: added_tokens_decoder: needed an object", where);
  for (const auto& [key, value] : list.items()) {
    const bool digits = !key.empty() && key.size() <= 9 && key.find_first_not_of("0123456789") == std::string::npos;
    LF_CHECK(kFormat, digits && std::stol(key) <= kMaxTokenId, "{}: added_tokens_decoder: '{}' is not a token id",
             where, printable(key));
    added_.emplace_back(static_cast<TokenId>(std::stol(key)),
                        read_token(value, where + ": added_tokens_decoder." + key));
  }
  std::sort(added_.begin(), added_.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
}

void TokenizerConfig::read_chat_template(const fs::path& folder) {
  const fs::path file = folder / "chat_template.jinja";
  std::error_code error;
  if (fs::exists(file, error)) {
    chat_template_ = read_file(file, kMaxBytes);
    return;
  }
  if (!json_.contains("chat_template")) return;
  const Json& value = json_["chat_template"];
  if (value.is_string()) chat_template_ = value.get<std::string>();
  if (!value.is_array()) return;
  for (const Json& item : value) {  // several named ones: "default" counts
    const bool good =
        item.is_object() && item.contains("name") && item.contains("template") && item["template"].is_string();
    if (good && item["name"] == "default") chat_template_ = item["template"].get<std::string>();
  }
}

std::vector<AddedToken> TokenizerConfig::all_special() const {
  std::vector<AddedToken> all;
  const auto add = [&](const AddedToken& token) {
    const bool known =
        std::any_of(all.begin(), all.end(), [&](const AddedToken& other) { return other.content == token.content; });
    if (!known) all.push_back(token);
  };
  for (const auto& [key, token] : named_) add(token);
  for (const AddedToken& token : additional_) add(token);
  return all;
}

void TokenizerConfig::set_token(const std::string& key, const std::string& token) {
  json_[key] = token;
  if (key == "eos_token") specials_.eos = token;
  if (key == "pad_token") specials_.pad = token;
}

void TokenizerConfig::add_additional(const std::string& token) {
  if (std::find(specials_.additional.begin(), specials_.additional.end(), token) == specials_.additional.end()) {
    specials_.additional.push_back(token);
  }
}

}  // namespace lf
