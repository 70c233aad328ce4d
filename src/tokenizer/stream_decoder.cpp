// Text leaves as soon as it cannot change: the last tokens are decoded with the ones before them as context, and a text
// that ends in U+FFFD waits for the bytes it lacks.
#include "tokenizer/tokenizer.h"

namespace lf {
namespace {

constexpr size_t kMostWaiting =
    64;  // tokens; a character needs at most 4, so this much waiting means bytes that never fit

bool ends_incomplete(std::string_view text) { return text.ends_with("\uFFFD"); }

/// Where `text` goes on after `shown`, at a character's start.
size_t after_common_part(std::string_view text, std::string_view shown) {
  size_t at = 0;
  while (at < shown.size() && at < text.size() && text[at] == shown[at]) ++at;
  if (at < shown.size() && shown.size() <= text.size()) at = shown.size();
  while (at > 0 && at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) --at;
  return at;
}

}  // namespace

StreamDecoder::StreamDecoder(const Tokenizer& tokenizer, bool skip_special_tokens)
    : tokenizer_(tokenizer), skip_special_tokens_(skip_special_tokens) {}

std::string StreamDecoder::push(TokenId id) {
  ids_.push_back(id);
  const std::span<const TokenId> window = std::span(ids_).subspan(prefix_);
  const std::string shown = tokenizer_.decode(window.first(read_ - prefix_), skip_special_tokens_);
  std::string text = tokenizer_.decode(window, skip_special_tokens_);
  const bool waiting = ends_incomplete(text) && ids_.size() - read_ < kMostWaiting;
  if (text.size() <= shown.size() || waiting) return "";
  prefix_ = read_;
  read_ = ids_.size();
  return text.substr(after_common_part(text, shown));
}

std::string StreamDecoder::finish() {
  const std::span<const TokenId> window = std::span(ids_).subspan(prefix_);
  const std::string shown = tokenizer_.decode(window.first(read_ - prefix_), skip_special_tokens_);
  const std::string text = tokenizer_.decode(window, skip_special_tokens_);
  prefix_ = read_ = ids_.size();
  return text.substr(after_common_part(text, shown));
}

}  // namespace lf
