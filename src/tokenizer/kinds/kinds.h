// Kinds of tokenizer files beside tokenizer.json: each becomes the text of a tokenizer.json with the same ids, so that
// one pipeline runs them all and the saved folder loads everywhere. (A SentencePiece model that is read as its library
// reads it runs on its own engine, see kinds/native_sentencepiece.h.)
#pragma once
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "tokenizer/tokenizer_config.h"

namespace lf {

/// What load_tokenizer makes a tokenizer of.
struct ConvertedTokenizer {
  std::string kind;  // for `tokenizer info`: "tiktoken", ...
  std::string json;  // tokenizer.json
};

/// A file of ranks (base64 and number on each line). The words' pattern and the special tokens come from
/// tiktoken_spec.json beside it ({"pat_str": ..., "special_tokens": {text: id}}), else from added_tokens_decoder of the
/// configuration and from what is known about published files with that many ranks.
ConvertedTokenizer convert_tiktoken(const std::filesystem::path& file, TokenizerConfig& config);
/// Mistral's tekken.json. Special tokens in text are text there, which `config` is told.
ConvertedTokenizer convert_tekken(const std::filesystem::path& file, TokenizerConfig& config);
/// The same of the file's text; `where` is its name.
ConvertedTokenizer convert_tekken_text(std::string text, const std::string& where, TokenizerConfig& config);
/// vocab.json and merges.txt.
ConvertedTokenizer convert_bpe_files(const std::filesystem::path& vocab, const std::filesystem::path& merges,
                                     TokenizerConfig& config);
/// vocab.txt: one WordPiece token on each line.
ConvertedTokenizer convert_vocab_txt(const std::filesystem::path& file, TokenizerConfig& config);

/// Whether the first bytes of `file` look like lines of base64 and a number.
bool looks_like_tiktoken(const std::filesystem::path& file);

/// What is known about a published tiktoken file with `ranks` ranks.
struct KnownTiktoken {
  std::string pattern;
  std::vector<std::pair<std::string, TokenId>> specials;
};
KnownTiktoken known_tiktoken(size_t ranks, const std::filesystem::path& file);

/// The post-processor that puts BOS in front and EOS behind, as add_bos_token and add_eos_token ask: the JSON of a
/// TemplateProcessing, "null" when there is neither. kFormat when a token that is asked for is not named.
std::string bos_eos_template(const std::optional<std::pair<std::string, TokenId>>& bos,
                             const std::optional<std::pair<std::string, TokenId>>& eos);

}  // namespace lf
