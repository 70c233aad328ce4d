#include "tokenizer/kinds/rank_vocab.h"

#include <algorithm>
#include <array>
#include <numeric>

#include "base/strings.h"
#include "tokenizer/byte_level.h"
#include "tokenizer/kinds/json_text.h"
#include "tokenizer/merge_table.h"
#include "tokenizer/vocab.h"

namespace lf {
namespace {

/// Index of each byte string in `ranks`.
Vocab index_of(const Ranks& ranks, const std::string& where) {
  Vocab vocab;
  vocab.reserve(ranks.size(), ranks.size() * 8);
  for (size_t i = 0; i < ranks.size(); ++i) {
    LF_CHECK(kFormat, vocab.insert(ranks[i].first, static_cast<TokenId>(i)) == Vocab::Insert::kDone,
             "{}: the token '{}' appears twice", where, printable(ranks[i].first));
  }
  return vocab;
}

void check_ranks(const Ranks& ranks, const std::string& where) {
  std::vector<TokenId> all;
  all.reserve(ranks.size());
  for (const auto& entry : ranks) all.push_back(entry.second);
  std::sort(all.begin(), all.end());
  const auto twice = std::adjacent_find(all.begin(), all.end());
  LF_CHECK(kFormat, twice == all.end(), "{}: the rank {} is given twice", where, *twice);
}

struct RankedPair {
  TokenId rank;
  size_t left, right;
};

}  // namespace

/// Short tokens first: a longer one is cut with their merges, and the two symbols that are left are its pair.
std::vector<std::pair<size_t, size_t>> merges_of(const Ranks& ranks, const std::string& where) {
  check_ranks(ranks, where);
  const Vocab index = index_of(ranks, where);
  std::array<TokenId, 256> bytes{};
  for (size_t b = 0; b < bytes.size(); ++b) {
    bytes[b] = index.find(std::string(1, static_cast<char>(b)));
    LF_CHECK(kFormat, bytes[b] != kNoToken, "{}: there is no token for the byte 0x{:02X}", where, b);
  }
  std::vector<size_t> order(ranks.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return ranks[a].first.size() < ranks[b].first.size(); });
  MergeTable table;
  table.reserve(ranks.size());
  std::vector<RankedPair> pairs;
  std::vector<TokenId> symbols;
  for (const size_t i : order) {
    const auto& [text, rank] = ranks[i];
    if (text.size() < 2) continue;
    symbols.clear();
    for (const char c : text) symbols.push_back(bytes[static_cast<unsigned char>(c)]);
    merge_symbols(symbols, table);
    if (symbols.size() != 2) continue;
    table.insert(symbols[0], symbols[1], {static_cast<uint32_t>(rank), static_cast<TokenId>(i)});
    pairs.push_back({rank, static_cast<size_t>(symbols[0]), static_cast<size_t>(symbols[1])});
  }
  std::sort(pairs.begin(), pairs.end(), [](const RankedPair& a, const RankedPair& b) { return a.rank < b.rank; });
  std::vector<std::pair<size_t, size_t>> merges;
  merges.reserve(pairs.size());
  for (const RankedPair& pair : pairs) merges.emplace_back(pair.left, pair.right);
  return merges;
}

