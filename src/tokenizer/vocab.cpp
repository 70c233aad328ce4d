#include "tokenizer/vocab.h"

#include <bit>
#include <random>

#include "base/error.h"

namespace lf {

uint64_t hash_seed() {
  static const uint64_t seed = (uint64_t{std::random_device{}()} << 32 | std::random_device{}()) | 1;
  return seed;
}

void Vocab::reserve(size_t entries, size_t bytes) {
  by_id_.reserve(entries);
  records_.reserve(entries * kHeader + bytes);
  const size_t slots = std::bit_ceil(std::max<size_t>(16, entries + entries / 2));
  if (slots > slots_.size()) grow(slots);
}

size_t Vocab::slot_of(std::string_view text, uint64_t hash) const {
  const size_t mask = slots_.size() - 1;
  const auto tag = static_cast<uint32_t>(hash >> 32);
  for (size_t at = hash & mask;; at = (at + 1) & mask) {
    const Slot& slot = slots_[at];
    if (slot.record == kNone || (slot.tag == tag && text_of(slot.record) == text)) return at;
  }
}

void Vocab::grow(size_t slots) {
  slots_.assign(slots, Slot{});
  for (uint32_t at = 0; at < records_.size(); at += record_size(at)) {
    const uint64_t hash = hash_bytes(text_of(at), hash_seed());
    slots_[slot_of(text_of(at), hash)] = {static_cast<uint32_t>(hash >> 32), at};
  }
}

Vocab::Insert Vocab::insert(std::string_view text, TokenId id, uint64_t hash) {
  LF_CHECK(kFormat, records_.size() + kHeader + text.size() < kNone, "a vocabulary of more than 4 GB");
  if ((size_ + 1) * 3 > slots_.size() * 2) grow(slots_.size() * 2);
  Slot& slot = slots_[slot_of(text, hash)];
  if (slot.record != kNone) return Insert::kTextTaken;
  const auto index = static_cast<size_t>(id);
  if (index >= by_id_.size()) by_id_.resize(index + 1, kNone);
  if (by_id_[index] != kNone) return Insert::kIdTaken;
  const auto record = static_cast<uint32_t>(records_.size());
  slot = {static_cast<uint32_t>(hash >> 32), record};
  by_id_[index] = record;
  const auto length = static_cast<uint32_t>(text.size());
  records_.append(reinterpret_cast<const char*>(&id), sizeof id);
  records_.append(reinterpret_cast<const char*>(&length), sizeof length);
  records_ += text;
  ++size_;
  return Insert::kDone;
}

TokenId Vocab::find(std::string_view text, uint64_t hash) const {
  const Slot& slot = slots_[slot_of(text, hash)];
  return slot.record == kNone ? kNoToken : id_of(slot.record);
}

std::optional<std::string_view> Vocab::text(TokenId id) const {
  const auto index = static_cast<size_t>(id);
  if (id < 0 || index >= by_id_.size() || by_id_[index] == kNone) return std::nullopt;
  return text_of(by_id_[index]);
}

}  // namespace lf
