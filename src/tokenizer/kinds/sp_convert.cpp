#include "tokenizer/kinds/sp_convert.h"

#include <algorithm>

#include "base/json.h"
#include "tokenizer/kinds/json_text.h"
#include "tokenizer/kinds/sp_merges.h"

namespace lf {
namespace {

constexpr std::string_view kReplaceSpace = R"({"type":"Replace","pattern":{"String":" "},"content":"▁"})";
constexpr std::string_view kReplaceMark = R"({"type":"Replace","pattern":{"String":"▁"},"content":" "})";

std::string base64(std::string_view bytes) {
  static constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (size_t i = 0; i < bytes.size(); i += 3) {
    uint32_t bits = 0;
    for (size_t k = 0; k < 3; ++k) bits = bits << 8 | (i + k < bytes.size() ? static_cast<uint8_t>(bytes[i + k]) : 0u);
    const size_t digits = std::min<size_t>(bytes.size() - i, 3) + 1;
    for (size_t k = 0; k < 4; ++k) out += k < digits ? kDigits[bits >> (18 - 6 * k) & 63] : '=';
  }
  return out;
}

std::string sequence(const char* list, const std::vector<std::string>& items) {
  if (items.empty()) return "null";
  if (items.size() == 1) return items[0];
  std::string text = fmt::format(R"({{"type":"Sequence","{}":[)", list);
  for (size_t i = 0; i < items.size(); ++i) text += (i > 0 ? "," : "") + items[i];
  return text + "]}";
}

class Converter {
 public:
  Converter(const SentencePiece& model, const SpConversion& options) : file_(model.file()), options_(options) {
    for (const SpPiece& piece : file_.pieces) pieces_.push_back({std::string(piece.text), piece.score});
    if (options_.kind == SpClass::kLlama || options_.kind == SpClass::kGemma) {
      for (size_t i = 0; i < std::min<size_t>(3, pieces_.size()); ++i) pieces_[i].score = 0;
    }
    for (int i = options_.extra_ids - 1; options_.kind == SpClass::kT5 && i >= 0; --i)
      pieces_.push_back({fmt::format("<extra_id_{}>", i), 0});
    if (options_.kind == SpClass::kGemma) replace_missing_tab();
    for (size_t i = pieces_.size(); i-- > 0;) vocab_.insert(pieces_[i].text, static_cast<TokenId>(i));
  }

  std::string run() const {
    std::string json = R"({"version":"1.0","truncation":null,"padding":null,"added_tokens":)" + added();
    json += R"(,"normalizer":)" + normalizer() + R"(,"pre_tokenizer":)" + pre_tokenizer();
    json += R"(,"post_processor":)" + bos_eos_template(options_.bos, options_.eos);
    json += R"(,"decoder":)" + decoder() + R"(,"model":)";
    return json + (is_unigram() ? unigram() : bpe()) + "}";
  }

 private:
  bool is_unigram() const { return file_.model_type == SpModelType::kUnigram; }
  bool is_native() const { return options_.kind == SpClass::kNative; }
  /// transformers' T5Tokenizer and the like know no byte fallback.
  bool byte_fallback() const { return file_.byte_fallback && options_.kind != SpClass::kT5; }
  bool has_user_defined() const {
    return std::any_of(file_.pieces.begin(), file_.pieces.end(),
                       [](const SpPiece& piece) { return piece.type == PieceType::kUserDefined; });
  }

  /// The first Gemma files have no tab.
  void replace_missing_tab() {
    const auto with = [&](std::string_view text) {
      return std::find_if(pieces_.begin(), pieces_.end(), [&](const ScoredPiece& p) { return p.text == text; });
    };
    if (with("\t") != pieces_.end()) return;
    if (const auto byte = with("<0x09>"); byte != pieces_.end()) *byte = {"\t", 0};
  }

