// See slots.h.
#include "templates/slots.h"

#include "base/error.h"
#include "base/strings.h"

namespace lf {

std::string fill_slot(const Slot& slot, std::string_view content) {
  std::string text = slot.text;
  const size_t mark = text.find(kContentMark);
  if (mark != std::string::npos) text.replace(mark, kContentMark.size(), content);
  return text;
}

namespace {

TokenId token_slot_id(const Tokenizer& tokenizer, const std::string& token) {
  if (const auto id = tokenizer.token_to_id(token)) return *id;
  const std::string& unknown = tokenizer.special_tokens().unk;
  const auto id = unknown.empty() ? std::nullopt : tokenizer.token_to_id(unknown);
  LF_CHECK(kConfig, id.has_value(), "the template needs the token '{}', which this tokenizer does not have",
           printable(token));
  return *id;
}

void append_one(std::vector<TokenId>& ids, std::optional<TokenId> id) {
  if (id) ids.push_back(*id);
}

}  // namespace

void append_slots(std::vector<TokenId>& ids, const Tokenizer& tokenizer, const Slots& slots, std::string_view content) {
  for (const Slot& slot : slots) {
    switch (slot.kind) {
      case Slot::Kind::kText: {
        const std::string text = fill_slot(slot, content);
        if (text.empty()) break;
        const std::vector<TokenId> piece = tokenizer.encode(text, false);
        ids.insert(ids.end(), piece.begin(), piece.end());
        break;
      }
      case Slot::Kind::kToken:
        ids.push_back(token_slot_id(tokenizer, slot.text));
        break;
      case Slot::Kind::kBos:
        append_one(ids, tokenizer.bos_id());
        break;
      case Slot::Kind::kEos:
        append_one(ids, tokenizer.eos_id());
        break;
    }
  }
}

}  // namespace lf
