// NFC, NFD, NFKC, NFKD written out (UAX #15), with an account of what each character of the result replaces. ICU does
// the same faster, but says nothing about where characters came from and takes quadratic time on long runs of marks.
#pragma once
#include <string_view>
#include <vector>

#include "tokenizer/aligned_text.h"

namespace lf {

struct UnicodeFormKind {
  bool compatibility, composed;
};

/// The result as edits of `text`. Linear but for the sorting of marks: O(n log n).
std::vector<Edit> unicode_form(std::string_view text, UnicodeFormKind kind);

/// Characters that Unicode 9, the reference's version, did not know and that a newer one decomposes or reorders: they
/// stay as they are.
bool is_newer_than_forms(char32_t value);

}  // namespace lf
