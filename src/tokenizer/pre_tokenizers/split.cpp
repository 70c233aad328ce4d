// Split: cuts at a text or a regular expression.
#include "tokenizer/pattern.h"
#include "tokenizer/pre_tokenizers/cutting.h"
#include "tokenizer/pre_tokenizers/pre_tokenizers.h"
#include "tokenizer/unicode.h"

namespace lf {
namespace {

class Split : public PreTokenizer {
 public:
  explicit Split(const JsonView& spec)
      : pattern_(spec.at("pattern")),
        behavior_(split_behavior(spec.at("behavior"))),
        inverted_(spec.boolean_or("invert", false)) {}

  void apply(PreText& text) const override {
    const SplitMatcher match = pattern_.matcher();
    const bool isolated = match != nullptr && behavior_ == SplitBehavior::kIsolated;
    if (!isolated) {
      return cut_pieces(text, behavior_, inverted_,
                        [&](std::string_view piece, auto& matches) { pattern_.find_all(piece, matches); });
    }
    std::vector<PreText::Piece> out;
    out.reserve(text.text.size() / 4 + 1);
    for (size_t i = 0; i < text.pieces.size(); ++i) {
      const std::string_view piece = text.piece(i);
      const size_t begin = text.pieces[i].begin;
      size_t gap = 0;  // where the text that no match has taken begins
      for (size_t at = 0; at < piece.size();) {
        const size_t end = match(piece, at);
        if (end == at) {
          at += code_point_at(piece, at).bytes;
          continue;
        }
        if (gap < at) out.push_back({begin + gap, begin + at});
        out.push_back({begin + at, begin + end});
        gap = at = end;
      }
      if (gap < piece.size()) out.push_back({begin + gap, begin + piece.size()});
    }
    text.pieces = std::move(out);
  }

 private:
  Pattern pattern_;
  SplitBehavior behavior_;
  bool inverted_;
};

}  // namespace

std::unique_ptr<PreTokenizer> make_split(const JsonView& spec) { return std::make_unique<Split>(spec); }

}  // namespace lf
