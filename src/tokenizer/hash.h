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

inline uint64_t hash_bytes(std::string_view text, uint64_t seed) {
  const char* data = text.data();
  size_t left = text.size();
  uint64_t state = seed ^ (left * 0x9E3779B97F4A7C15u);
  for (; left >= 8; left -= 8, data += 8) state = mix(state ^ load_bytes(data, 8), 0xD6E8FEB86659FD93u);
  if (left > 0) state = mix(state ^ load_bytes(data, left), 0xD6E8FEB86659FD93u);
  return mix(state ^ seed, 0xA0761D6478BD642Fu);
}

}  // namespace lf
