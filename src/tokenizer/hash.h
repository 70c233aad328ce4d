// Hashing of short strings and id pairs for the flat tables. Seeded per process, so that a prepared file cannot make
// tables slow.
#pragma once
#include <cstdint>
#include <cstring>
#include <string_view>

namespace lf {

/// Random, drawn once per process; odd.
uint64_t hash_seed();

inline uint64_t mix(uint64_t a, uint64_t b) {
  const auto product = static_cast<unsigned __int128>(a) * b;
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

inline uint64_t load_bytes(const char* data, size_t count) {
  uint64_t value = 0;
  std::memcpy(&value, data, count);
  return value;
}

/// All of at most 8 bytes, by loads of fixed size.
inline uint64_t load_short(const char* data, size_t count) {
  if (count == 8) return load_bytes(data, 8);
  if (count >= 4) return load_bytes(data, 4) | load_bytes(data + count - 4, 4) << 32;
  if (count == 0) return 0;
  const auto byte = [&](size_t i) { return uint64_t{static_cast<unsigned char>(data[i])}; };
  return byte(0) | byte(count / 2) << 8 | byte(count - 1) << 16;
}

inline uint64_t hash_bytes(std::string_view text, uint64_t seed) {
  const char* data = text.data();
  size_t left = text.size();
  uint64_t state = seed ^ (left * 0x9E3779B97F4A7C15u);
  if (left > 8) {
    const char* last = data + left - 8;  // may overlap the block before it
    for (; data < last; data += 8) state = mix(state ^ load_bytes(data, 8), 0xD6E8FEB86659FD93u);
    state = mix(state ^ load_bytes(last, 8), 0xD6E8FEB86659FD93u);
  } else {
    state = mix(state ^ load_short(data, left), 0xD6E8FEB86659FD93u);
  }
  return mix(state ^ seed, 0xA0761D6478BD642Fu);
}

/// std::memcmp(a, b, count) == 0, inline, for texts of a few words.
inline bool equal_bytes(const char* a, const char* b, size_t count) {
  if (count <= 8) return load_short(a, count) == load_short(b, count);
  const size_t last = count - 8;
  for (size_t at = 0; at < last; at += 8) {
    if (load_bytes(a + at, 8) != load_bytes(b + at, 8)) return false;
  }
  return load_bytes(a + last, 8) == load_bytes(b + last, 8);
}

}  // namespace lf
