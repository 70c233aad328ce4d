// vocab.txt: WordPiece as BERT published it.
#include "base/files.h"
#include "base/strings.h"
#include "tokenizer/kinds/json_text.h"
#include "tokenizer/kinds/kinds.h"
#include "tokenizer/unicode.h"
#include "tokenizer/vocab.h"

namespace lf {
namespace {

constexpr uint64_t kMaxBytes = uint64_t{64} << 20;

/// {"token": line number, ...}; of a text that stands twice the last line counts, as in Python.
std::string read_vocab(const std::filesystem::path& file, std::unordered_map<std::string, TokenId>& tokens) {
  const std::string text = read_file(file, kMaxBytes);
  LF_CHECK(kFormat, is_valid_utf8(text), "{}: not UTF-8", file.string());
  std::vector<std::string> order;
  TokenId line_number = 0;
  for (std::string_view rest = text; !rest.empty(); ++line_number) {
    const size_t end = rest.find('\n');
    std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (tokens.insert_or_assign(std::string(line), line_number).second) order.emplace_back(line);
  }
  std::string json = "{";
  JsonCommas commas(json);
  for (const std::string& token : order) {
    append_json_string(commas.next(), token);
    json += ':';
    append_json_number(json, tokens[token]);
  }
  return json + "}";
}

/// "strip_accents": null stands for "as lowercase says".
std::string accents(const TokenizerConfig& config) {
  if (config.flag("strip_accents", false)) return "true";
  return config.flag("strip_accents", true) ? "null" : "false";
}

}  // namespace

ConvertedTokenizer convert_vocab_txt(const std::filesystem::path& file, TokenizerConfig& config) {
  std::unordered_map<std::string, TokenId> tokens;
  const std::string vocab = read_vocab(file, tokens);
  for (const auto& [key, token] :
       {std::pair("unk_token", "[UNK]"), std::pair("sep_token", "[SEP]"), std::pair("pad_token", "[PAD]"),
        std::pair("cls_token", "[CLS]"), std::pair("mask_token", "[MASK]")}) {
    if (tokens.contains(token)) config.default_token(key, token);
  }
  const std::string unk = config.special_tokens().unk;
  LF_CHECK(kFormat, tokens.contains(unk), "{}: the unk_token '{}' is not in the vocabulary", file.string(),
           printable(unk));
  const auto id_of = [&](const char* key) {
    const auto found = tokens.find(config.named_token(key));
    return found == tokens.end() ? std::nullopt : std::optional(std::pair(found->first, found->second));
  };
  const auto cls = id_of("cls_token"), sep = id_of("sep_token");
  std::string json = fmt::format(
      R"({{"version":"1.0","truncation":null,"padding":null,"added_tokens":[],"normalizer":{{"type":"BertNormalizer",)"
      R"("clean_text":true,"handle_chinese_chars":{},"strip_accents":{},"lowercase":{}}},)"
      R"("pre_tokenizer":{{"type":"BertPreTokenizer"}},"post_processor":)",
      config.flag("tokenize_chinese_chars", true), accents(config), config.flag("do_lower_case", true));
  if (cls && sep) {
    json += fmt::format(
        R"({{"type":"TemplateProcessing","single":[{0},{{"Sequence":{{"id":"A","type_id":0}}}},{1}],)"
        R"("pair":[{0},{{"Sequence":{{"id":"A","type_id":0}}}},{1},{{"Sequence":{{"id":"B","type_id":1}}}},{2}],)"
        R"("special_tokens":{{{3}:{{"id":{3},"ids":[{4}],"tokens":[{3}]}},{5}:{{"id":{5},"ids":[{6}],"tokens":[{5}]}}}}}})",
        fmt::format(R"({{"SpecialToken":{{"id":{},"type_id":0}}}})", json_string(cls->first)),
        fmt::format(R"({{"SpecialToken":{{"id":{},"type_id":0}}}})", json_string(sep->first)),
        fmt::format(R"({{"SpecialToken":{{"id":{},"type_id":1}}}})", json_string(sep->first)), json_string(cls->first),
        cls->second, json_string(sep->first), sep->second);
  } else {
    json += "null";
  }
  json += R"(,"decoder":{"type":"WordPiece","prefix":"##","cleanup":true},"model":{"type":"WordPiece","unk_token":)";
  json += json_string(unk) + R"(,"continuing_subword_prefix":"##","max_input_chars_per_word":100,"vocab":)" + vocab;
  return {"vocab.txt", json + "}}"};
}

}  // namespace lf
