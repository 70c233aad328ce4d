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

  bool append_matchers(std::vector<SplitMatcher>& chain) const override {
    if (pattern_.matcher() == nullptr || behavior_ != SplitBehavior::kIsolated) return false;
    chain.push_back(pattern_.matcher());
    return true;
  }

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
      each_piece(text.piece(i), match, [&](std::string_view piece) {
        const auto begin = static_cast<size_t>(piece.data() - text.text.data());
        out.push_back({begin, begin + piece.size()});
      });
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
