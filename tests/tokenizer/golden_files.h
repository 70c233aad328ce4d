// The golden files of file kinds other than tokenizer.json: records beside the texts they belong to, and their hashes.
#pragma once
#include <array>
#include <bit>
#include <functional>

#include "tokenizer_support.h"

namespace lf::testing {

/// SHA-256 (FIPS 180-4), first 16 hexadecimal digits.
inline std::string sha256_16(std::string data) {
  static constexpr std::array<uint32_t, 64> kRound = {
      0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
      0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
      0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
      0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
      0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
      0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
      0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
      0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};
  std::array<uint32_t, 8> state = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                   0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  const uint64_t bits = data.size() * 8;
  data += '\x80';
  while (data.size() % 64 != 56) data += '\0';
  for (int shift = 56; shift >= 0; shift -= 8) data += static_cast<char>(bits >> shift & 0xFF);
  for (size_t block = 0; block < data.size(); block += 64) {
    std::array<uint32_t, 64> w{};
    for (size_t i = 0; i < 64; ++i) w[i / 4] = w[i / 4] << 8 | static_cast<uint8_t>(data[block + i]);
    for (size_t i = 16; i < 64; ++i) {
      const uint32_t a = std::rotr(w[i - 15], 7) ^ std::rotr(w[i - 15], 18) ^ w[i - 15] >> 3;
      const uint32_t b = std::rotr(w[i - 2], 17) ^ std::rotr(w[i - 2], 19) ^ w[i - 2] >> 10;
      w[i] = w[i - 16] + a + w[i - 7] + b;
    }
    std::array<uint32_t, 8> s = state;
    for (size_t i = 0; i < 64; ++i) {
      const uint32_t big1 = std::rotr(s[4], 6) ^ std::rotr(s[4], 11) ^ std::rotr(s[4], 25);
      const uint32_t one = s[7] + big1 + ((s[4] & s[5]) ^ (~s[4] & s[6])) + kRound[i] + w[i];
      const uint32_t big0 = std::rotr(s[0], 2) ^ std::rotr(s[0], 13) ^ std::rotr(s[0], 22);
      const uint32_t two = big0 + ((s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]));
      s = {one + two, s[0], s[1], s[2], s[3] + one, s[4], s[5], s[6]};
    }
    for (size_t i = 0; i < 8; ++i) state[i] += s[i];
  }
  return fmt::format("{:08x}{:08x}", state[0], state[1]);
}

/// As the golden files write ids of long texts: little-endian, 32 bits each.
inline std::string hash_of_ids(const std::vector<TokenId>& ids) {
  return sha256_16(std::string(reinterpret_cast<const char*>(ids.data()), ids.size() * sizeof(TokenId)));
}

/// Lines of JSON with ASCII escapes: `item` gives a text, or null where there is none.
inline std::string hash_of_lines(size_t count, const std::function<Json(size_t)>& item) {
  std::string lines;
  for (size_t i = 0; i < count; ++i) lines += item(i).dump(-1, ' ', true) + "\n";
  return sha256_16(lines);
}

inline const std::vector<std::string>& golden_corpus() {
  static const std::vector<std::string> texts = [] {
    std::vector<std::string> read;
    std::ifstream in(shared_path("tokenizers/corpus.jsonl"));
    for (std::string line; std::getline(in, line);) read.push_back(parse_json(line, "corpus")["text"]);
    return read;
  }();
  return texts;
}

/// The records of goldens/NAME.jsonl.zst, one after the other; the first is the head.
inline std::vector<Json> golden_records(const std::string& name) {
  std::vector<Json> records;
  std::istringstream lines(read_zst(shared_path("tokenizers/goldens/" + name + ".jsonl.zst")));
  for (std::string line; std::getline(lines, line);) records.push_back(parse_json(line, name));
  return records;
}

/// A file of a tokenizer's folder, unpacked when it is kept as .zst; empty when there is none.
inline std::string golden_file(const std::string& relative) {
  const auto path = shared_path("tokenizers/" + relative);
  const std::string packed = path.string() + ".zst";
  if (!std::filesystem::exists(path)) return std::filesystem::exists(packed) ? read_zst(packed) : "";
  std::ifstream in(path, std::ios::binary);
  return std::string((std::istreambuf_iterator<char>(in)), {});
}

/// Whether `ids` are those of the record, in full or by count and hash; `key` is "ids", "ids_ordinary" ...
inline ::testing::AssertionResult agrees(const Json& record, const std::string& key, const std::vector<TokenId>& ids) {
  if (record.contains(key)) {
    const auto expected = record[key].get<std::vector<TokenId>>();
    if (ids == expected) return ::testing::AssertionSuccess();
    return ::testing::AssertionFailure() << key << ": got " << Json(ids).dump() << "\nnot " << Json(expected).dump();
  }
  if (ids.size() == record.at("n_" + key).get<size_t>() && hash_of_ids(ids) == record.at("h_" + key))
    return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << key << ": " << ids.size() << " ids, not those of " << record.dump();
}

/// A name that gtest takes.
inline std::string test_name(std::string name) {
  for (char& c : name) c = std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
  return name;
}

}  // namespace lf::testing
