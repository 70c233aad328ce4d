// The models that are known, by the "type" of their JSON. Old files have no type: then the shape of the vocabulary
// tells.
#include "base/strings.h"
#include "tokenizer/models/models.h"

namespace lf {
namespace {

std::string_view model_type(const JsonView& spec) {
  if (const auto type = spec.find("type")) return type->string();
  if (spec.at("vocab").is_array()) return "Unigram";
  if (spec.find("merges")) return "BPE";
  return spec.find("continuing_subword_prefix") && spec.find("max_input_chars_per_word") ? "WordPiece" : "WordLevel";
}

}  // namespace

std::unique_ptr<Model> make_model(const JsonView& spec) {
  const std::string_view type = model_type(spec);
  if (type == "BPE") return make_bpe(spec);
  if (type == "Unigram") return make_unigram(spec);
  if (type == "WordLevel") return make_word_level(spec);
  if (type == "WordPiece") return make_wordpiece(spec);
  unsupported_component(spec, "model", type);
}

void read_token_ids(Vocab& vocab, const JsonView& spec) {
  for (auto [text, value] : spec.object()) {
    int64_t id = 0;
    LF_CHECK(kFormat, !value.get(id) && id >= 0 && id <= kMaxTokenId, "{}: the id of '{}' is not a number from 0 to {}",
             spec.where(), printable(text), kMaxTokenId);
    insert_token(vocab, text, static_cast<TokenId>(id), hash_bytes(text, hash_seed()), spec);
  }
}

std::vector<TokenId> byte_fallback_ids(const Vocab& vocab) {
  std::vector<TokenId> ids(256, kNoToken);
  for (size_t byte = 0; byte < ids.size(); ++byte) ids[byte] = vocab.find(fmt::format("<0x{:02X}>", byte));
  return ids;
}

void insert_token(Vocab& vocab, std::string_view text, TokenId id, uint64_t hash, const JsonView& where) {
  const Vocab::Insert done = vocab.insert(text, id, hash);
  LF_CHECK(kFormat, done != Vocab::Insert::kTextTaken, "{}: the token '{}' appears twice", where.where(),
           printable(text));
  LF_CHECK(kFormat, done != Vocab::Insert::kIdTaken, "{}: the id {} of '{}' is that of '{}' too", where.where(), id,
           printable(text), printable(vocab.text(id).value_or("")));
}

}  // namespace lf
