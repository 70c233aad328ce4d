// Decoders that edit token strings: Fuse, Strip, Replace, Metaspace.
#include "base/strings.h"
#include "tokenizer/decoders/decoders.h"
#include "tokenizer/metaspace.h"
#include "tokenizer/pattern.h"
#include "tokenizer/unicode.h"

namespace lf {
namespace {

class Fuse : public TokenDecoder {
 public:
  void apply(std::vector<std::string>& tokens) const override { tokens.assign(1, join(tokens, "")); }
};

/// Takes up to `start` and `stop` characters off the ends of every token. Where the reference runs past the end of a
/// token (fewer characters than `stop`, all of them `content`, or one character counted for both ends), kData.
class StripDecoder : public TokenDecoder {
 public:
  StripDecoder(std::string content, size_t start, size_t stop)
      : content_(std::move(content)), start_(start), stop_(stop) {}
  void apply(std::vector<std::string>& tokens) const override {
    for (std::string& token : tokens) {
      const size_t begin = count(token, start_, false) * content_.size();
      const size_t last = count(token, stop_, true);
      const bool too_short = last < stop_ && last * content_.size() == token.size();
      const size_t kept = token.size() - last * content_.size();
      LF_CHECK(kData, !too_short && begin <= kept,
               "Strip decoder: the token '{}' is too short to take {} '{}' off its end", printable(token), stop_,
               printable(content_));
      if (kept - begin != token.size()) token = token.substr(begin, kept - begin);
    }
  }

 private:
  size_t count(std::string_view rest, size_t most, bool from_end) const {
    size_t found = 0;
    while (found < most && (from_end ? rest.ends_with(content_) : rest.starts_with(content_))) {
      if (from_end)
        rest.remove_suffix(content_.size());
      else
        rest.remove_prefix(content_.size());
      ++found;
    }
    return found;
  }

  std::string content_;
  size_t start_, stop_;
};

class ReplaceDecoder : public TokenDecoder {
 public:
  ReplaceDecoder(const JsonView& pattern, std::string_view content) : pattern_(pattern), content_(content) {}
  void apply(std::vector<std::string>& tokens) const override {
    for (std::string& token : tokens) pattern_.replace_all(token, content_);
  }

 private:
  Pattern pattern_;
  std::string content_;
};

/// U+2581 back to a space; those of the first token go when the pre-tokenizer put one there.
class MetaspaceDecoder : public TokenDecoder {
 public:
  explicit MetaspaceDecoder(const JsonView& spec) : options_(metaspace_options(spec)) {}
  void apply(std::vector<std::string>& tokens) const override {
    for (size_t i = 0; i < tokens.size(); ++i) {
      const bool drop = i == 0 && options_.prepend != PrependScheme::kNever;
      tokens[i] = replace_all(tokens[i], options_.replacement, drop ? "" : " ");
    }
  }

 private:
  MetaspaceOptions options_;
};

}  // namespace

std::unique_ptr<TokenDecoder> make_fuse_decoder(const JsonView&) { return std::make_unique<Fuse>(); }
std::unique_ptr<TokenDecoder> make_strip_decoder(const JsonView& spec) {
  constexpr int64_t kMost = 1 << 30;
  const JsonView content = spec.at("content");
  const std::string text(content.string());
  LF_CHECK(kFormat, !text.empty() && code_point_at(text, 0).bytes == text.size(),
           "{}: needed one character but found '{}'", content.where(), printable(text));
  return std::make_unique<StripDecoder>(text, static_cast<size_t>(spec.at("start").integer(0, kMost)),
                                        static_cast<size_t>(spec.at("stop").integer(0, kMost)));
}
std::unique_ptr<TokenDecoder> make_replace_decoder(const JsonView& spec) {
  return std::make_unique<ReplaceDecoder>(spec.at("pattern"), spec.at("content").string());
}
std::unique_ptr<TokenDecoder> make_metaspace_decoder(const JsonView& spec) {
  return std::make_unique<MetaspaceDecoder>(spec);
}

}  // namespace lf
