// Factories of the single normalizers; see make_normalizer.cpp for their names.
#pragma once
#include "tokenizer/components.h"

namespace lf {

std::unique_ptr<Normalizer> make_nfc(const JsonView& spec);
std::unique_ptr<Normalizer> make_nfd(const JsonView& spec);
std::unique_ptr<Normalizer> make_nfkc(const JsonView& spec);
std::unique_ptr<Normalizer> make_nfkd(const JsonView& spec);
/// Character by character: no final sigma.
std::unique_ptr<Normalizer> make_lowercase(const JsonView& spec);
/// Drops every mark (Mn, Mc, Me of Unicode 9); usually stands after NFD.
std::unique_ptr<Normalizer> make_strip_accents(const JsonView& spec);
/// White space at the left and right end.
std::unique_ptr<Normalizer> make_strip(const JsonView& spec);
std::unique_ptr<Normalizer> make_prepend(const JsonView& spec);
std::unique_ptr<Normalizer> make_replace(const JsonView& spec);
/// SentencePiece's table of replacements, applied per grapheme cluster as the reference does.
std::unique_ptr<Normalizer> make_precompiled(const JsonView& spec);
std::unique_ptr<Normalizer> make_nmt(const JsonView& spec);
std::unique_ptr<Normalizer> make_bert_normalizer(const JsonView& spec);
/// Bytes as ByteLevel's letters.
std::unique_ptr<Normalizer> make_byte_letters(const JsonView& spec);

}  // namespace lf
