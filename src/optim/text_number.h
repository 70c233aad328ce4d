// Numbers in option texts.
#pragma once
#include <string>
#include <string_view>

namespace lf {

/// The number that `text` is, as a whole; kConfig otherwise ("<where> must be a number but is 'x'").
double parse_number(std::string_view text, const std::string& where);

}  // namespace lf
