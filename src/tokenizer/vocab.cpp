#include "tokenizer/vocab.h"

#include <bit>
#include <random>

#include "tokenizer/hash.h"

namespace lf {

uint64_t hash_seed() {
  static const uint64_t seed = (uint64_t{std::random_device{}()} << 32 | std::random_device{}()) | 1;
  return seed;
}

void Vocab::reserve(size_t entries) {
  entries_.reserve(entries);
  by_id_.reserve(entries);
  bytes_.reserve(entries * 8);
  const size_t slots = std::bit_ceil(std::max<size_t>(16, entries * 2));
  if (slots > slots_.size()) grow(slots);
}

size_t Vocab::slot_of(std::string_view text, uint64_t hash) const {
  const size_t mask = slots_.size() - 1;
  const auto tag = static_cast<uint32_t>(hash >> 32);
  for (size_t at = hash & mask;; at = (at + 1) & mask) {
    const Slot& slot = slots_[at];
    if (slot.entry < 0 || (slot.tag == tag && text_of(entries_[static_cast<size_t>(slot.entry)]) == text)) return at;
  }
}

void Vocab::grow(size_t slots) {
  slots_.assign(slots, Slot{});
  for (size_t i = 0; i < entries_.size(); ++i) {
    const std::string_view text = text_of(entries_[i]);
    const uint64_t hash = hash_bytes(text, hash_seed());
    slots_[slot_of(text, hash)] = {static_cast<uint32_t>(hash >> 32), static_cast<int32_t>(i)};
  }
}

Vocab::Insert Vocab::insert(std::string_view text, TokenId id) {
  if ((entries_.size() + 1) * 2 > slots_.size()) grow(std::max<size_t>(16, slots_.size() * 2));
  const uint64_t hash = hash_bytes(text, hash_seed());
  Slot& slot = slots_[slot_of(text, hash)];
  if (slot.entry >= 0) return Insert::kTextTaken;
  const auto index = static_cast<size_t>(id);
  if (index >= by_id_.size()) by_id_.resize(index + 1, -1);
  if (by_id_[index] >= 0) return Insert::kIdTaken;
  const auto entry = static_cast<int32_t>(entries_.size());
  slot = {static_cast<uint32_t>(hash >> 32), entry};
  by_id_[index] = entry;
  entries_.push_back({bytes_.size(), static_cast<uint32_t>(text.size()), id});
  bytes_ += text;
  return Insert::kDone;
}

TokenId Vocab::find(std::string_view text) const {
  if (slots_.empty()) return kNoToken;
  const Slot& slot = slots_[slot_of(text, hash_bytes(text, hash_seed()))];
  return slot.entry < 0 ? kNoToken : entries_[static_cast<size_t>(slot.entry)].id;
}

std::optional<std::string_view> Vocab::text(TokenId id) const {
  if (id < 0 || static_cast<size_t>(id) >= by_id_.size() || by_id_[static_cast<size_t>(id)] < 0) return std::nullopt;
  return text_of(entries_[static_cast<size_t>(by_id_[static_cast<size_t>(id)])]);
}

}  // namespace lf
