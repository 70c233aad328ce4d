#include "data/source/text_window.h"

#include <algorithm>
#include <cstring>

#include "base/strings.h"

namespace lf {
namespace {

constexpr size_t kChunk = size_t{256} << 10;
constexpr size_t kContext = 30;  // bytes before an error that are shown

}  // namespace

bool TextWindow::refill() {
  if (ended_) return false;
  size_t from = at_ > kContext ? at_ - kContext : 0;
  if (kept_ != std::string::npos) from = std::min(from, kept_);
  if (from >= kChunk || from == filled_) {  // seldom enough to cost nothing, often enough to stay small
    std::memmove(buffer_.data(), buffer_.data() + from, filled_ - from);
    filled_ -= from;
    base_ += from;
    at_ -= from;
    if (kept_ != std::string::npos) kept_ -= from;
  }
  if (buffer_.size() > 16 * kChunk && filled_ < kChunk) {  // after a long row
    buffer_.resize(2 * kChunk);
    buffer_.shrink_to_fit();
  }
  if (buffer_.size() < filled_ + kChunk) buffer_.resize(filled_ + kChunk);
  const size_t got = bytes_->read(buffer_.data() + filled_, buffer_.size() - filled_);
  filled_ += got;
  ended_ = got == 0;
  return !ended_;
}

void TextWindow::seek(uint64_t offset) {
  bytes_->seek(offset);
  filled_ = 0;
  base_ = offset;
  at_ = 0;
  ended_ = false;
  forget();
}

void TextWindow::skip_mark() {
  keep();
  for (const char c : {'\xEF', '\xBB', '\xBF'}) {
    if (peek() != c) {
      back_to_kept();
      break;
    }
    advance();
  }
  forget();
}

std::string TextWindow::excerpt(uint64_t offset) const {
  const uint64_t from = std::max(offset > kContext ? offset - kContext : 0, base_);
  if (from - base_ >= filled_) return "";
  return printable(text().substr(from - base_, 2 * kContext));
}

}  // namespace lf
