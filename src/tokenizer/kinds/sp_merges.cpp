#include "tokenizer/kinds/sp_merges.h"

#include <algorithm>
#include <tuple>

#include "tokenizer/unicode.h"

namespace lf {
namespace {

struct Cut {
  double order;  // ascending
  uint32_t left_chars, right_chars;
  std::string_view left, right;
  TokenId left_id, right_id;
};

/// All cuts of `text` whose parts are pieces, by the ids of the parts.
void add_cuts(std::string_view text, double order, const Vocab& vocab, std::vector<Cut>& cuts) {
  const size_t first = cuts.size();
  uint32_t chars = 0;
  for (size_t at = 0; at < text.size(); at += code_point_at(text, at).bytes) ++chars;
  uint32_t left_chars = 0;
  for (size_t at = 0;;) {
    at += code_point_at(text, at).bytes;
    if (at >= text.size()) break;
    ++left_chars;
    const std::string_view left = text.substr(0, at), right = text.substr(at);
    const TokenId left_id = vocab.find(left);
    const TokenId right_id = left_id == kNoToken ? kNoToken : vocab.find(right);
    if (right_id == kNoToken) continue;
    cuts.push_back({order, left_chars, chars - left_chars, left, right, left_id, right_id});
  }
  std::sort(cuts.begin() + static_cast<std::ptrdiff_t>(first), cuts.end(), [](const Cut& a, const Cut& b) {
    return std::tie(a.left_id, a.right_id) < std::tie(b.left_id, b.right_id);
  });
}

}  // namespace

std::vector<std::pair<std::string_view, std::string_view>> sp_merges(const std::vector<ScoredPiece>& pieces,
                                                                     const Vocab& vocab, bool by_score) {
  std::vector<Cut> cuts;
  for (size_t i = 0; i < pieces.size(); ++i) {
    if (pieces[i].text.empty()) continue;
    add_cuts(pieces[i].text, by_score ? -pieces[i].score : static_cast<double>(i), vocab, cuts);
  }
  // Python sorts descending by (score, characters), or ascending by (id, characters); equal ones keep their order.
  std::stable_sort(cuts.begin(), cuts.end(), [by_score](const Cut& a, const Cut& b) {
    if (a.order != b.order) return a.order < b.order;
    const auto lengths = [](const Cut& cut) { return std::tie(cut.left_chars, cut.right_chars); };
    return by_score ? lengths(b) < lengths(a) : lengths(a) < lengths(b);
  });
  std::vector<std::pair<std::string_view, std::string_view>> merges;
  merges.reserve(cuts.size());
  for (const Cut& cut : cuts) merges.emplace_back(cut.left, cut.right);
  return merges;
}

}  // namespace lf