  /// Control pieces are special, user-defined ones are not; both are added tokens. So are T5's sentinels and padding.
  std::string added() const {
    std::string json = "[";
    JsonCommas commas(json);
    const auto add = [&](size_t id, std::string_view text, bool special) {
      fmt::format_to(std::back_inserter(commas.next()), R"({{"id":{},"content":)", id);
      append_json_string(json, text);
      json += fmt::format(R"(,"single_word":false,"lstrip":false,"rstrip":false,"normalized":false,"special":{}}})",
                          special);
    };
    for (size_t i = 0; i < file_.pieces.size(); ++i) {
      const SpPiece& piece = file_.pieces[i];
      if (piece.type != PieceType::kControl && piece.type != PieceType::kUserDefined) continue;
      const bool turn =
          options_.kind == SpClass::kGemma && (piece.text == "<start_of_turn>" || piece.text == "<end_of_turn>");
      add(i, piece.text, piece.type == PieceType::kControl || turn);
    }
    if (options_.kind == SpClass::kT5) {
      for (size_t i = file_.pieces.size(); i < pieces_.size(); ++i) add(i, pieces_[i].text, true);
      if (vocab_.find("<pad>") == kNoToken) add(pieces_.size(), "<pad>", true);
    }
    return json + "]";
  }

  std::string charsmap() const {
    return fmt::format(R"({{"type":"Precompiled","precompiled_charsmap":"{}"}})", base64(file_.normalizer.charsmap));
  }

  std::string normalizer() const {
    const bool mapped = !file_.normalizer.charsmap.empty();
    switch (options_.kind) {
      case SpClass::kGemma:
        return std::string(kReplaceSpace);
      case SpClass::kT5: {
        std::vector<std::string> steps{R"({"type":"Strip","strip_left":false,"strip_right":true})",
                                       R"({"type":"Replace","pattern":{"Regex":" {2,}"},"content":"▁"})"};
        if (mapped) steps.insert(steps.begin(), charsmap());
        return sequence("normalizers", steps);
      }
      case SpClass::kLlama: {
        if (!options_.legacy || options_.five) return "null";
        std::vector<std::string> steps;
        if (options_.add_prefix_space) steps.push_back(R"({"type":"Prepend","prepend":"▁"})");
        steps.emplace_back(kReplaceSpace);
        return R"({"type":"Sequence","normalizers":[)" + (steps.size() > 1 ? steps[0] + "," : "") + steps.back() + "]}";
      }
      case SpClass::kNative:
        break;
    }
    std::vector<std::string> steps;
    if (mapped) steps.push_back(charsmap());
    if (file_.normalizer.remove_extra_whitespaces) {
      steps.push_back(R"({"type":"Strip","strip_left":true,"strip_right":true})");
      steps.push_back(R"({"type":"Replace","pattern":{"Regex":" {2,}"},"content":" "})");
    }
    if (file_.normalizer.add_dummy_prefix && !has_user_defined())
      steps.push_back(R"({"type":"Prepend","prepend":"▁"})");
    steps.emplace_back(kReplaceSpace);
    return sequence("normalizers", steps);
  }

  std::string pre_tokenizer() const {
    const auto metaspace = [](const char* scheme, bool split) {
      return fmt::format(R"({{"type":"Metaspace","replacement":"▁","prepend_scheme":"{}","split":{}}})", scheme, split);
    };
    switch (options_.kind) {
      case SpClass::kGemma:
        return R"({"type":"Split","pattern":{"String":" "},"behavior":"MergedWithPrevious","invert":false})";
      case SpClass::kT5:
        return metaspace(options_.legacy ? "always" : "first", true);
      case SpClass::kLlama:
        if (options_.legacy && !options_.five) return "null";
        return metaspace(!options_.add_prefix_space ? "never" : options_.legacy ? "always" : "first", false);
      case SpClass::kNative:
        break;
    }
    return file_.normalizer.add_dummy_prefix && has_user_defined() ? metaspace("first", false) : "null";
  }

  std::string decoder() const {
    if (options_.kind == SpClass::kT5) {
      return fmt::format(R"({{"type":"Metaspace","replacement":"▁","prepend_scheme":"{}","split":true}})",
                         options_.legacy ? "always" : "first");
    }
    std::vector<std::string> steps{std::string(kReplaceMark)};
    if (byte_fallback()) steps.push_back(R"({"type":"ByteFallback"})");
    steps.push_back(R"({"type":"Fuse"})");
    const bool strip =
        options_.kind == SpClass::kLlama ? options_.add_prefix_space : is_native() && file_.normalizer.add_dummy_prefix;
    if (strip) steps.push_back(R"({"type":"Strip","content":" ","start":1,"stop":0})");
    return sequence("decoders", steps);
  }

