#include "cli/line_batches.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/error.h"

namespace lf {

LineBatches::LineBatches(const std::string& path) : name_(path == "-" ? "<stdin>" : path) {
  fd_ = path == "-" ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  LF_CHECK(kIo, fd_ >= 0, "{}: cannot be opened: {}", path, std::strerror(errno));
}

LineBatches::~LineBatches() {
  if (fd_ > STDIN_FILENO) ::close(fd_);
}

bool LineBatches::fill() {
  if (at_end_) return false;
  constexpr size_t kBlock = 1 << 16;
  const size_t before = buffer_.size();
  LF_CHECK(kData, before - used_ <= kMaxLineBytes, "{}:{}: a line of more than {} bytes", name_, next_line_,
           kMaxLineBytes);
  buffer_.resize(before + kBlock);
  ssize_t got = 0;
  do {
    got = ::read(fd_, buffer_.data() + before, kBlock);
  } while (got < 0 && errno == EINTR);
  buffer_.resize(before + static_cast<size_t>(std::max<ssize_t>(got, 0)));
  LF_CHECK(kIo, got >= 0, "{}: cannot be read: {}", name_, std::strerror(errno));
  at_end_ = got == 0;
  return !at_end_;
}

bool LineBatches::more_is_waiting() const {
  pollfd wait{.fd = fd_, .events = POLLIN, .revents = 0};
  return ::poll(&wait, 1, 0) > 0;
}

char LineBatches::first_byte() {
  if (buffer_.empty()) fill();
  return buffer_.empty() ? '\0' : buffer_[0];
}

bool LineBatches::next(size_t bytes, std::vector<std::string_view>& lines) {
  lines.clear();
  buffer_.erase(0, used_);
  searched_ = used_ = 0;
  first_line_ = next_line_;
  size_t last = std::string::npos;  // the last line end seen
  for (;;) {
    const std::string_view unread = std::string_view(buffer_).substr(searched_);
    if (const size_t end = unread.rfind('\n'); end != std::string_view::npos) last = searched_ + end;
    searched_ = buffer_.size();
    if (last != std::string::npos && (buffer_.size() >= bytes || !more_is_waiting())) break;
    if (!fill()) break;
  }
  const size_t end = at_end_ ? buffer_.size() : last + 1;
  for (size_t at = 0; at < end;) {
    const size_t stop = std::min(buffer_.find('\n', at), end);
    std::string_view line(buffer_.data() + at, stop - at);
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines.push_back(line);
    at = stop + 1;
  }
  used_ = end;
  next_line_ += lines.size();
  return !lines.empty();
}

}  // namespace lf
