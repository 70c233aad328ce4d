// Slots: what a formatter is made of. Each slot is turned into ids on its own.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "tokenizer/tokenizer.h"

namespace lf {

struct Slot {
  enum class Kind {
    kText,   // text in which the first {{content}} stands for the message
    kToken,  // one token of the vocabulary, by name
    kBos,    // left out when the tokenizer has none
    kEos
  };
  Kind kind = Kind::kText;
  std::string text;

  bool operator==(const Slot&) const = default;
};

using Slots = std::vector<Slot>;

inline constexpr std::string_view kContentMark = "{{content}}";

/// Text of a text slot with the message filled in (first mark only).
std::string fill_slot(const Slot& slot, std::string_view content);
/// Ids of all slots, appended to `ids`. kConfig when a named token is not in the vocabulary and there is no unknown
/// token.
void append_slots(std::vector<TokenId>& ids, const Tokenizer& tokenizer, const Slots& slots, std::string_view content);

}  // namespace lf
