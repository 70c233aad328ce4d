#include "tokenizer/models/unigram.h"

#include <algorithm>
#include <cmath>

#include "base/strings.h"
#include "tokenizer/unicode.h"

namespace lf {

std::unique_ptr<Model> make_unigram(const JsonView& spec) { return std::make_unique<Unigram>(spec); }

Unigram::Unigram(const JsonView& spec) : byte_fallback_(spec.boolean_or("byte_fallback", false)), where_(spec.where()) {
  constexpr double kUnknownPenalty = 10.0;
  const JsonView vocab = spec.at("vocab");
  double lowest = 0;
  vocab.each_item([&](const JsonView& item) {
    const simdjson::dom::array pair = item.array();
    std::string_view text;
    double score = 0;
    const bool good = pair.size() == 2 && !pair.at(0).get(text) && !pair.at(1).get(score) && std::isfinite(score);
    LF_CHECK(kFormat, good, "{}: needed [token, score]", item.where());
    LF_CHECK(kFormat, scores_.size() < kMaxTokenId, "{}: more than {} entries", vocab.where(), kMaxTokenId);
    insert_token(vocab_, text, static_cast<TokenId>(scores_.size()), hash_bytes(text, hash_seed()), vocab);
    scores_.push_back(score);
    lowest = scores_.size() == 1 ? score : std::min(lowest, score);
  });
  LF_CHECK(kFormat, !scores_.empty(), "{}: the vocabulary is empty", vocab.where());
  if (const auto unk = spec.find("unk_id"))
    unk_ = static_cast<TokenId>(unk->integer(0, static_cast<int64_t>(scores_.size()) - 1));
  unk_score_ = lowest - kUnknownPenalty;
  if (byte_fallback_) fallback_ = byte_fallback_ids(vocab_);
  build_trie();
}

/// Breadth first over the sorted tokens, so that the edges of a node stand together.
void Unigram::build_trie() {
  std::vector<std::pair<std::string_view, TokenId>> sorted;
  vocab_.each([&](std::string_view text, TokenId id) {
    if (!text.empty()) sorted.emplace_back(text, id);
  });
  std::sort(sorted.begin(), sorted.end());
  struct Range {
    size_t begin, end, depth;
  };
  std::vector<Range> ranges{{0, sorted.size(), 0}};
  nodes_.emplace_back();
  for (size_t n = 0; n < ranges.size(); ++n) {
    auto [begin, end, depth] = ranges[n];
    if (begin < end && sorted[begin].first.size() == depth) nodes_[n].token = sorted[begin++].second;
    nodes_[n].first_edge = static_cast<uint32_t>(edges_.size());
    while (begin < end) {
      const char byte = sorted[begin].first[depth];
      size_t same = begin;
      while (same < end && sorted[same].first[depth] == byte) ++same;
      edges_.push_back({static_cast<uint8_t>(byte), static_cast<uint32_t>(ranges.size())});
      ranges.push_back({begin, same, depth + 1});
      nodes_.emplace_back();
      begin = same;
    }
    nodes_[n].edge_count = static_cast<uint32_t>(edges_.size()) - nodes_[n].first_edge;
  }
}

uint32_t Unigram::child(uint32_t node, uint8_t byte) const {
  const auto first = edges_.begin() + nodes_[node].first_edge;
  const auto last = first + nodes_[node].edge_count;
  const auto edge = std::lower_bound(first, last, byte, [](const Edge& e, uint8_t b) { return e.byte < b; });
  return edge != last && edge->byte == byte ? edge->node : 0;
}

std::vector<Unigram::Best> Unigram::best_cuts(std::string_view piece) const {
  std::vector<Best> best(piece.size() + 1);
  const auto offer = [&](size_t begin, size_t end, TokenId id, double score) {
    Best& target = best[end];
    const double sum = score + best[begin].score;
    if (target.id == kNoToken || sum > target.score) target = {sum, begin, id};
  };
  for (size_t begin = 0; begin < piece.size();) {
    const size_t first = code_point_at(piece, begin).bytes;
    bool single = false;
    uint32_t node = 0;
    for (size_t end = begin; end < piece.size();) {
      node = child(node, static_cast<uint8_t>(piece[end++]));
      if (node == 0) break;
      if (nodes_[node].token == kNoToken) continue;
      offer(begin, end, nodes_[node].token, scores_[static_cast<size_t>(nodes_[node].token)]);
      single = single || end - begin == first;
    }
    if (!single) {
      LF_CHECK(kFormat, unk_ != kNoToken, "{}: a character is not in the vocabulary and there is no unk_id", where_);
      offer(begin, begin + first, unk_, unk_score_);
    }
    begin += first;
  }
  return best;
}

void Unigram::append_unknown(std::string_view text, std::vector<TokenId>& out) const {
  if (const TokenId id = vocab_.find(text); id != kNoToken) return out.push_back(id);
  const bool bytes = byte_fallback_ && std::all_of(text.begin(), text.end(), [&](char c) {
                       return fallback_[static_cast<unsigned char>(c)] != kNoToken;
                     });
  if (!bytes) return out.push_back(unk_);
  for (const char c : text) out.push_back(fallback_[static_cast<unsigned char>(c)]);
}

void Unigram::tokenize(std::string_view piece, std::vector<TokenId>& out) const {
  const std::vector<Best> best = best_cuts(piece);
  std::vector<Cut> cuts;
  for (size_t end = piece.size(); end > 0; end = best[end].begin) {
    const bool joins = !cuts.empty() && best[end].id == unk_ && cuts.back().unknown;
    if (joins)
      cuts.back().begin = best[end].begin;
    else
      cuts.push_back({best[end].begin, end, best[end].id, best[end].id == unk_});
  }
  for (auto cut = cuts.rbegin(); cut != cuts.rend(); ++cut) {
    if (cut->unknown)
      append_unknown(piece.substr(cut->begin, cut->end - cut->begin), out);
    else
      out.push_back(cut->id);
  }
}

}  // namespace lf
