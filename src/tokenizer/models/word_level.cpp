// WordLevel: a piece is a token or unknown.
#include "base/strings.h"
#include "tokenizer/models/models.h"

namespace lf {
namespace {

class WordLevel : public Model {
 public:
  explicit WordLevel(const JsonView& spec) {
    const JsonView vocab = spec.at("vocab");
    for (auto [text, value] : vocab.object()) {
      int64_t id = 0;
      LF_CHECK(kFormat, !value.get(id) && id >= 0 && id <= kMaxTokenId,
               "{}: the id of '{}' is not a number from 0 to {}", vocab.where(), printable(text), kMaxTokenId);
      insert_token(vocab_, text, static_cast<TokenId>(id), hash_bytes(text, hash_seed()), vocab);
    }
    unk_ = vocab_.find(spec.string_or("unk_token", "<unk>"));
    where_ = spec.where();
  }

  void tokenize(std::string_view piece, std::vector<TokenId>& out) const override {
    const TokenId known = vocab_.find(piece);
    const TokenId id = known == kNoToken ? unk_ : known;
    LF_CHECK(kFormat, id != kNoToken, "{}: '{}' is not in the vocabulary and neither is unk_token", where_,
             printable(piece));
    out.push_back(id);
  }
  const Vocab& vocab() const override { return vocab_; }

 private:
  Vocab vocab_;
  TokenId unk_ = kNoToken;
  std::string where_;
};

}  // namespace

std::unique_ptr<Model> make_word_level(const JsonView& spec) { return std::make_unique<WordLevel>(spec); }

}  // namespace lf
