// A cursor over the text of a file of any size, of which only a window is in memory.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "data/source/byte_reader.h"

namespace lf {

class TextWindow {
 public:
  explicit TextWindow(std::unique_ptr<ByteReader> bytes);

  bool at_end() { return at_ == buffer_.size() && !refill(); }
  /// The byte under the cursor; NUL at the end.
  char peek() { return at_end() ? '\0' : buffer_[at_]; }
  void advance(size_t bytes = 1) { at_ += bytes; }
  /// What is in memory from the cursor on; not empty unless at_end().
  std::string_view rest() { return at_end() ? std::string_view{} : std::string_view(buffer_).substr(at_); }
  /// Of the cursor, in the file.
  uint64_t offset() const { return base_ + at_; }

  /// From here on bytes are kept in memory, until `forget`.
  void keep() { kept_ = at_; }
  void forget() { kept_ = std::string::npos; }
  /// From the kept place to the cursor; valid until the window moves.
  std::string_view kept() const { return std::string_view(buffer_).substr(kept_, at_ - kept_); }
  void back_to_kept() { at_ = kept_; }

  void seek(uint64_t offset);
  /// Skips a byte order mark; call at the start.
  void skip_mark();
  /// About 60 bytes around an offset that was passed, from where memory begins, with control characters escaped. Moves
  /// the window.
  std::string excerpt(uint64_t offset);

 private:
  bool refill();

  std::unique_ptr<ByteReader> bytes_;
  std::string buffer_;
  size_t chunk_;  // bytes of the next read: few at first, because many files are small
  size_t at_ = 0;
  size_t kept_ = std::string::npos;
  uint64_t base_ = 0;  // offset of buffer_[0]
  bool ended_ = false;
};

}  // namespace lf
