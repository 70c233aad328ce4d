// Truncation and padding as tokenizer.json asks for them.
#include <algorithm>

#include "base/strings.h"
#include "tokenizer/encoding_ops.h"
#include "tokenizer/vocab.h"

namespace lf {
namespace {

constexpr int64_t kMostPadding = int64_t{1} << 24;  // tokens; more would only be a way to use up memory

Side side_of(const JsonView& spec, std::string_view key) {
  const auto name = spec.find(key);
  if (!name) return Side::kRight;
  LF_CHECK(kFormat, name->string() == "Left" || name->string() == "Right", "{}: '{}' is not Left or Right",
           name->where(), printable(name->string()));
  return name->string() == "Left" ? Side::kLeft : Side::kRight;
}

template <class T>
std::vector<T> slice(const std::vector<T>& all, size_t begin, size_t end) {
  return {all.begin() + static_cast<ptrdiff_t>(begin), all.begin() + static_cast<ptrdiff_t>(end)};
}

Encoding window(const Encoding& whole, size_t begin, size_t end) {
  Encoding part;
  part.ids = slice(whole.ids, begin, end);
  part.tokens = slice(whole.tokens, begin, end);
  part.offsets = slice(whole.offsets, begin, end);
  part.type_ids = slice(whole.type_ids, begin, end);
  part.special_tokens_mask = slice(whole.special_tokens_mask, begin, end);
  part.attention_mask = slice(whole.attention_mask, begin, end);
  return part;
}

template <class T>
void fill(std::vector<T>& list, size_t count, const T& value, Side side) {
  list.insert(side == Side::kLeft ? list.begin() : list.end(), count, value);
}

void pad_to(Encoding& encoding, size_t length, const Padding& padding) {
  for (Encoding& part : encoding.overflowing) pad_to(part, length, padding);
  if (encoding.size() >= length) return;
  const size_t count = length - encoding.size();
  const Side side = padding.direction;
  fill(encoding.ids, count, padding.token.id, side);
  fill(encoding.tokens, count, padding.token.text, side);
  fill(encoding.offsets, count, Span{}, side);
  fill(encoding.type_ids, count, padding.token.type_id, side);
  fill(encoding.special_tokens_mask, count, uint8_t{1}, side);
  fill(encoding.attention_mask, count, uint8_t{0}, side);
}

}  // namespace

Truncation::Truncation(const JsonView& spec) : direction(side_of(spec, "direction")) {
  constexpr int64_t kMost = int64_t{1} << 40;
  max_length = static_cast<size_t>(spec.at("max_length").integer(0, kMost));
  stride = static_cast<size_t>(spec.at("stride").integer(0, kMost));
  const JsonView name = spec.at("strategy");
  if (name.string() == "LongestFirst")
    strategy = Strategy::kLongestFirst;
  else if (name.string() == "OnlyFirst")
    strategy = Strategy::kOnlyFirst;
  else if (name.string() == "OnlySecond")
    strategy = Strategy::kOnlySecond;
  else
    throw_error(ErrorKind::kFormat, "{}: '{}' is not LongestFirst, OnlyFirst or OnlySecond", name.where(),
                printable(name.string()));
}

void Truncation::apply(Encoding& first, Encoding* second, size_t length) const {
  const size_t total = first.size() + (second ? second->size() : 0);
  if (total <= length) return;
  if (length == 0) {
    cut(first, 0);
    if (second) cut(*second, 0);
    return;
  }
  if (strategy == Strategy::kLongestFirst) return second ? cut_longest(first, *second, length) : cut(first, length);
  Encoding* target = strategy == Strategy::kOnlyFirst ? &first : second;
  LF_CHECK(kData, target != nullptr, "truncation of the second text only (OnlySecond), but there is one text");
  const size_t surplus = total - length;
  LF_CHECK(kData, target->size() > surplus,
           "truncation to {} tokens must take {} from one text, but that has {}: the other is too long", length,
           surplus, target->size());
  cut(*target, target->size() - surplus);
}

/// The shorter text stays as it is when the longer can be cut enough; otherwise both get half.
void Truncation::cut_longest(Encoding& first, Encoding& second, size_t length) const {
  size_t shorter = std::min(first.size(), second.size());
  size_t longer = shorter > length ? shorter : std::max(shorter, length - shorter);
  if (shorter + longer > length) {
    shorter = length / 2;
    longer = shorter + length % 2;
  }
  const bool swapped = first.size() > second.size();
  cut(first, swapped ? longer : shorter);
  cut(second, swapped ? shorter : longer);
}

/// Windows of `length` tokens, each sharing `stride` with the one before; the first one is kept.
void Truncation::cut(Encoding& encoding, size_t length) const {
  const size_t count = encoding.size();
  if (length >= count) return;
  if (length == 0) {
    Encoding rest = std::move(encoding);
    encoding = Encoding{};
    encoding.overflowing.push_back(std::move(rest));
    return;
  }
  LF_CHECK(kData, stride < length, "truncation: the stride of {} must be less than the {} tokens there is room for",
           stride, length);
  const size_t step = length - stride;
  LF_CHECK(kData, count / step < kMostOverflow / length, "truncation leaves too many windows: {} tokens in steps of {}",
           count, step);
  std::vector<Encoding> windows;
  for (size_t done = 0, reached = 0; reached < count; done += step) {
    reached = std::min(done + length, count);
    windows.push_back(direction == Side::kRight ? window(encoding, done, reached)
                                                : window(encoding, count - reached, count - done));
  }
  encoding = std::move(windows.front());
  windows.erase(windows.begin());
  encoding.overflowing = std::move(windows);
}

Padding::Padding(const JsonView& spec) : direction(side_of(spec, "direction")) {
  const JsonView strategy = spec.at("strategy");
  if (strategy.is_object()) {
    fixed = static_cast<size_t>(strategy.at("Fixed").integer(0, kMostPadding));
  } else {
    LF_CHECK(kFormat, strategy.string() == "BatchLongest", "{}: '{}' is not BatchLongest or Fixed", strategy.where(),
             printable(strategy.string()));
  }
  if (const auto of = spec.find("pad_to_multiple_of")) multiple = static_cast<size_t>(of->integer(0, kMostPadding));
  token.id = static_cast<TokenId>(spec.at("pad_id").integer(0, kMaxTokenId));
  token.type_id = static_cast<uint32_t>(spec.at("pad_type_id").integer(0, UINT32_MAX));
  token.text = spec.at("pad_token").string();
}

void Padding::apply(Encoding& encoding) const {
  size_t length = fixed.value_or(encoding.size());
  if (multiple > 0 && length % multiple != 0) length += multiple - length % multiple;
  const size_t total = length * (1 + encoding.overflowing.size());
  LF_CHECK(kData, total <= kMostOverflow || length <= encoding.size(),
           "padding makes {} windows of {} tokens, at most {} tokens are handled", 1 + encoding.overflowing.size(),
           length, kMostOverflow);
  pad_to(encoding, length, *this);
}

}  // namespace lf
