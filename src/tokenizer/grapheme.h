// Extended grapheme clusters (UAX #29), without the rule for Indic conjuncts (GB9c): it only joins characters of three
// bytes and more, and the one user, Precompiled, treats clusters of six bytes and more character by character.
#pragma once
#include <cstddef>
#include <string_view>

namespace lf {

/// End of the cluster that starts at text[at]; `text` is valid UTF-8, at < text.size().
size_t grapheme_end(std::string_view text, size_t at);

}  // namespace lf
