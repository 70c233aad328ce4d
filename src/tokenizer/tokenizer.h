// Text <-> token ids, as a Hugging Face `tokenizer.json` defines them (the file as written: the transformers 4
// reading).
#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "tokenizer/encoding.h"

namespace lf {

struct AddedToken {
  std::string content;
  bool special = false, single_word = false, lstrip = false, rstrip = false, normalized = false;
};

/// The named special tokens of tokenizer_config.json / special_tokens_map.json. Empty = none.
struct SpecialTokens {
  std::string bos, eos, unk, pad;
  std::vector<std::string> additional;
};

/// Thread-safe for const use. Throws kFormat on files that are not what they say, kUnsupported on unknown components
/// (by name).
class Tokenizer {
 public:
  virtual ~Tokenizer() = default;

  /// Token ids of `text`. Added tokens in the text are matched. With `add_special_tokens` the post-processor runs (BOS
  /// ...).
  virtual std::vector<TokenId> encode(std::string_view text, bool add_special_tokens = false) const = 0;
  /// Everything the reference's `encode` gives for a text, or for a pair of texts; several times slower than encode().
  virtual Encoding encode_full(std::string_view text, std::optional<std::string_view> pair = std::nullopt,
                               const EncodeOptions& options = {}) const {
    throw_error(ErrorKind::kUnsupported, "this tokenizer gives no offsets (a text of {} bytes{})", text.size(),
                pair ? " and a pair" : "");
  }
  /// Text of `ids`; unknown ids are skipped. Invalid UTF-8 from cut tokens becomes U+FFFD.
  virtual std::string decode(std::span<const TokenId> ids, bool skip_special_tokens = false) const = 0;

  virtual std::optional<TokenId> token_to_id(std::string_view token) const = 0;
  virtual std::optional<std::string> id_to_token(TokenId id) const = 0;
  /// Number of entries including added tokens (Python's len(tokenizer)).
  virtual size_t size() const = 0;
  virtual bool is_special(TokenId id) const = 0;

  virtual const SpecialTokens& special_tokens() const = 0;
  /// tokenizer_config.json's add_bos_token (false when absent).
  virtual bool add_bos_token() const = 0;
  /// What kind of file it was read from: "tokenizer.json", "tiktoken", "SentencePiece" ...
  virtual std::string_view kind() const { return "tokenizer.json"; }
  /// Whether special tokens in a text are text (set_split_special_tokens).
  virtual bool split_special_tokens() const { return false; }
  /// chat_template of tokenizer_config.json or chat_template.jinja; empty when there is none.
  virtual const std::string& chat_template() const = 0;

  /// Changes of a run; all are seen by save(). Tokens that are not in the vocabulary are appended to it.
  virtual void set_eos(std::string_view token) = 0;
  virtual void set_pad(std::string_view token) = 0;
  virtual void add_special_tokens(const std::vector<std::string>& tokens) = 0;
  /// Ordinary tokens that are never split (matched after normalisation), as the `add_tokens` key asks for.
  virtual void add_tokens(const std::vector<std::string>& tokens) {
    throw_error(ErrorKind::kUnsupported, "this tokenizer takes no more tokens ({} given)", tokens.size());
  }
  /// Special tokens in a text are tokenized like any other text from now on (the `split_special_tokens` key).
  virtual void set_split_special_tokens(bool split) {
    LF_CHECK(kUnsupported, !split, "this tokenizer does not split special tokens");
  }
  virtual void set_chat_template(std::string text) = 0;
  virtual void set_model_max_length(int64_t length) = 0;
  virtual void set_padding_side(std::string_view side) = 0;

  /// Texts of the files that Python's save_pretrained would leave: name -> content (tokenizer.json,
  /// tokenizer_config.json, chat_template.jinja when there is a template). The caller writes them durably.
  virtual std::vector<std::pair<std::string, std::string>> files() const = 0;

  std::optional<TokenId> eos_id() const { return id_of(special_tokens().eos); }
  std::optional<TokenId> bos_id() const { return id_of(special_tokens().bos); }
  std::optional<TokenId> pad_id() const { return id_of(special_tokens().pad); }

 private:
  std::optional<TokenId> id_of(const std::string& token) const {
    return token.empty() ? std::nullopt : token_to_id(token);
  }
};

/// Who reads a folder, where that makes a difference: the pipeline of tokenizer.json as it is written; or what
/// transformers 4 (4.56) and 5 (5.8) make of it, class by class (docs/TOKENIZERS.md).
enum class TokenizerReading { kAsWritten, kTransformers4, kTransformers5 };

/// "as_written", "transformers4" or "transformers5"; kConfig for another name.
TokenizerReading tokenizer_reading(std::string_view name);

/// What an added token with normalized=true is called when it is decoded. kContent: its content, as the reference up to
/// 0.22 has it, which is what transformers up to 5.8 installs. kNormalized, from 0.23 on: the text it has after
/// normalising, which then is no special token's name ("<s>" of old Llama-2 files reads as "\u2581<s>" and survives
/// skip_special_tokens).
enum class AddedTokenNames { kContent, kNormalized };

struct TokenizerOptions {
  TokenizerReading reading = TokenizerReading::kAsWritten;
  AddedTokenNames added_token_names = AddedTokenNames::kContent;
};

/// Loads the tokenizer of a model folder: tokenizer.json; or else tekken.json, a tiktoken file, a SentencePiece model,
/// vocab.json with merges.txt, or vocab.txt; with tokenizer_config.json, special_tokens_map.json, added_tokens.json and
/// chat_template.jinja where they are. Given a file, that file is read and nothing else.
std::unique_ptr<Tokenizer> load_tokenizer(const std::filesystem::path& path, const TokenizerOptions& options = {});

/// Decodes a growing sequence and hands out text as soon as it is certain: never half a character.
class StreamDecoder {
 public:
  StreamDecoder(const Tokenizer& tokenizer, bool skip_special_tokens);
  /// Text that became certain with this token (may be empty).
  std::string push(TokenId id);
  /// What is left at the end.
  std::string finish();

 private:
  const Tokenizer& tokenizer_;
  bool skip_special_tokens_;
  std::vector<TokenId> ids_;
  size_t prefix_ = 0;  // ids before this index are settled
  size_t read_ = 0;    // ids before this index have been handed out
};

}  // namespace lf
