#include "tokenizer/transformers_reading.h"

#include "base/strings.h"
#include "tokenizer/json_view.h"
#include "tokenizer/kinds/json_text.h"
#include "tokenizer/kinds/kinds.h"
#include "tokenizer/saving.h"
#include "tokenizer/unicode.h"
#include "tokenizer/vocab.h"

namespace lf {
namespace {

using NamedId = std::optional<std::pair<std::string, TokenId>>;

constexpr std::string_view kByteLevelDecoder =
    R"({"type":"ByteLevel","add_prefix_space":true,"trim_offsets":true,"use_regex":true})";
constexpr std::string_view kReplaceMark = R"({"type":"Replace","pattern":{"String":"▁"},"content":" "})";

/// Parses the file once and looks tokens up in it.
class File {
 public:
  File(std::string json, const std::string& name) : text_(std::move(json)), parsed_(text_, name) {}

  std::string model_type() const {
    const JsonView model = parsed_.root().at("model");
    if (const auto type = model.find("type")) return std::string(type->string());
    return model.at("vocab").is_array() ? "Unigram" : model.find("merges") ? "BPE" : "WordPiece";
  }
  bool has_post_processor() const { return parsed_.root().find("post_processor").has_value(); }

  /// Token and id, as the added tokens or the vocabulary have it.
  NamedId find(const std::string& token) const {
    if (token.empty()) return std::nullopt;
    NamedId found;
    if (const auto list = parsed_.root().find("added_tokens")) {
      list->each_item([&](const JsonView& item) {
        if (item.at("content").string() == token)
          found.emplace(token, static_cast<TokenId>(item.at("id").integer(0, kMaxTokenId)));
      });
    }
    if (found) return found;
    const JsonView vocab = parsed_.root().at("model").at("vocab");
    if (vocab.is_object()) {
      const auto id = vocab.find(token);
      return id ? NamedId(std::pair(token, static_cast<TokenId>(id->integer(0, kMaxTokenId)))) : std::nullopt;
    }
    TokenId next = 0;
    for (const simdjson::dom::element entry : vocab.array()) {
      std::string_view text;
      if (!entry.at(0).get(text) && text == token) return NamedId(std::pair(token, next));
      ++next;
    }
    return std::nullopt;
  }

  /// The character map of a Precompiled normalizer, alone or in a Sequence.
  std::string precompiled() const {
    const auto normalizer = parsed_.root().find("normalizer");
    if (!normalizer) return "";
    std::string map;
    const auto look = [&](const JsonView& spec) {
      if (spec.at("type").string() == "Precompiled") map = spec.at("precompiled_charsmap").string();
    };
    look(*normalizer);
    if (const auto list = normalizer->find("normalizers")) list->each_item(look);
    return map;
  }

