// Lines of a file or pipe in batches, in bounded memory. What a slow writer has sent so far is handed out at once, so
// that a command can be talked to line by line.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace lf {

class LineBatches {
 public:
  /// "-" is standard input. kIo when the file cannot be opened.
  explicit LineBatches(const std::string& path);
  ~LineBatches();
  LineBatches(const LineBatches&) = delete;
  LineBatches& operator=(const LineBatches&) = delete;

  static constexpr size_t kMaxLineBytes = size_t{256} << 20;

  /// The next lines, without their ends (\n or \r\n), about `bytes` in all; false at the end of the input. The views
  /// hold until the next call. kData when a line is longer than kMaxLineBytes.
  bool next(size_t bytes, std::vector<std::string_view>& lines);
  /// Number of the first line of the last batch, from 1.
  uint64_t first_line() const { return first_line_; }
  /// For messages: the path, or "<stdin>".
  const std::string& name() const { return name_; }
  /// The first byte of the input, looked at without taking it; 0 when it is empty.
  char first_byte();

 private:
  bool fill();
  bool more_is_waiting() const;

  std::string name_;
  int fd_ = -1;
  std::string buffer_;
  size_t used_ = 0;      // bytes of buffer_ that the last batch covered
  size_t searched_ = 0;  // no line ends before this
  bool at_end_ = false;
  uint64_t first_line_ = 1, next_line_ = 1;
};

}  // namespace lf
