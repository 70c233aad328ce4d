#include "tokenizer/unicode.h"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

namespace lf {
namespace {

struct CategoryRange {
  char32_t first, last;
  uint8_t category;
};

constexpr CategoryRange kNewerThanIcu[] = {
#include "tokenizer/unicode_delta.inc"
};

constexpr std::array<std::pair<char32_t, char32_t>, 10> kWhiteSpace = {{{0x09, 0x0D},
                                                                        {0x20, 0x20},
                                                                        {0x85, 0x85},
                                                                        {0xA0, 0xA0},
                                                                        {0x1680, 0x1680},
                                                                        {0x2000, 0x200A},
                                                                        {0x2028, 0x2029},
                                                                        {0x202F, 0x202F},
                                                                        {0x205F, 0x205F},
                                                                        {0x3000, 0x3000}}};

UBool fill_range(const void* table, UChar32 first, UChar32 limit, UCharCategory category) {
  std::memset(static_cast<uint8_t*>(const_cast<void*>(table)) + first, category, static_cast<size_t>(limit - first));
  return true;
}

std::vector<uint8_t> build_table() {
  std::vector<uint8_t> table(0x110000);
  u_enumCharTypes(fill_range, table.data());
  for (const CategoryRange& range : kNewerThanIcu) {
    for (char32_t c = range.first; c <= range.last; ++c) {
      if (table[c] == U_UNASSIGNED) table[c] = range.category;
    }
  }
  for (auto [first, last] : kWhiteSpace) {
    for (char32_t c = first; c <= last; ++c) table[c] |= kWhiteSpaceBit;
  }
  return table;
}

/// Length of the valid sequence at bytes[at], or 0; `invalid` gets the length of the maximal invalid part.
size_t sequence_length(std::string_view bytes, size_t at, size_t& invalid) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(bytes[i]); };
  const uint8_t lead = byte(at);
  invalid = 1;
  if (lead < 0x80) return 1;
  if (lead < 0xC2 || lead > 0xF4) return 0;
  const size_t length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  const uint8_t low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  const uint8_t high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  for (size_t i = 1; i < length; ++i) {
    if (at + i >= bytes.size()) return 0;
    const uint8_t next = byte(at + i);
    if (next < (i == 1 ? low : 0x80) || next > (i == 1 ? high : 0xBF)) return 0;
    invalid = i + 1;
  }
  return length;
}

}  // namespace

const uint8_t* category_table() {
  static const std::vector<uint8_t> table = build_table();
  return table.data();
}

bool is_word(char32_t value) {
  if (value < 0x80) {
    return (value >= 'a' && value <= 'z') || (value >= 'A' && value <= 'Z') || (value >= '0' && value <= '9') ||
           value == '_';
  }
  constexpr uint32_t kWordMask = kLetterMask | kMarkMask | U_GC_NL_MASK | U_GC_ND_MASK | U_GC_PC_MASK;
  return in_category(value, kWordMask) || value == 0x200C || value == 0x200D ||
         u_hasBinaryProperty(static_cast<UChar32>(value), UCHAR_ALPHABETIC);
}

void append_utf8(std::string& out, char32_t value) {
  if (value < 0x80) {
    out += static_cast<char>(value);
  } else if (value < 0x800) {
    out += static_cast<char>(0xC0 | value >> 6);
    out += static_cast<char>(0x80 | (value & 0x3F));
  } else if (value < 0x10000) {
    out += static_cast<char>(0xE0 | value >> 12);
    out += static_cast<char>(0x80 | (value >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (value & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | value >> 18);
    out += static_cast<char>(0x80 | (value >> 12 & 0x3F));
    out += static_cast<char>(0x80 | (value >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (value & 0x3F));
  }
}

bool is_valid_utf8(std::string_view text) { return simdjson::validate_utf8(text.data(), text.size()); }

std::string to_valid_utf8(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size());
  for (size_t at = 0; at < bytes.size();) {
    size_t invalid = 0;
    if (const size_t length = sequence_length(bytes, at, invalid)) {
      out.append(bytes, at, length);
      at += length;
    } else {
      append_utf8(out, 0xFFFD);
      at += invalid;
    }
  }
  return out;
}

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<uint8_t>(c) < 0x80; });
}

}  // namespace lf
