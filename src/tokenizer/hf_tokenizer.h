// The Tokenizer that tokenizer.json describes.
#pragma once
#include <filesystem>

#include "tokenizer/components.h"
#include "tokenizer/configured_tokenizer.h"
#include "tokenizer/encoding_ops.h"
#include "tokenizer/transformers_reading.h"

namespace lf {

class HfTokenizer final : public ConfiguredTokenizer {
 public:
  /// `json` is the text of tokenizer.json, `file` its name for messages, `effects` what the reading changes beside
  /// the pipeline.
  HfTokenizer(std::string json, const std::string& file, TokenizerConfig config, std::string kind = "tokenizer.json",
              ReadingEffects effects = {});

  std::vector<TokenId> encode(std::string_view text, bool add_special_tokens) const override;
  Encoding encode_full(std::string_view text, std::optional<std::string_view> pair,
                       const EncodeOptions& options) const override;
  std::string decode(std::span<const TokenId> ids, bool skip_special_tokens) const override;
  std::optional<std::string> id_to_token(TokenId id) const override;
  size_t size() const override;
  bool is_special(TokenId id) const override;

  std::string_view kind() const override { return kind_; }

  void set_pad(std::string_view token) override;
  void add_tokens(const std::vector<std::string>& tokens) override;

  std::vector<std::pair<std::string, std::string>> files() const override;

  /// See TokenizerOptions.
  void set_added_token_names(AddedTokenNames names) { names_ = names; }

 private:
  /// A stretch of text for the model, or an added token, with what its bytes stand for in the whole text.
  struct Split {
    std::string text;
    std::vector<ByteSpan> spans;
    TokenId added = kNoToken;
  };
  static void check_text_size(std::string_view text);
  void build(const JsonView& root);
  void read_added_tokens(const JsonView& list);
  void add_config_tokens();
  const Vocab& vocab() const override { return model_->vocab(); }
  void add(const AddedToken& token) override;
  void prepare_added() override { added_.prepare(normalizer_.get()); }
  void encode_section(std::string_view section, bool at_start, std::vector<TokenId>& out) const;
  void encode_pieces(std::string_view text, std::span<const SplitMatcher> chain, std::vector<TokenId>& out) const;
  void encode_stretch(std::string_view stretch, bool at_start, std::vector<TokenId>& out) const;
  bool needs_origin() const { return pre_tokenizer_ && pre_tokenizer_->needs_origin(normalizer_ == nullptr); }
  void split_section(std::string_view section, uint32_t base, std::vector<Split>& out) const;  // encode_full.cpp
  void split_stretch(const AlignedText& text, size_t begin, size_t end, std::vector<Split>& out) const;
  std::vector<Split> split_text(std::string_view text) const;
  Encoding encode_sequence(std::string_view text, uint32_t type_id) const;

  std::string json_;  // tokenizer.json as read; what save() starts from
  std::string kind_;
  ReadingEffects effects_;
  std::unique_ptr<Normalizer> normalizer_;
  std::unique_ptr<PreTokenizer> pre_tokenizer_;
  std::vector<SplitMatcher> matchers_;  // what pre_tokenizer_ amounts to, when it only cuts; otherwise empty
  std::unique_ptr<Model> model_;
  std::unique_ptr<PostProcessor> post_processor_;
  std::unique_ptr<TokenDecoder> decoder_;
  std::optional<Truncation> truncation_;
  std::optional<Padding> padding_;
  AddedTokenNames names_ = AddedTokenNames::kContent;
  bool added_changed_ = false;  // differs from what json_ says
};

}  // namespace lf
