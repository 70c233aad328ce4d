#include "tokenizer/models/bpe_encoder.h"

#include <algorithm>
#include <array>

#include "base/error.h"

namespace lf {

BpeEncoder::BpeEncoder(MergeTree tree, std::span<TokenTrie::Entry> tokens, size_t ids)
    : tree_(std::move(tree)), bytes_(ids) {
  for (const TokenTrie::Entry& token : tokens) {
    bytes_[static_cast<size_t>(token.id)] = static_cast<uint32_t>(token.text.size());
  }
  trie_ = TokenTrie(tokens, ids);
}

/// `dead`: one bit for each place from which the end cannot be reached. The tokens before a place are the encoding of
/// the text before it, so they are the same each time the place is reached, and a dead place stays dead.
size_t BpeEncoder::encode(std::string_view word, uint64_t* dead, std::vector<TokenId>& out) const {
  const size_t before = out.size();
  const uint32_t* bytes = bytes_.data();
  TokenTrie::Match match = trie_.longest(word);
  TokenId last = kNoToken;
  size_t at = 0;
  while (match.id != kNoToken) {
    TokenId token = match.id;
    size_t end = at + match.bytes;
    while ((dead[end / 64] >> end % 64 & 1) || (last != kNoToken && !tree_.may_meet(last, token))) {
      token = trie_.shorter(token);
      while (token == kNoToken) {  // nothing fits here: go back
        LF_ASSERT(out.size() > before);
        dead[at / 64] |= uint64_t{1} << at % 64;
        at -= bytes[out.back()];
        token = trie_.shorter(out.back());
        out.pop_back();
        last = out.size() > before ? out.back() : kNoToken;
      }
      end = at + bytes[token];
    }
    out.push_back(last = token);
    at = end;
    match = trie_.longest(word.substr(at));
  }
  return at;
}

size_t BpeEncoder::encode(std::string_view word, std::vector<TokenId>& out) const {
  constexpr size_t kShort = 511;
  if (word.size() <= kShort) {
    std::array<uint64_t, kShort / 64 + 1> dead;
    std::fill_n(dead.begin(), word.size() / 64 + 1, 0);
    return encode(word, dead.data(), out);
  }
  std::vector<uint64_t> dead(word.size() / 64 + 1);
  return encode(word, dead.data(), out);
}

}  // namespace lf
