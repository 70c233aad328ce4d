#include "data/source/text_window.h"

#include <algorithm>

#include "base/strings.h"

namespace lf {
namespace {

constexpr size_t kFirstChunk = size_t{4} << 10;
constexpr size_t kChunk = size_t{256} << 10;
constexpr size_t kContext = 30;  // bytes before an error that are shown

}  // namespace

TextWindow::TextWindow(std::unique_ptr<ByteReader> bytes) : bytes_(std::move(bytes)), chunk_(kFirstChunk) {}

bool TextWindow::refill() {
  if (ended_) return false;
  size_t from = at_ > kContext ? at_ - kContext : 0;
  if (kept_ != std::string::npos) from = std::min(from, kept_);
  if (from >= kChunk || from == buffer_.size()) {  // seldom enough to cost nothing, often enough to stay small
    buffer_.erase(0, from);
    base_ += from;
    at_ -= from;
    if (kept_ != std::string::npos) kept_ -= from;
  }
  const size_t filled = buffer_.size();
  buffer_.resize(filled + chunk_);
  const size_t got = bytes_->read(buffer_.data() + filled, chunk_);
  buffer_.resize(filled + got);
  if (got == chunk_) chunk_ = std::min(2 * chunk_, kChunk);
  if (buffer_.capacity() > 16 * kChunk && buffer_.size() < 2 * kChunk) buffer_.shrink_to_fit();
  ended_ = got == 0;
  return !ended_;
}

void TextWindow::seek(uint64_t offset) {
  bytes_->seek(offset);
  buffer_.clear();
  base_ = offset;
  at_ = 0;
  chunk_ = kFirstChunk;
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

std::string TextWindow::excerpt(uint64_t offset) {
  while (base_ + buffer_.size() < offset + kContext && refill()) {
  }
  const uint64_t from = std::max(offset > kContext ? offset - kContext : 0, base_);
  if (from - base_ >= buffer_.size()) return "";
  return printable(std::string_view(buffer_).substr(from - base_, 2 * kContext));
}

}  // namespace lf
