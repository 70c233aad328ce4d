#include "tokenizer/models/unigram.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "base/strings.h"
#include "tokenizer/unicode.h"

namespace lf {

namespace {

/// The score as the reference's JSON reader has it: all digits as one number, which is rounded, times or over a power
/// of ten, which rounds again. The last bit decides ties. The digits are those of the shortest text for `exact`, as
/// files have them.
double twice_rounded(double exact) {
  std::array<char, 32> text{};
  const char* const end =
      std::to_chars(text.data(), text.data() + text.size(), std::fabs(exact), std::chars_format::scientific).ptr;
  const char* const mark = std::find(static_cast<const char*>(text.data()), end, 'e');
  uint64_t digits = 0;
  int decimals = 0, exponent = 0;
  for (const char* at = text.data(); at < mark; ++at) {
    if (*at == '.') continue;
    digits = digits * 10 + static_cast<uint64_t>(*at - '0');
    decimals += at > text.data();
  }
  std::from_chars(mark + (mark[1] == '+' ? 2 : 1), end, exponent);
  exponent -= decimals;
  constexpr int kLargest = 308;
  auto value = static_cast<double>(digits);
  for (; exponent < -kLargest; exponent += kLargest) value /= 1e308;
  value = exponent >= 0 ? value * std::pow(10.0, exponent) : value / std::pow(10.0, -exponent);
  return std::copysign(value, exact);
}

}  // namespace

std::unique_ptr<Model> make_unigram(const JsonView& spec) { return std::make_unique<Unigram>(spec); }
std::unique_ptr<Model> make_exact_unigram(const JsonView& spec) { return std::make_unique<Unigram>(spec, true); }

Unigram::Unigram(const JsonView& spec, bool exact_scores)
    : byte_fallback_(spec.boolean_or("byte_fallback", false)), where_(spec.where()) {
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
    scores_.push_back(exact_scores ? score : twice_rounded(score));
    lowest = scores_.size() == 1 ? scores_.back() : std::min(lowest, scores_.back());
  });
  LF_CHECK(kFormat, !scores_.empty(), "{}: the vocabulary is empty", vocab.where());
  if (const auto unk = spec.find("unk_id"))
    unk_ = static_cast<TokenId>(unk->integer(0, static_cast<int64_t>(scores_.size()) - 1));
  unk_score_ = lowest - kUnknownPenalty;
  if (byte_fallback_) fallback_ = byte_fallback_ids(vocab_);
  trie_ = PrefixTrie(vocab_);
}

void Unigram::find_best(std::string_view piece, std::vector<Best>& best) const {
  best.assign(piece.size() + 1, Best{});
  const auto offer = [&](size_t begin, size_t end, TokenId id, double score) {
    Best& target = best[end];
    const double sum = score + best[begin].score;
    if (target.id == kNoToken || sum > target.score) target = {sum, static_cast<uint32_t>(begin), id};
  };
  for (size_t begin = 0; begin < piece.size();) {
    const size_t first = code_point_at(piece, begin).bytes;
    bool single = false;
    uint32_t node = PrefixTrie::kRoot;
    for (size_t end = begin; end < piece.size();) {
      node = trie_.child(node, static_cast<uint8_t>(piece[end++]));
      if (node == PrefixTrie::kRoot) break;
      const TokenId token = trie_.token(node);
      if (token == kNoToken) continue;
      offer(begin, end, token, scores_[static_cast<size_t>(token)]);
      single = single || end - begin == first;
    }
    if (!single) {
      LF_CHECK(kFormat, unk_ != kNoToken, "{}: a character is not in the vocabulary and there is no unk_id", where_);
      offer(begin, begin + first, unk_, unk_score_);
    }
    begin += first;
  }
}

/// The cuts in order; unknowns in a row are one.
void Unigram::best_cuts(std::string_view piece, std::vector<Cut>& cuts) const {
  thread_local std::vector<Best> best;
  find_best(piece, best);
  cuts.clear();
  for (auto end = static_cast<uint32_t>(piece.size()); end > 0; end = best[end].begin) {
    if (best[end].id == unk_ && !cuts.empty() && cuts.back().id == unk_)
      cuts.back().begin = best[end].begin;
    else
      cuts.push_back({best[end].begin, end, best[end].id});
  }
  std::reverse(cuts.begin(), cuts.end());
  constexpr size_t kKeep = 1 << 16;
  if (best.capacity() > kKeep) std::vector<Best>().swap(best);
}

bool Unigram::has_all_bytes(std::string_view text) const {
  return byte_fallback_ && std::all_of(text.begin(), text.end(),
                                       [&](char c) { return fallback_[static_cast<unsigned char>(c)] != kNoToken; });
}

void Unigram::tokenize(std::string_view piece, std::vector<TokenId>& out) const {
  thread_local std::vector<Cut> cuts;
  best_cuts(piece, cuts);
  for (const Cut& cut : cuts) {
    const std::string_view text = piece.substr(cut.begin, cut.end - cut.begin);
    if (cut.id != unk_) {
      out.push_back(cut.id);
    } else if (const TokenId known = vocab_.find(text); known != kNoToken) {
      out.push_back(known);
    } else if (has_all_bytes(text)) {
      for (const char c : text) out.push_back(fallback_[static_cast<unsigned char>(c)]);
    } else {
      out.push_back(unk_);
    }
  }
}

void Unigram::tokenize_spans(std::string_view piece, std::vector<TokenSpan>& out) const {
  std::vector<Cut> cuts;
  best_cuts(piece, cuts);
  for (const auto& [begin, end, id] : cuts) {
    const std::string_view text = piece.substr(begin, end - begin);
    const TokenId known = id == unk_ ? vocab_.find(text) : id;
    if (known != kNoToken) {
      out.push_back({known, begin, end});
    } else if (has_all_bytes(text)) {  // each byte stands for the whole text
      for (const char c : text) out.push_back({fallback_[static_cast<unsigned char>(c)], begin, end});
    } else {
      out.push_back({unk_, begin, end, true});
    }
  }
}

}  // namespace lf
