// Reading a BPE model from its JSON, and the shortcuts that are worked out once at that time.
#include <algorithm>

#include "base/strings.h"
#include "tokenizer/byte_level.h"
#include "tokenizer/models/bpe.h"
#include "tokenizer/models/word_cache.h"
#include "tokenizer/unicode.h"

namespace lf {
namespace {

constexpr size_t kMaxEntries = kMaxTokenId;
constexpr size_t kSparse = 1 << 16;  // ids may be this far above the number of tokens, or four times that number

struct MergeText {
  std::string_view left, right;
};

/// ["a", "b"] or "a b"; only U+0020 separates (vocabularies hold other spaces).
bool read_merge(simdjson::dom::element item, MergeText& merge) {
  std::string_view text;
  if (!item.get(text)) {
    const size_t space = text.find(' ');
    if (space == std::string_view::npos || text.find(' ', space + 1) != std::string_view::npos) return false;
    merge = {text.substr(0, space), text.substr(space + 1)};
    return true;
  }
  simdjson::dom::array pair;
  if (item.get(pair)) return false;
  auto part = pair.begin();
  if (!(part != pair.end()) || (*part).get(merge.left)) return false;
  ++part;
  if (!(part != pair.end()) || (*part).get(merge.right)) return false;
  ++part;
  return !(part != pair.end());
}

}  // namespace

Bpe::Bpe(const JsonView& spec)
    : prefix_(spec.string_or("continuing_subword_prefix", "")),
      suffix_(spec.string_or("end_of_word_suffix", "")),
      fuse_unk_(spec.boolean_or("fuse_unk", false)),
      byte_fallback_(spec.boolean_or("byte_fallback", false)),
      ignore_merges_(spec.boolean_or("ignore_merges", false)),
      cache_owner_(WordCache::new_owner()) {
  if (const auto dropout = spec.find("dropout")) {
    LF_CHECK(kUnsupported, dropout->number() == 0, "{}: dropout {} in a saved model is not available", dropout->where(),
             dropout->number());
  }
  read_vocab(spec.at("vocab"));
  if (const auto unk = spec.find("unk_token")) {
    unk_ = vocab_.find(unk->string());
    if (unk_ == kNoToken && !unk->string().empty()) {
      unk_error_ = fmt::format("{}: '{}' is not in the vocabulary", unk->where(), printable(unk->string()));
    }
  }
  for (size_t c = 0; c < ascii_.size(); ++c) ascii_[c] = vocab_.find(std::string(1, static_cast<char>(c)));
  if (byte_fallback_) fallback_ = byte_fallback_ids(vocab_);
  read_merges(spec.at("merges"));
  find_boundary();
}

void Bpe::read_vocab(const JsonView& spec) {
  const simdjson::dom::object members = spec.object();
  const size_t count = members.size();
  LF_CHECK(kFormat, count <= kMaxEntries, "{}: {} entries, at most {} are read", spec.where(), count, kMaxEntries);
  const size_t limit = std::min<size_t>(kMaxTokenId, count * 4 + kSparse);
  vocab_.reserve(count);
  for (auto [text, value] : members) {
    int64_t id = 0;
    LF_CHECK(kFormat, !value.get(id) && id >= 0 && static_cast<size_t>(id) <= limit,
             "{}: the id of '{}' is not a number from 0 to {}", spec.where(), printable(text), limit);
    insert_token(vocab_, text, static_cast<TokenId>(id), spec);
  }
}

void Bpe::read_merges(const JsonView& spec) {
  const simdjson::dom::array items = spec.array();
  LF_CHECK(kFormat, items.size() <= kMaxEntries, "{}: {} entries, at most {} are read", spec.where(), items.size(),
           kMaxEntries);
  merges_.reserve(items.size());
  std::string joined;
  uint32_t rank = 0;
  for (const simdjson::dom::element item : items) {
    MergeText merge;
    std::string_view line;
    if (!item.get(line) && line.starts_with("#version")) continue;
    LF_CHECK(kFormat, read_merge(item, merge), "{}[{}]: needed two token texts", spec.where(), rank);
    const TokenId left = vocab_.find(merge.left);
    const TokenId right = vocab_.find(merge.right);
    LF_CHECK(kFormat, left != kNoToken && right != kNoToken, "{}[{}]: '{}' is not in the vocabulary", spec.where(),
             rank, printable(left == kNoToken ? merge.left : merge.right));
    LF_CHECK(kFormat, merge.right.starts_with(prefix_), "{}[{}]: '{}' does not begin with '{}'", spec.where(), rank,
             printable(merge.right), printable(prefix_));
    joined = merge.left;
    joined += merge.right.substr(prefix_.size());
    const TokenId id = vocab_.find(joined);
    LF_CHECK(kFormat, id != kNoToken, "{}[{}]: the result '{}' is not in the vocabulary", spec.where(), rank,
             printable(joined));
    merges_.insert(left, right, {rank++, id});
  }
}

/// U+2581 is a boundary when the vocabulary has it and no token has it after another character: no merge can span that
/// place.
void Bpe::find_boundary() {
  static constexpr std::string_view kMark = "\u2581";
  if (vocab_.find(kMark) == kNoToken || !prefix_.empty() || !suffix_.empty()) return;
  bool safe = true;
  vocab_.each([&](std::string_view text, TokenId) {
    size_t run = 0;
    while (text.substr(run).starts_with(kMark)) run += kMark.size();
    safe = safe && text.find(kMark, run) == std::string_view::npos;
  });
  if (safe) boundary_ = kMark;
}

bool Bpe::read_raw_bytes() {
  if (!prefix_.empty() || !suffix_.empty() || byte_fallback_) return false;
  for (size_t byte = 0; byte < 256; ++byte) {
    byte_ids_[byte] = vocab_.find(byte_letter(static_cast<unsigned char>(byte)));
    if (byte_ids_[byte] == kNoToken) return false;
  }
  boundary_.clear();
  raw_bytes_ = true;
  if (!ignore_merges_) return true;
  raw_words_.reserve(vocab_.size());
  std::string bytes;
  vocab_.each([&](std::string_view text, TokenId id) {
    bytes.clear();
    if (letters_to_bytes(text, bytes)) raw_words_.insert(bytes, id);
  });
  return true;
}

}  // namespace lf
