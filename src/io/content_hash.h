// XXH3 of memory: tells contents apart, is no protection against people.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace lf {

uint64_t content_hash(std::string_view bytes);
/// 128 bits in lower-case hex.
std::string content_hash_hex(std::string_view bytes);

}  // namespace lf
