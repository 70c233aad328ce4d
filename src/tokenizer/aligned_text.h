// A text that remembers, for each of its bytes, which bytes of the original it stands for; and the edits that keep that
// up to date. Only encode_full() pays for it.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tokenizer/encoding.h"
#include "tokenizer/unicode.h"

namespace lf {

/// Bytes of the original text: [begin, end).
struct ByteSpan {
  uint32_t begin = 0, end = 0;
  friend bool operator==(const ByteSpan&, const ByteSpan&) = default;
};

/// A character of the result and how many characters it makes more (1: it is new) or fewer (-n: the n after the one
/// that it replaces are gone), in the reference's terms.
struct Edit {
  char32_t c;
  int32_t change;
};

/// Edits as a walk over the characters of a text. This kind only builds the result.
class PlainEdits {
 public:
  explicit PlainEdits(size_t expected) { out_.reserve(expected); }
  /// `c` takes the place of the next character.
  void replace(char32_t c) { append_utf8(out_, c); }
  /// `c` is new.
  void insert(char32_t c) { append_utf8(out_, c); }
  /// The next character goes.
  void remove() {}
  /// As remove(), but not counted before anything else (so the reference's Precompiled has it).
  void remove_unless_first() {}
  void put(Edit edit) { append_utf8(out_, edit.c); }
  std::string take() { return std::move(out_); }

 private:
  std::string out_;
};

/// The same edits as a list.
class EditList {
 public:
  void replace(char32_t c) { edits_.push_back({c, 0}); }
  void insert(char32_t c) { edits_.push_back({c, 1}); }
  void remove() {
    if (edits_.empty())
      ++removed_first_;
    else
      --edits_.back().change;
  }
  void remove_unless_first() {
    if (!edits_.empty()) --edits_.back().change;
  }
  void put(Edit edit) { edits_.push_back(edit); }

  const std::vector<Edit>& edits() const { return edits_; }
  size_t removed_first() const { return removed_first_; }

 private:
  std::vector<Edit> edits_;
  size_t removed_first_ = 0;
};

class AlignedText {
 public:
  /// `text` stands at byte `base` of the original, unchanged.
  AlignedText(std::string_view text, uint32_t base);

  const std::string& text() const { return text_; }
  const std::vector<ByteSpan>& spans() const { return spans_; }
  /// What the bytes [begin, end) stand for; begin < end.
  ByteSpan span(size_t begin, size_t end) const { return {spans_[begin].begin, spans_[end - 1].end}; }

  /// Makes the text that the edits describe. What they do not mention at the end is dropped.
  void apply(const EditList& edits);
  /// The text becomes `changed`, whose byte i stands for what byte sources[i] of the old text stood for; kNew: a byte
  /// put before everything else, which stands for nothing.
  static constexpr uint32_t kNew = ~uint32_t{0};
  void replace(std::string changed, const std::vector<uint32_t>& sources);
  /// Keeps [begin, end).
  void keep(size_t begin, size_t end);

 private:
  std::string text_;
  std::vector<ByteSpan> spans_;
  uint32_t base_;
};

/// From bytes of a text (valid UTF-8) to code points.
class CodePointIndex {
 public:
  explicit CodePointIndex(std::string_view text);
  /// A place inside a character counts as its begin. As in the reference, a span that begins at the very end of the
  /// text stays in bytes.
  Span convert(ByteSpan bytes) const;

 private:
  std::vector<uint32_t> index_;  // code points before each byte's character
};

}  // namespace lf
