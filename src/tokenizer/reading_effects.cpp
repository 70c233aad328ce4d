// What classes of transformers do to decoded text at its end.
#include <algorithm>

#include "base/strings.h"
#include "tokenizer/transformers_reading.h"
#include "tokenizer/unicode.h"

namespace lf {
namespace {

/// Python's str.strip(): White_Space and the four separators U+001C ... U+001F.
std::string stripped(std::string_view text) {
  const auto space = [](char32_t c) { return is_white_space(c) || (c >= 0x1C && c <= 0x1F); };
  while (!text.empty() && space(code_point_at(text, 0).value)) text.remove_prefix(code_point_at(text, 0).bytes);
  while (!text.empty()) {
    const size_t last = previous_code_point(text, text.size());
    if (!space(code_point_at(text, last).value)) break;
    text = text.substr(0, last);
  }
  return std::string(text);
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Length of "<|12.34|>" at `at`; 0 when it is none.
size_t timestamp_at(std::string_view text, size_t at) {
  if (!text.substr(at).starts_with("<|")) return 0;
  size_t i = at + 2;
  const auto digits = [&] {
    const size_t begin = i;
    while (i < text.size() && is_digit(text[i])) ++i;
    return i > begin;
  };
  if (!digits() || i >= text.size() || text[i] != '.') return 0;
  ++i;
  return digits() && text.substr(i).starts_with("|>") ? i + 2 - at : 0;
}

std::string without_timestamps(std::string_view text) {
  std::string out;
  for (size_t at = 0; at < text.size();) {
    const size_t length = timestamp_at(text, at);
    if (length == 0) out += text[at];
    at += std::max<size_t>(length, 1);
  }
  return out;
}

}  // namespace

std::string ReadingEffects::apply(std::string text) const {
  if (word_ends) text = stripped(replace_all(std::move(text), "</w>", " "));
  if (clean_up) {
    for (const std::string_view mark : {".", "?", "!", ","})
      text = replace_all(std::move(text), " " + std::string(mark), mark);
    text = replace_all(std::move(text), " ' ", "'");
    for (const std::string_view word : {"n't", "'m", "'s", "'ve", "'re"})
      text = replace_all(std::move(text), " " + std::string(word), word);
  }
  return drop_timestamps ? without_timestamps(text) : text;
}

}  // namespace lf
