// A SentencePiece model as a tokenizer.json, as transformers converts it (convert_slow_tokenizer.py), class by class.
#pragma once
#include <string>

#include "tokenizer/kinds/kinds.h"
#include "tokenizer/sentencepiece/sentencepiece.h"

namespace lf {

enum class SpClass {
  kLlama,   // LlamaTokenizer: byte fallback, a space mark in front
  kGemma,   // GemmaTokenizer: the same without the mark
  kT5,      // T5Tokenizer: Unigram, 100 sentinels
  kNative,  // what comes nearest to the library itself
};

/// The class of that name; kNative for all others.
SpClass sp_class(const std::string& name);

struct SpConversion {
  SpClass kind = SpClass::kNative;
  bool legacy = true;  // Llama: the mark goes in front of every stretch between special tokens, not just the first
  bool add_prefix_space = true;  // Llama: there is a mark at all
  bool five = false;             // as transformers 5: merges by id, Metaspace in place of a normalizer
  int extra_ids = 100;           // T5
  std::optional<std::pair<std::string, TokenId>> bos, eos;  // put round a text
};

/// The tokenizer.json of a model whose class is known. Tokens and flags that the class has by default go into `config`.
std::string converted_sentencepiece(const SentencePiece& model, SpClass kind, TokenizerConfig& config,
                                    TokenizerReading reading);

std::string sp_tokenizer_json(const SentencePiece& model, const SpConversion& conversion);

}  // namespace lf
