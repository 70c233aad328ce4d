// UTF-8, read strictly: no overlong forms, no surrogates, nothing above U+10FFFF.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace lf {

/// Bytes of the character at the start of `text`; 0 when it is not valid.
size_t utf8_length(std::string_view text);
/// Offset of the first invalid byte, or npos.
size_t find_invalid_utf8(std::string_view text);
void append_utf8(std::string& out, uint32_t code);

}  // namespace lf