namespace {

void append_added(std::string& json, const std::vector<RankSpecial>& specials) {
  json += R"("added_tokens":[)";
  JsonCommas commas(json);
  for (const RankSpecial& special : specials) {
    fmt::format_to(std::back_inserter(commas.next()), R"({{"id":{},"content":)", special.id);
    append_json_string(json, special.content);
    json += R"(,"single_word":false,"lstrip":false,"rstrip":false,"normalized":false,"special":)";
    json += special.special ? "true}" : "false}";
  }
  json += ']';
}

/// Ids between 0 and the highest that no token has. They get names of their own, since readers of tokenizer.json number
/// tokens that are added later by the size of the vocabulary. Vocabularies with more holes than tokens are left alone.
std::vector<TokenId> holes(const Ranks& ranks, const RankPipeline& pipeline) {
  std::vector<TokenId> ids;
  ids.reserve(ranks.size() + pipeline.specials.size());
  for (const auto& entry : ranks) ids.push_back(entry.second + pipeline.first_id);
  for (const RankSpecial& special : pipeline.specials) ids.push_back(special.id);
  std::sort(ids.begin(), ids.end());
  if (static_cast<size_t>(ids.back()) > 2 * ids.size()) return {};
  std::vector<TokenId> missing;
  TokenId next = 0;
  for (const TokenId id : ids) {
    for (; next < id; ++next) missing.push_back(next);
    next = id + 1;
  }
  return missing;
}

/// Special tokens stand in the vocabulary, so that they keep their ids whatever comes before them.
void append_vocab(std::string& json, const std::vector<std::string>& letters, const Ranks& ranks,
                  const RankPipeline& pipeline) {
  json += R"("vocab":{)";
  JsonCommas commas(json);
  for (const RankSpecial& special : pipeline.specials) {
    append_json_string(commas.next(), special.content);
    json += ':';
    append_json_number(json, special.id);
  }
  for (size_t i = 0; i < ranks.size(); ++i) {
    append_json_string(commas.next(), letters[i]);
    json += ':';
    append_json_number(json, ranks[i].second + pipeline.first_id);
  }
  for (const TokenId id : holes(ranks, pipeline)) {
    append_json_string(commas.next(), fmt::format("<|unused_{}|>", id));
    json += ':';
    append_json_number(json, id);
  }
  json += '}';
}

}  // namespace

std::string rank_tokenizer_json(const Ranks& ranks, const RankPipeline& pipeline, const std::string& where) {
  const auto merges = merges_of(ranks, where);
  std::vector<std::string> letters;
  letters.reserve(ranks.size());
  for (const auto& entry : ranks) letters.push_back(bytes_to_letters(entry.first));
  std::string json;
  json.reserve(ranks.size() * 48 + pipeline.specials.size() * 128 + 4096);
  json += R"({"version":"1.0","truncation":null,"padding":null,)";
  append_added(json, pipeline.specials);
  json +=
      R"(,"normalizer":null,"pre_tokenizer":{"type":"Sequence","pretokenizers":[{"type":"Split","pattern":{"Regex":)";
  append_json_string(json, fancy_to_onig(pipeline.pattern));
  json += R"(},"behavior":"Isolated","invert":false},)"
          R"({"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":false}]},"post_processor":)";
  json += pipeline.post_processor;
  json += R"(,"decoder":{"type":"ByteLevel","add_prefix_space":true,"trim_offsets":true,"use_regex":true},)"
          R"("model":{"type":"BPE","dropout":null,"unk_token":null,"continuing_subword_prefix":null,)"
          R"("end_of_word_suffix":null,"fuse_unk":false,"byte_fallback":false,"ignore_merges":true,)";
  append_vocab(json, letters, ranks, pipeline);
  json += R"(,"merges":[)";
  JsonCommas commas(json);
  for (const auto& [left, right] : merges) append_json_string(commas.next(), letters[left] + ' ' + letters[right]);
  json += "]}}";
  return json;
}

bool decode_base64(std::string_view text, std::string& bytes) {
  const auto value = [](char c) {
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (c >= '0' && c <= '9') return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
  };
  bytes.clear();
  if (text.size() % 4 != 0) return false;
  while (text.ends_with('=') && text.size() % 4 != 2) text.remove_suffix(1);
  uint32_t pending = 0;
  int bits = 0;
  for (const char c : text) {
    const int digit = value(c);
    if (digit < 0) return false;
    pending = pending << 6 | static_cast<uint32_t>(digit);
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes += static_cast<char>(pending >> bits & 0xFF);
  }
  return true;
}

}  // namespace lf
