#include "tokenizer/aligned_text.h"

#include <algorithm>

namespace lf {

AlignedText::AlignedText(std::string_view text, uint32_t base) : text_(text), base_(base) {
  spans_.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    const uint32_t bytes = code_point_at(text, at).bytes;
    const auto begin = base + static_cast<uint32_t>(at);
    spans_.insert(spans_.end(), bytes, ByteSpan{begin, begin + bytes});
    at += bytes;
  }
}

void AlignedText::apply(const EditList& edits) {
  std::string text;
  std::vector<ByteSpan> spans;
  text.reserve(text_.size());
  spans.reserve(text_.size());
  size_t at = 0;  // characters before this byte are used up
  const auto skip = [&](size_t characters) {
    for (; characters > 0 && at < text_.size(); --characters) at += code_point_at(text_, at).bytes;
  };
  skip(edits.removed_first());
  for (const Edit& edit : edits.edits()) {
    ByteSpan span{base_, base_};
    if (edit.change > 0) {
      if (at > 0) span = spans_[at - 1];
    } else {
      if (!spans_.empty()) span = spans_[std::min(at, spans_.size() - 1)];
      skip(1 + static_cast<size_t>(-edit.change));
    }
    const size_t before = text.size();
    append_utf8(text, edit.c);
    spans.insert(spans.end(), text.size() - before, span);
  }
  text_ = std::move(text);
  spans_ = std::move(spans);
}

void AlignedText::replace(std::string changed, const std::vector<uint32_t>& sources) {
  std::vector<ByteSpan> spans;
  spans.reserve(sources.size());
  for (const uint32_t source : sources) spans.push_back(source == kNew ? ByteSpan{base_, base_} : spans_[source]);
  text_ = std::move(changed);
  spans_ = std::move(spans);
}

void AlignedText::keep(size_t begin, size_t end) {
  text_ = text_.substr(begin, end - begin);
  spans_.erase(spans_.begin() + static_cast<ptrdiff_t>(end), spans_.end());
  spans_.erase(spans_.begin(), spans_.begin() + static_cast<ptrdiff_t>(begin));
}

CodePointIndex::CodePointIndex(std::string_view text) {
  index_.reserve(text.size());
  uint32_t count = 0;
  for (size_t at = 0; at < text.size(); ++count) {
    const uint32_t bytes = code_point_at(text, at).bytes;
    index_.insert(index_.end(), bytes, count);
    at += bytes;
  }
}

Span CodePointIndex::convert(ByteSpan bytes) const {
  if (bytes.begin >= index_.size()) return {bytes.begin, bytes.end};
  const uint32_t begin = index_[bytes.begin];
  if (bytes.end < index_.size()) return {begin, index_[bytes.end]};
  return {begin, (bytes.end == index_.size() ? index_[bytes.end - 1] : begin + 1) + 1};
}

}  // namespace lf
