// Factories of the models; see make_model.cpp for their names.
#pragma once
#include "tokenizer/components.h"

namespace lf {

std::unique_ptr<Model> make_bpe(const JsonView& spec);
std::unique_ptr<Model> make_unigram(const JsonView& spec);
/// With the scores as written, not as the reference's JSON reader rounds them.
std::unique_ptr<Model> make_exact_unigram(const JsonView& spec);
std::unique_ptr<Model> make_word_level(const JsonView& spec);
std::unique_ptr<Model> make_wordpiece(const JsonView& spec);

/// Reads {"token": id, ...} into an empty vocabulary.
void read_token_ids(Vocab& vocab, const JsonView& spec);
/// The id of the token string "<0xNN>" for every byte, kNoToken where the vocabulary has none.
std::vector<TokenId> byte_fallback_ids(const Vocab& vocab);
/// Puts an entry into `vocab`; kFormat with `where` when the text or the id is there already.
void insert_token(Vocab& vocab, std::string_view text, TokenId id, uint64_t hash, const JsonView& where);

}  // namespace lf
