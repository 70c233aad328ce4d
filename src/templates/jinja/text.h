// Text as Python's str sees it: code points, its idea of white space, full case mapping. UTF-8 in, UTF-8 out.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tokenizer/unicode.h"

namespace lf::jinja {

struct StringObject;

size_t count_code_points(std::string_view text);
/// Byte where code point `index` starts (the end for index >= length).
size_t byte_offset(const StringObject& text, size_t index);
/// Code points before byte `offset`.
size_t code_point_index(const StringObject& text, size_t offset);
std::string reversed_text(std::string_view text);

/// str.isspace() of one code point.
bool is_space(char32_t c);
/// str.strip(chars) and its halves; nullopt strips white space.
std::string_view strip_left(std::string_view text, std::optional<std::string_view> chars = std::nullopt);
std::string_view strip_right(std::string_view text, std::optional<std::string_view> chars = std::nullopt);
std::string_view strip(std::string_view text, std::optional<std::string_view> chars = std::nullopt);
/// str.splitlines().
std::vector<std::string_view> split_lines(std::string_view text, bool keep_ends = false);
/// str.split(None, most) from the left; a negative `most` means no limit.
std::vector<std::string_view> split_blanks(std::string_view text, int64_t most = -1);
/// str.rsplit(None, most).
std::vector<std::string_view> split_blanks_right(std::string_view text, int64_t most);
/// str.split(separator, most), and str.rsplit(separator, most); `separator` must not be empty.
std::vector<std::string_view> split_at(std::string_view text, std::string_view separator, int64_t most = -1);
std::vector<std::string_view> split_at_right(std::string_view text, std::string_view separator, int64_t most);
/// str.replace(from, to, most): an empty `from` matches between all code points.
std::string replaced(std::string_view text, std::string_view from, std::string_view to, int64_t most = -1);

std::string upper_text(std::string_view text);
std::string lower_text(std::string_view text);
std::string title_text(std::string_view text);
std::string capital_text(std::string_view text);
std::string swapped_case(std::string_view text);
std::string folded_case(std::string_view text);

/// The tests of one code point behind str.isalpha() ...
bool is_alpha(char32_t c);
bool is_decimal(char32_t c);
bool is_digit(char32_t c);
bool is_numeric(char32_t c);
bool is_alnum(char32_t c);
bool is_printable(char32_t c);
/// str.islower(), str.isupper(), str.istitle(), str.isidentifier().
bool is_lower_text(std::string_view text);
bool is_upper_text(std::string_view text);
bool is_title_text(std::string_view text);
bool is_identifier(std::string_view text);
/// \w of Python's re.
bool is_word_character(char32_t c);

/// Calls use(code point) for each.
template <class Use>
void for_each_code_point(std::string_view text, const Use& use) {
  for (size_t at = 0; at < text.size();) {
    const CodePoint point = code_point_at(text, at);
    use(point.value);
    at += point.bytes;
  }
}

}  // namespace lf::jinja
