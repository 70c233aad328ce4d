#include "stages/gguf/vocabulary.h"

#include <unordered_map>

#include "base/error.h"
#include "base/files.h"
#include "base/strings.h"
#include "tokenizer/sentencepiece/model_file.h"

namespace lf {
namespace {

constexpr float kAddedScore = -1000.0f, kUnusedScore = -10000.0f;

int32_t code(GgufTokenType type) { return static_cast<int32_t>(type); }

/// Some control tokens are not marked as such in published files.
bool looks_special(std::string_view token) {
  const auto within = [&](std::string_view open, std::string_view close) {
    return token.starts_with(open) && token.ends_with(close);
  };
  return token == "<pad>" || token == "<mask>" || token == "<2mass>" || token == "[@BOS@]" || within("<|", "|>") ||
         within("<｜", "｜>") || within("<unused", ">");
}

void reserve(GgufVocabulary& out, int64_t size) {
  const auto count = static_cast<size_t>(size);
  for (size_t i = 0; i < count; ++i) out.tokens.push_back(fmt::format("[PAD{}]", i));
  out.types.assign(count, code(GgufTokenType::kUnused));
  if (out.model == "llama") out.scores.assign(count, kUnusedScore);
}

void set_token(GgufVocabulary& out, int64_t id, std::string text, GgufTokenType type) {
  LF_CHECK(kUnsupported, id >= 0 && static_cast<size_t>(id) < out.tokens.size(),
           "export_gguf: token '{}' has id {}, but the embedding has {} rows", printable(text), id, out.tokens.size());
  out.tokens[static_cast<size_t>(id)] = std::move(text);
  out.types[static_cast<size_t>(id)] = code(type);
}

/// True when a SentencePiece model itself says that `id` is a control token (or the unknown one) of that name.
bool is_marked(const GgufVocabulary& out, int64_t id, const std::string& text) {
  if (out.model != "llama" || id < 0 || static_cast<size_t>(id) >= out.tokens.size()) return false;
  const int32_t type = out.types[static_cast<size_t>(id)];
  const bool special = type == code(GgufTokenType::kControl) || type == code(GgufTokenType::kUnknown);
  return special && out.tokens[static_cast<size_t>(id)] == text;
}

/// Tokens beside the vocabulary or marked in it: control tokens, and words that are never split.
void set_added_tokens(GgufVocabulary& out, const Json& file, const Tokenizer& tokenizer) {
  for (const Json& added : file.value("added_tokens", Json::array())) {
    std::string text = added.at("content").get<std::string>();
    const int64_t id = added.at("id").get<int64_t>();
    const bool control = added.value("special", false) || looks_special(text);
    if (out.model == "gpt2" && !added.value("normalized", true)) {
      if (std::string read = tokenizer.decode(tokenizer.encode(text)); !read.empty()) text = std::move(read);
    }
    if (!control) text = replace_all(std::move(text), kSpaceMark, " ");
    if (is_marked(out, id, text)) continue;
    set_token(out, id, std::move(text), control ? GgufTokenType::kControl : GgufTokenType::kUserDefined);
    if (out.model == "llama") out.scores[static_cast<size_t>(id)] = kAddedScore;
  }
}

std::pair<std::string, std::string> parts_of(const Json& merge) {
  if (merge.is_array() && merge.size() == 2) return {merge[0].get<std::string>(), merge[1].get<std::string>()};
  const std::string text = merge.get<std::string>();
  const size_t space = text.find(' ');
  LF_CHECK(kFormat, space != text.npos, "tokenizer.json: the merge '{}' has one part", printable(text));
  return {text.substr(0, space), text.substr(space + 1)};
}

/// Scores that make llama.cpp merge in the order of tokenizer.json: the first merge that gives a token is its rank.
std::unordered_map<std::string, float> scores_of_merges(const Json& merges) {
  std::unordered_map<std::string, float> scores;
  for (size_t i = 0; i < merges.size(); ++i) {
    const auto [left, right] = parts_of(merges[i]);
    scores.emplace(left + right, -static_cast<float>(i));
  }
  return scores;
}

void set_sentencepiece_pieces(GgufVocabulary& out, const std::filesystem::path& path) {
  const SpModelFile file(read_file(path), path.string());
  LF_CHECK(kUnsupported, file.model_type == SpModelType::kBpe,
           "export_gguf: {}: only SentencePiece models of type BPE can be written", path.string());
  for (size_t i = 0; i < file.pieces.size(); ++i) {
    const SpPiece& piece = file.pieces[i];
    // User-defined pieces are normal ones in llama.cpp's converter, unless they are added tokens as well.
    const GgufTokenType type =
        piece.type == PieceType::kUserDefined ? GgufTokenType::kNormal : static_cast<GgufTokenType>(piece.type);
    set_token(out, static_cast<int64_t>(i), std::string(piece.text), type);
    out.scores[i] = piece.score;
  }
}

void set_merged_pieces(GgufVocabulary& out, const Json& model) {
  const auto scores = scores_of_merges(model.value("merges", Json::array()));
  const float last = -static_cast<float>(scores.size());
  const Json unknown = model.value("unk_token", Json());
  for (const auto& [text, id] : model.at("vocab").items()) {
    const GgufTokenType type = piece_byte(text) >= 0 ? GgufTokenType::kByte
                               : unknown == text     ? GgufTokenType::kUnknown
                                                     : GgufTokenType::kNormal;
    set_token(out, id.get<int64_t>(), text, type);
    const auto score = scores.find(text);
    out.scores[id.get<size_t>()] = type != GgufTokenType::kNormal ? 0 : score == scores.end() ? last : score->second;
  }
}

/// llama.cpp separates the parts of a merge by a blank, so that blanks within become what byte-level text has for them.
std::string merge_line(const Json& merge) {
  if (merge.is_string()) return merge.get<std::string>();
  const auto [left, right] = parts_of(merge);
  return replace_all(left, " ", "\u0120") + " " + replace_all(right, " ", "\u0120");
}

void set_byte_level(GgufVocabulary& out, const Json& model) {
  for (const auto& [text, id] : model.at("vocab").items())
    set_token(out, id.get<int64_t>(), text, GgufTokenType::kNormal);
  for (const Json& merge : model.value("merges", Json::array())) out.merges.push_back(merge_line(merge));
}

}  // namespace

Json saved_tokenizer_file(const Tokenizer& tokenizer, const std::string& name) {
  for (const auto& [file, text] : tokenizer.files()) {
    if (file == name) return parse_json(text, name);
  }
  return Json::object();
}

GgufVocabulary gguf_vocabulary(const Tokenizer& tokenizer, const std::filesystem::path& source, int64_t size) {
  const Json file = saved_tokenizer_file(tokenizer, "tokenizer.json");
  const Json model = file.value("model", Json::object());
  LF_CHECK(kUnsupported, model.value("type", "") == "BPE",
           "export_gguf: only BPE tokenizers can be written, and this one is {}",
           printable(model.value("type", std::string(tokenizer.kind()))));
  GgufVocabulary out;
  const bool sentencepiece = model.value("byte_fallback", false);
  out.model = sentencepiece ? "llama" : "gpt2";
  out.pre_tokenizer = sentencepiece ? "default" : gguf_pre_tokenizer(tokenizer, file);
  reserve(out, size);
  std::error_code status;
  if (!sentencepiece) {
    set_byte_level(out, model);
  } else if (std::filesystem::exists(source / "tokenizer.model", status)) {
    set_sentencepiece_pieces(out, source / "tokenizer.model");
  } else {
    set_merged_pieces(out, model);
  }
  set_added_tokens(out, file, tokenizer);
  return out;
}

}  // namespace lf
