#include "tokenizer/encoding_ops.h"

#include "base/error.h"

namespace lf {
namespace {

template <class T>
void append(std::vector<T>& to, const std::vector<T>& from) {
  to.insert(to.end(), from.begin(), from.end());
}

void append_tokens(Encoding& to, const Encoding& from) {
  append(to.ids, from.ids);
  append(to.tokens, from.tokens);
  append(to.offsets, from.offsets);
  append(to.type_ids, from.type_ids);
  append(to.special_tokens_mask, from.special_tokens_mask);
  append(to.attention_mask, from.attention_mask);
}

/// Two encodings in a row, without their windows.
Encoding joined(const Encoding& first, const Encoding& second) {
  Encoding both;
  append_tokens(both, first);
  append_tokens(both, second);
  return both;
}

size_t tokens_of(const std::vector<Encoding>& windows) {
  size_t count = 0;
  for (const Encoding& window : windows) count += window.size();
  return count;
}

}  // namespace

void append_special(Encoding& encoding, const PlacedToken& token) {
  encoding.ids.push_back(token.id);
  encoding.tokens.push_back(token.text);
  encoding.offsets.push_back({});
  encoding.type_ids.push_back(token.type_id);
  encoding.special_tokens_mask.push_back(1);
  encoding.attention_mask.push_back(1);
}

void append_encoding(Encoding& encoding, const Encoding& next) {
  const size_t ours = tokens_of(encoding.overflowing), theirs = tokens_of(next.overflowing);
  const size_t total = ours * (1 + next.overflowing.size()) + encoding.overflowing.size() * (next.size() + theirs) +
                       theirs + next.overflowing.size() * encoding.size();
  LF_CHECK(kData, total <= kMostOverflow, "truncation leaves windows of {} tokens, at most {} are handled", total,
           kMostOverflow);
  std::vector<Encoding> windows;
  for (const Encoding& window : encoding.overflowing) {
    windows.push_back(joined(window, next));
    for (const Encoding& other : next.overflowing) windows.push_back(joined(window, other));
  }
  for (const Encoding& other : next.overflowing) windows.push_back(joined(encoding, other));
  append_tokens(encoding, next);
  encoding.overflowing = std::move(windows);
}

}  // namespace lf