 private:
  std::string text_;
  JsonFile parsed_;
};

/// The four parts that a class builds; an empty text leaves the one of the file.
struct Parts {
  std::string normalizer, pre_tokenizer, post_processor, decoder;
};

std::string byte_level(bool prefix_space, bool use_regex) {
  return fmt::format(R"({{"type":"ByteLevel","add_prefix_space":{},"trim_offsets":true,"use_regex":{}}})", prefix_space,
                     use_regex);
}

std::string metaspace(const char* scheme, bool split) {
  return fmt::format(R"({{"type":"Metaspace","replacement":"▁","prepend_scheme":"{}","split":{}}})", scheme, split);
}

Parts llama5(const TokenizerConfig& config) {
  const bool prefix = config.flag("add_prefix_space", true);
  const char* scheme = !prefix ? "never" : config.flag("legacy", false) ? "always" : "first";
  std::string decoder =
      R"({"type":"Sequence","decoders":[)" + std::string(kReplaceMark) + R"(,{"type":"ByteFallback"},{"type":"Fuse"})";
  if (prefix) decoder += R"(,{"type":"Strip","content":" ","start":1,"stop":0})";
  return {.normalizer = "null", .pre_tokenizer = metaspace(scheme, false), .decoder = decoder + "]}"};
}

Parts gemma5(TokenizerConfig& config, const File& file) {
  for (const auto& [key, token] :
       {std::pair("unk_token", "<unk>"), std::pair("bos_token", "<bos>"), std::pair("eos_token", "<eos>"),
        std::pair("pad_token", "<pad>"), std::pair("mask_token", "<mask>")}) {
    if (file.find(token)) config.default_token(key, token);
  }
  return {
      .normalizer = R"({"type":"Replace","pattern":{"String":" "},"content":"▁"})",
      .pre_tokenizer = R"({"type":"Split","pattern":{"String":" "},"behavior":"MergedWithPrevious","invert":false})",
      .decoder = R"({"type":"Sequence","decoders":[)" + std::string(kReplaceMark) +
                 R"(,{"type":"ByteFallback"},{"type":"Fuse"}]})"};
}

Parts qwen5(const TokenizerConfig& config) {
  return {
      .normalizer = R"({"type":"NFC"})",
      .pre_tokenizer = fmt::format(R"({{"type":"Sequence","pretokenizers":[{{"type":"Split","pattern":{{"Regex":{}}},)"
                                   R"("behavior":"Isolated","invert":false}},{}]}})",
                                   json_string(known_tiktoken(151643, "").pattern),
                                   byte_level(config.flag("add_prefix_space", false), false)),
      .decoder = std::string(kByteLevelDecoder)};
}

/// GPT-2 and what is built like it.
Parts gpt5(const TokenizerConfig& config) {
  return {.normalizer = "null",
          .pre_tokenizer = byte_level(config.flag("add_prefix_space", false), true),
          .decoder = std::string(kByteLevelDecoder)};
}

Parts clip5() {
  return {
      .normalizer = R"({"type":"Sequence","normalizers":[{"type":"NFC"},)"
                    R"({"type":"Replace","pattern":{"Regex":"\\s+"},"content":" "},{"type":"Lowercase"}]})",
      .pre_tokenizer =
          R"({"type":"Sequence","pretokenizers":[{"type":"Split","pattern":{"Regex":)"
          R"("<\\|startoftext\\|>|<\\|endoftext\\|>|'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+"},)"
          R"("behavior":"Removed","invert":true},)" +
          byte_level(false, true) + "]}",
      .decoder = std::string(kByteLevelDecoder)};
}

Parts t5_5(TokenizerConfig& config, const File& file) {
  for (const auto& [key, token] :
       {std::pair("unk_token", "<unk>"), std::pair("eos_token", "</s>"), std::pair("pad_token", "<pad>")}) {
    if (file.find(token)) config.default_token(key, token);
  }
  const std::string map = file.precompiled();
  return {
      .normalizer = map.empty() ? "null" : fmt::format(R"({{"type":"Precompiled","precompiled_charsmap":"{}"}})", map),
      .pre_tokenizer =
          R"({"type":"Sequence","pretokenizers":[{"type":"WhitespaceSplit"},)" + metaspace("always", true) + "]}",
      .post_processor = bos_eos_template(std::nullopt, file.find(config.special_tokens().eos)),
      .decoder = metaspace("always", true)};
}

Parts bert5(const TokenizerConfig& config) {
  const std::string accents = config.flag("strip_accents", false)  ? "true"
                              : config.flag("strip_accents", true) ? "null"
                                                                   : "false";
  return {.normalizer =
              fmt::format(R"({{"type":"BertNormalizer","clean_text":true,"handle_chinese_chars":{},"strip_accents":{},)"
                          R"("lowercase":{}}})",
                          config.flag("tokenize_chinese_chars", true), accents, config.flag("do_lower_case", true)),
          .pre_tokenizer = R"({"type":"BertPreTokenizer"})",
          .decoder = R"({"type":"WordPiece","prefix":"##","cleanup":true})"};
}

Parts parts5(TokenizerConfig& config, const File& file) {
  const std::string& name = config.class_name();
  const std::string type = file.model_type();
  if (type == "Unigram") return name == "T5Tokenizer" ? t5_5(config, file) : Parts();
  if (type == "WordPiece") return name == "BertTokenizer" ? bert5(config) : Parts();
  if (name == "LlamaTokenizer") return llama5(config);
  if (name == "GemmaTokenizer") return gemma5(config, file);
  if (name == "Qwen2Tokenizer") return qwen5(config);
  if (name == "CLIPTokenizer") return clip5();
  const bool like_gpt =
      name == "GPT2Tokenizer" || name == "CodeGenTokenizer" || name == "WhisperTokenizer" || name == "RobertaTokenizer";
  return like_gpt ? gpt5(config) : Parts();
}

/// BOS and EOS as add_bos_token and add_eos_token ask; a flag whose token is not named does nothing.
std::string around(const TokenizerConfig& config, const File& file, bool bos, bool eos) {
  const auto token = [&](const std::string& content, bool wanted) { return wanted ? file.find(content) : NamedId(); };
  return bos_eos_template(token(config.special_tokens().bos, bos), token(config.special_tokens().eos, eos));
}

}  // namespace

std::string with_reading(std::string json, const std::string& file, TokenizerConfig& config, TokenizerReading reading) {
  if (reading == TokenizerReading::kAsWritten) return json;
  const File read(json, file);
  const std::string& name = config.class_name();
  Parts parts;
  if (reading == TokenizerReading::kTransformers5) {
    parts = parts5(config, read);
    const bool says = config.has("add_bos_token") || config.has("add_eos_token");
    if (parts.post_processor.empty() && (says || !read.has_post_processor()))
      parts.post_processor =
          around(config, read, config.flag("add_bos_token", false), config.flag("add_eos_token", false));
  } else if (name == "LlamaTokenizer" || name == "CodeLlamaTokenizer" || name == "GemmaTokenizer" ||
             name == "CohereTokenizer") {
    config.default_flag("add_bos_token", true);
    parts.post_processor = around(config, read, config.add_bos_token(), config.flag("add_eos_token", false));
  }
  for (const auto& [key, text] :
       {std::pair("normalizer", &parts.normalizer), std::pair("pre_tokenizer", &parts.pre_tokenizer),
        std::pair("post_processor", &parts.post_processor), std::pair("decoder", &parts.decoder)}) {
    if (!text->empty()) json = with_member(json, key, *text);
  }
  return json;
}

ReadingEffects reading_effects(const std::string& json, const std::string& file, const TokenizerConfig& config,
                               TokenizerReading reading) {
  ReadingEffects effects;
  if (reading == TokenizerReading::kAsWritten) return effects;
  const std::string model = File(json, file).model_type();
  effects.clean_up = config.flag("clean_up_tokenization_spaces", false) &&
                     (reading == TokenizerReading::kTransformers4 || model != "BPE");
  effects.exact_scores = reading == TokenizerReading::kTransformers5 && model == "Unigram";
  effects.word_ends = config.class_name() == "CLIPTokenizer";
  effects.drop_timestamps = config.class_name() == "WhisperTokenizer";
  return effects;
}

}  // namespace lf
