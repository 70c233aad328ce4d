// Text leaves as soon as it cannot change: the last tokens are decoded with the ones before them as context, and a text
// that ends in U+FFFD waits for the bytes it lacks.
#include "tokenizer/tokenizer.h"

namespace lf {
namespace {

/// Tokens; a character needs at most 4, so this much waiting means bytes that never fit, or tokens without text. It
/// keeps the cost of a token bounded.
constexpr size_t kMostWaiting = 64;

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
  constexpr size_t kKeep = 1024;
  if (prefix_ > kKeep) {  // settled for long
    ids_.erase(ids_.begin(), ids_.begin() + static_cast<std::ptrdiff_t>(prefix_));
    read_ -= prefix_;
    prefix_ = 0;
  }
  ids_.push_back(id);
  const std::span<const TokenId> window = std::span(ids_).subspan(prefix_);
  const std::string shown = tokenizer_.decode(window.first(read_ - prefix_), skip_special_tokens_);
  std::string text = tokenizer_.decode(window, skip_special_tokens_);
  const bool long_enough = ids_.size() - read_ >= kMostWaiting;
  if (!long_enough && (text.size() <= shown.size() || ends_incomplete(text))) return "";
  prefix_ = read_;
  read_ = ids_.size();
  return text.size() <= shown.size() ? "" : text.substr(after_common_part(text, shown));
}

std::string StreamDecoder::finish() {
  const std::span<const TokenId> window = std::span(ids_).subspan(prefix_);
  const std::string shown = tokenizer_.decode(window.first(read_ - prefix_), skip_special_tokens_);
  const std::string text = tokenizer_.decode(window, skip_special_tokens_);
  prefix_ = read_ = ids_.size();
  return text.substr(after_common_part(text, shown));
}

}  // namespace lf
