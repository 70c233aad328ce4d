// WordLevel: a piece is a token or unknown.
#include "base/strings.h"
#include "tokenizer/models/models.h"

namespace lf {
namespace {

class WordLevel : public Model {
 public:
  explicit WordLevel(const JsonView& spec) {
    read_token_ids(vocab_, spec.at("vocab"));
    unk_ = vocab_.find(spec.string_or("unk_token", "<unk>"));
    where_ = spec.where();
  }

  void tokenize(std::string_view piece, std::vector<TokenId>& out) const override { out.push_back(id_of(piece)); }
  void tokenize_spans(std::string_view piece, std::vector<TokenSpan>& out) const override {
    out.push_back({id_of(piece), 0, static_cast<uint32_t>(piece.size())});
  }
  const Vocab& vocab() const override { return vocab_; }

 private:
  TokenId id_of(std::string_view piece) const {
    const TokenId known = vocab_.find(piece);
    const TokenId id = known == kNoToken ? unk_ : known;
    LF_CHECK(kFormat, id != kNoToken, "{}: '{}' is not in the vocabulary and neither is unk_token", where_,
             printable(piece));
    return id;
  }

  Vocab vocab_;
  TokenId unk_ = kNoToken;
  std::string where_;
};

}  // namespace

std::unique_ptr<Model> make_word_level(const JsonView& spec) { return std::make_unique<WordLevel>(spec); }

}  // namespace lf
