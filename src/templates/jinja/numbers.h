// int(text, base) and float(text) of Python.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

namespace lf::jinja {

/// nullopt when the text is no such number, or the base not 0 or 2 to 36. kData for integers beyond 64 bits.
std::optional<int64_t> parse_int(std::string_view text, int64_t base);
std::optional<double> parse_float(std::string_view text);

}  // namespace lf::jinja
