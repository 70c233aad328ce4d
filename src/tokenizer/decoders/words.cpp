// Decoders that put words together: WordPiece, BPEDecoder, CTC.
#include <algorithm>

#include "base/strings.h"
#include "tokenizer/decoders/decoders.h"

namespace lf {
namespace {

/// The spaces that English does not write.
std::string clean_up(std::string text) {
  static constexpr std::pair<std::string_view, std::string_view> kRules[] = {
      {" .", "."},   {" ?", "?"},           {" !", "!"},   {" ,", ","},     {" ' ", "'"},   {" n't", "n't"},
      {" 'm", "'m"}, {" do not", " don't"}, {" 's", "'s"}, {" 've", "'ve"}, {" 're", "'re"}};
  if (text.find(' ') == std::string::npos) return text;
  for (const auto& [from, to] : kRules) text = replace_all(std::move(text), from, to);
  return text;
}

class WordPieceDecoder : public TokenDecoder {
 public:
  explicit WordPieceDecoder(const JsonView& spec)
      : prefix_(spec.string_or("prefix", "##")), cleanup_(spec.boolean_or("cleanup", true)) {}
  void apply(std::vector<std::string>& tokens) const override {
    for (size_t i = 0; i < tokens.size(); ++i) {
      std::string& token = tokens[i];
      if (i > 0) token = token.starts_with(prefix_) ? token.substr(prefix_.size()) : " " + token;
      if (cleanup_) token = clean_up(std::move(token));
    }
  }

 private:
  std::string prefix_;
  bool cleanup_;
};

/// The suffix ends a word: a space, and nothing behind the last one.
class BpeDecoder : public TokenDecoder {
 public:
  explicit BpeDecoder(const JsonView& spec) : suffix_(spec.string_or("suffix", "</w>")) {
    LF_CHECK(kFormat, !suffix_.empty(), "{}: the suffix is empty", spec.where());
  }
  void apply(std::vector<std::string>& tokens) const override {
    for (size_t i = 0; i < tokens.size(); ++i)
      tokens[i] = replace_all(std::move(tokens[i]), suffix_, i + 1 == tokens.size() ? "" : " ");
  }

 private:
  std::string suffix_;
};

/// Connectionist temporal classification: repeats are one, pads go.
class CtcDecoder : public TokenDecoder {
 public:
  explicit CtcDecoder(const JsonView& spec)
      : pad_(spec.at("pad_token").string()),
        delimiter_(spec.at("word_delimiter_token").string()),
        cleanup_(spec.boolean_or("cleanup", true)) {
    LF_CHECK(kFormat, !pad_.empty() && !delimiter_.empty(), "{}: pad_token or word_delimiter_token is empty",
             spec.where());
  }
  void apply(std::vector<std::string>& tokens) const override {
    tokens.erase(std::unique(tokens.begin(), tokens.end()), tokens.end());
    for (std::string& token : tokens) {
      token = replace_all(std::move(token), pad_, "");
      if (cleanup_) token = replace_all(clean_up(std::move(token)), delimiter_, " ");
    }
    std::erase(tokens, "");
  }

 private:
  std::string pad_, delimiter_;
  bool cleanup_;
};

}  // namespace

std::unique_ptr<TokenDecoder> make_wordpiece_decoder(const JsonView& spec) {
  return std::make_unique<WordPieceDecoder>(spec);
}
std::unique_ptr<TokenDecoder> make_bpe_decoder(const JsonView& spec) { return std::make_unique<BpeDecoder>(spec); }
std::unique_ptr<TokenDecoder> make_ctc_decoder(const JsonView& spec) { return std::make_unique<CtcDecoder>(spec); }

}  // namespace lf
