// What post-processing does with encodings: joining, surrounding, cutting to length, filling up.
#pragma once
#include <optional>
#include <string>

#include "tokenizer/encoding.h"
#include "tokenizer/json_view.h"

namespace lf {

/// A token that does not come from the text.
struct PlacedToken {
  TokenId id;
  std::string text;
  uint32_t type_id = 0;
};

/// Appends a token at {0, 0} that counts as special.
void append_special(Encoding& encoding, const PlacedToken& token);
/// Appends `next`, and makes the windows of both into windows of the whole: each of ours with `next` and its windows,
/// then ours with each of its windows. kData when that comes to more than kMostOverflow tokens.
void append_encoding(Encoding& encoding, const Encoding& next);
inline constexpr size_t kMostOverflow = size_t{1} << 26;

enum class Side { kLeft, kRight };

/// The "truncation" block of tokenizer.json.
struct Truncation {
  enum class Strategy { kLongestFirst, kOnlyFirst, kOnlySecond };

  explicit Truncation(const JsonView& spec);

  /// Cuts a text, or a pair, to `length` tokens in all; what is cut off becomes overflowing windows. kData when the
  /// strategy cannot do that, or the stride is not less than the length.
  void apply(Encoding& first, Encoding* second, size_t length) const;

  Side direction = Side::kRight;
  size_t max_length = 0, stride = 0;
  Strategy strategy = Strategy::kLongestFirst;

 private:
  void cut(Encoding& encoding, size_t length) const;
  void cut_longest(Encoding& first, Encoding& second, size_t length) const;
};

/// The "padding" block of tokenizer.json.
struct Padding {
  explicit Padding(const JsonView& spec);

  /// Fills an encoding and its windows up to the fixed length or its own, rounded up to the multiple.
  void apply(Encoding& encoding) const;

  std::optional<size_t> fixed;  // nullopt: the longest of the batch, which here is the one text
  Side direction = Side::kRight;
  size_t multiple = 0;  // 0: none
  PlacedToken token;
};

}  // namespace lf
