// Reading a BPE model from its JSON, and the shortcuts that are worked out once at that time.
#include <algorithm>
#include <array>
#include <utility>

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
  vocab_.reserve(count, count * 8);
  struct Pending {
    std::string_view text;
    TokenId id;
    uint64_t hash;
  };
  std::array<Pending, 32> batch;
  size_t waiting = 0;
  const auto flush = [&] {
    for (size_t i = 0; i < waiting; ++i) insert_token(vocab_, batch[i].text, batch[i].id, batch[i].hash, spec);
    waiting = 0;
  };
  for (auto [text, value] : members) {
    int64_t id = 0;
    LF_CHECK(kFormat, !value.get(id) && id >= 0 && static_cast<size_t>(id) <= limit,
             "{}: the id of '{}' is not a number from 0 to {}", spec.where(), printable(text), limit);
    batch[waiting] = {text, static_cast<TokenId>(id), hash_bytes(text, hash_seed())};
    vocab_.touch(batch[waiting++].hash);
    if (waiting == batch.size()) flush();
  }
  flush();
}

/// A merge whose texts are known and whose ids are looked up together with those of its neighbours.
struct Bpe::PendingMerge {
  MergeText text;
  uint64_t left_hash, right_hash;
  TokenId left, right;
  uint32_t rank;
};

void Bpe::read_merges(const JsonView& spec) {
  const simdjson::dom::array items = spec.array();
  merges_.reserve(items.size());
  steps_.reserve(items.size());
  std::array<PendingMerge, 32> batch;
  size_t waiting = 0;
  uint32_t rank = 0;
  for (const simdjson::dom::element item : items) {
    std::string_view line;
    if (!item.get(line) && line.starts_with("#version")) continue;
    PendingMerge& merge = batch[waiting++];
    LF_CHECK(kFormat, read_merge(item, merge.text), "{}[{}]: needed two token texts", spec.where(), rank);
    merge.rank = rank++;
    merge.left_hash = hash_bytes(merge.text.left, hash_seed());
    merge.right_hash = hash_bytes(merge.text.right, hash_seed());
    vocab_.touch(merge.left_hash);
    vocab_.touch(merge.right_hash);
    if (waiting == batch.size()) add_merges(std::span(batch.data(), std::exchange(waiting, 0)), spec);
  }
  add_merges(std::span(batch.data(), waiting), spec);
}

void Bpe::add_merges(std::span<PendingMerge> batch, const JsonView& spec) {
  for (const PendingMerge& merge : batch) {
    vocab_.touch_text(merge.left_hash);
    vocab_.touch_text(merge.right_hash);
  }
  for (PendingMerge& merge : batch) {
    merge.left = vocab_.find(merge.text.left, merge.left_hash);
    merge.right = vocab_.find(merge.text.right, merge.right_hash);
    LF_CHECK(kFormat, merge.left != kNoToken && merge.right != kNoToken, "{}[{}]: '{}' is not in the vocabulary",
             spec.where(), merge.rank, printable(merge.left == kNoToken ? merge.text.left : merge.text.right));
    merges_.touch(merge.left, merge.right);
  }
  std::string joined;
  for (const PendingMerge& merge : batch) {
    LF_CHECK(kFormat, merge.text.right.starts_with(prefix_), "{}[{}]: '{}' does not begin with '{}'", spec.where(),
             merge.rank, printable(merge.text.right), printable(prefix_));
    joined = merge.text.left;
    joined += merge.text.right.substr(prefix_.size());
    // Results usually stand in the vocabulary in the order of the merges.
    const TokenId next = steps_.empty() ? 0 : steps_.back().merged + 1;
    const TokenId id = vocab_.text(next) == joined ? next : vocab_.find(joined);
    LF_CHECK(kFormat, id != kNoToken, "{}[{}]: the result '{}' is not in the vocabulary", spec.where(), merge.rank,
             printable(joined));
    merges_.insert(merge.left, merge.right, {merge.rank, id});
    steps_.push_back({merge.left, merge.right, id});
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

/// Whether a character that is no symbol becomes symbols that nothing merges with.
bool Bpe::borders_at_unknown() const {
  if (raw_bytes_) return true;
  if (!byte_fallback_ || std::ranges::count(fallback_, kNoToken) > 0) return false;
  std::vector<bool> is_fallback(vocab_.id_limit());
  for (const TokenId id : fallback_) is_fallback[static_cast<size_t>(id)] = true;
  return std::ranges::none_of(steps_, [&](const MergeTree::Step& step) {
    return is_fallback[static_cast<size_t>(step.left)] || is_fallback[static_cast<size_t>(step.right)];
  });
}

/// The ids of single characters or bytes.
std::vector<TokenId> Bpe::atoms() const {
  if (raw_bytes_) return {byte_ids_.begin(), byte_ids_.end()};
  std::vector<TokenId> ids;
  vocab_.each([&](std::string_view text, TokenId id) {
    if (!text.empty() && code_point_at(text, 0).bytes == text.size()) ids.push_back(id);
  });
  return ids;
}

void Bpe::make_encoder() {
  const auto symbols_of = [&](TokenId token, std::vector<TokenId>& out) {
    const std::string_view text = *vocab_.text(token);
    for (size_t at = 0; at < text.size();) {
      const std::string_view character = text.substr(at, code_point_at(text, at).bytes);
      const TokenId id = vocab_.find(character);
      if (id == kNoToken) return false;
      out.push_back(id);
      at += character.size();
    }
    return true;
  };
  const size_t ids = vocab_.id_limit();
  merges_.make_filter();
  MergeTree tree(atoms(), steps_, merges_, ids, symbols_of);
  std::string bytes;
  bytes.reserve(vocab_.text_bytes());  // never grows: the entries point into it
  std::vector<TokenTrie::Entry> reachable, unreachable;
  reachable.reserve(vocab_.size());
  vocab_.each([&](std::string_view text, TokenId id) {
    if (raw_bytes_) {
      const size_t begin = bytes.size();
      if (!letters_to_bytes(text, bytes)) return;
      text = std::string_view(bytes).substr(begin);
    }
    if (!text.empty()) (tree.reachable(id) ? reachable : unreachable).push_back({text, id});
  });
  if (ignore_merges_) unreachable_ = TokenTrie(unreachable, ids);
  encoder_.emplace(std::move(tree), reachable, ids);
}

void Bpe::prepare() {
  if (prefix_.empty() && suffix_.empty() && borders_at_unknown()) make_encoder();
  std::vector<MergeTree::Step>().swap(steps_);
}

bool Bpe::read_raw_bytes() {
  if (!prefix_.empty() || !suffix_.empty() || byte_fallback_) return false;
  for (size_t byte = 0; byte < 256; ++byte) {
    byte_ids_[byte] = vocab_.find(byte_letter(static_cast<unsigned char>(byte)));
    if (byte_ids_[byte] == kNoToken) return false;
  }
  boundary_.clear();
  raw_bytes_ = true;
  return true;
}

}  // namespace lf
