// Pre-tokenizers that cut at places of their own: UnicodeScripts, FixedLength, CharDelimiterSplit.
#include <unicode/uscript.h>

#include "base/strings.h"
#include "tokenizer/pre_tokenizers/cutting.h"
#include "tokenizer/pre_tokenizers/pre_tokenizers.h"
#include "tokenizer/unicode.h"
#include "tokenizer/unicode_versions.h"

namespace lf {
namespace {

class UnicodeScripts : public PreTokenizer {
 public:
  void apply(PreText& text) const override {
    std::vector<PreText::Piece> out;
    for (size_t i = 0; i < text.pieces.size(); ++i) cut(text.piece(i), text.pieces[i].begin, out);
    text.pieces = std::move(out);
  }

 private:
  static constexpr int32_t kAny = USCRIPT_UNKNOWN;

  static int32_t script_of(char32_t c) {
    constexpr char32_t kLongSound = 0x30FC;
    if (c == ' ') return kAny;
    if (c == kLongSound) return USCRIPT_HAN;
    const int32_t script = old_script(c);
    return script == USCRIPT_HIRAGANA || script == USCRIPT_KATAKANA ? USCRIPT_HAN : script;
  }

  static void cut(std::string_view piece, size_t offset, std::vector<PreText::Piece>& out) {
    int32_t last = kAny;
    bool begun = false;
    for (size_t at = 0; at < piece.size();) {
      const CodePoint point = code_point_at(piece, at);
      const int32_t script = script_of(point.value);
      if (script != kAny && (!begun || script != last)) {
        if (begun) out.back().end = offset + at;
        out.push_back({offset + at, offset + piece.size()});
        begun = true;
      }
      if (script != kAny) last = script;
      at += point.bytes;
    }
  }
};

class FixedLength : public PreTokenizer {
 public:
  explicit FixedLength(int64_t length) : length_(length) {}
  void apply(PreText& text) const override {
    std::vector<PreText::Piece> out;
    for (size_t i = 0; i < text.pieces.size(); ++i) {
      const std::string_view piece = text.piece(i);
      int64_t count = 0;
      for (size_t at = 0; at < piece.size(); at += code_point_at(piece, at).bytes) {
        if (count++ % length_ != 0) continue;
        if (count > 1) out.back().end = text.pieces[i].begin + at;
        out.push_back({text.pieces[i].begin + at, text.pieces[i].end});
      }
    }
    text.pieces = std::move(out);
  }

 private:
  int64_t length_;
};

class CharDelimiterSplit : public PreTokenizer {
 public:
  explicit CharDelimiterSplit(std::string_view delimiter) : delimiter_(delimiter) {}
  void apply(PreText& text) const override {
    cut_pieces(text, SplitBehavior::kRemoved, false, [&](std::string_view piece, std::vector<TextRange>& matches) {
      for (size_t at = piece.find(delimiter_); at != std::string_view::npos;
           at = piece.find(delimiter_, at + delimiter_.size()))
        matches.push_back({at, at + delimiter_.size()});
    });
  }

 private:
  std::string delimiter_;
};

}  // namespace

std::unique_ptr<PreTokenizer> make_unicode_scripts(const JsonView&) { return std::make_unique<UnicodeScripts>(); }

std::unique_ptr<PreTokenizer> make_fixed_length(const JsonView& spec) {
  constexpr int64_t kDefault = 5, kMost = int64_t{1} << 40;
  const auto length = spec.find("length");
  return std::make_unique<FixedLength>(length ? length->integer(1, kMost) : kDefault);
}

std::unique_ptr<PreTokenizer> make_char_delimiter_split(const JsonView& spec) {
  const JsonView delimiter = spec.at("delimiter");
  const std::string_view text = delimiter.string();
  LF_CHECK(kFormat, !text.empty() && code_point_at(text, 0).bytes == text.size(),
           "{}: needed one character but found '{}'", delimiter.where(), printable(text));
  return std::make_unique<CharDelimiterSplit>(text);
}

}  // namespace lf