  std::string unigram() const {
    std::string json = fmt::format(R"({{"type":"Unigram","unk_id":{},"vocab":[)", file_.unk_id);
    JsonCommas commas(json);
    for (const ScoredPiece& piece : pieces_) {
      commas.next() += '[';
      append_json_string(json, piece.text);
      json += ',' + python_float(piece.score) + ']';
    }
    return json + fmt::format(R"(],"byte_fallback":{}}})", byte_fallback());
  }

  std::string bpe() const {
    std::string json = R"({"type":"BPE","dropout":null,"unk_token":)" + json_string(file_.piece_of(file_.unk_id));
    json +=
        fmt::format(R"(,"continuing_subword_prefix":null,"end_of_word_suffix":null,"fuse_unk":true,"byte_fallback":{},)"
                    R"("ignore_merges":false,"vocab":{{)",
                    byte_fallback());
    JsonCommas commas(json);
    for (size_t i = 0; i < pieces_.size(); ++i) {
      if (vocab_.find(pieces_[i].text) != static_cast<TokenId>(i)) continue;  // its text is another piece's too
      append_json_string(commas.next(), pieces_[i].text);
      json += ':';
      append_json_number(json, i);
    }
    json += R"(},"merges":[)";
    JsonCommas merges(json);
    for (const auto& [left, right] : sp_merges(pieces_, vocab_, !options_.five)) {
      merges.next() += '[';
      append_json_string(json, left);
      json += ',';
      append_json_string(json, right);
      json += ']';
    }
    return json + "]}";
  }

  const SpModelFile& file_;
  const SpConversion& options_;
  std::vector<ScoredPiece> pieces_;
  Vocab vocab_;
};

}  // namespace

SpClass sp_class(const std::string& name) {
  if (name == "LlamaTokenizer" || name == "CodeLlamaTokenizer" || name == "Phi3Tokenizer") return SpClass::kLlama;
  if (name == "GemmaTokenizer") return SpClass::kGemma;
  return name == "T5Tokenizer" ? SpClass::kT5 : SpClass::kNative;
}

std::string converted_sentencepiece(const SentencePiece& model, SpClass kind, TokenizerConfig& config,
                                    TokenizerReading reading) {
  const bool five = reading == TokenizerReading::kTransformers5;
  const auto name = [&](const char* key, const char* token) {
    if (model.ids().any(token) != kNoToken) config.default_token(key, token);
  };
  name("unk_token", "<unk>");
  if (kind != SpClass::kT5) name("bos_token", kind == SpClass::kGemma ? "<bos>" : "<s>");
  name("eos_token", kind == SpClass::kGemma ? "<eos>" : "</s>");
  if (kind == SpClass::kT5) config.default_token("pad_token", "<pad>");  // added when the model lacks it
  if (kind == SpClass::kGemma || kind == SpClass::kNative) name("pad_token", "<pad>");
  config.default_flag("add_bos_token", kind != SpClass::kT5 && !five);
  config.default_flag("add_eos_token", kind == SpClass::kT5);
  const auto around = [&](const std::string& token, bool wanted) {
    const TokenId id = wanted && !token.empty() ? model.ids().any(token) : kNoToken;
    return id == kNoToken ? std::nullopt : std::optional(std::pair(token, id));
  };
  return sp_tokenizer_json(model, {.kind = kind,
                                   .legacy = config.flag("legacy", !five),
                                   .add_prefix_space = config.flag("add_prefix_space", true),
                                   .five = five,
                                   .bos = around(config.special_tokens().bos, config.add_bos_token()),
                                   .eos = around(config.special_tokens().eos, config.flag("add_eos_token", false))});
}

std::string sp_tokenizer_json(const SentencePiece& model, const SpConversion& conversion) {
  return Converter(model, conversion).run();
}

}  // namespace lf
