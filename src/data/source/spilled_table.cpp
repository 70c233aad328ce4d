#include "data/source/spilled_table.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <filesystem>
#include <unordered_map>

#include "base/error.h"
#include "base/strings.h"
#include "data/source/byte_reader.h"

namespace lf {
namespace {

constexpr size_t kBufferBytes = size_t{1} << 20;

/// Appended to, then read from anywhere. Has no name, so nothing is left behind whatever happens.
class TemporaryFile {
 public:
  explicit TemporaryFile(uint64_t size_hint) : folder_(temporary_folder()), size_hint_(size_hint) {
    std::string name = folder_ + "/lf-rows-XXXXXX";
    fd_ = mkostemp(name.data(), O_CLOEXEC);
    LF_CHECK(kIo, fd_ >= 0, "{}: no temporary file can be made ({}); set TMPDIR to a folder with space", folder_,
             std::strerror(errno));
    unlink(name.c_str());
  }
  ~TemporaryFile() { close(fd_); }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  uint64_t size() const { return written_ + buffer_.size(); }
  void append(const std::vector<uint8_t>& bytes) {
    buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
    if (buffer_.size() >= kBufferBytes) flush();
  }
  void flush() {
    for (size_t done = 0; done < buffer_.size();) {
      const ssize_t put = write(fd_, buffer_.data() + done, buffer_.size() - done);
      if (put < 0 && errno == EINTR) continue;
      if (put <= 0) fail_write();
      done += static_cast<size_t>(put);
      written_ += static_cast<uint64_t>(put);
    }
    buffer_.clear();
  }
  void read(uint64_t offset, uint8_t* out, size_t bytes) const {
    while (bytes > 0) {
      const ssize_t got = pread(fd_, out, bytes, static_cast<off_t>(offset));
      if (got < 0 && errno == EINTR) continue;
      LF_CHECK(kIo, got > 0, "{}: the temporary file cannot be read back: {}", folder_,
               got < 0 ? std::strerror(errno) : "it ended early");
      out += got;
      offset += static_cast<uint64_t>(got);
      bytes -= static_cast<size_t>(got);
    }
  }

 private:
  static std::string temporary_folder() {
    const char* folder = std::getenv("TMPDIR");
    return folder && *folder ? folder : "/tmp";
  }
  [[noreturn]] void fail_write() const {
    const std::string reason = std::strerror(errno);
    std::error_code status;
    const auto space = std::filesystem::space(folder_, status);
    throw_error(ErrorKind::kIo,
                "{}: the rows of a dataset without random access are kept in a temporary file here, and writing failed "
                "after {} ({}; {} free; the input has {} and may need several times as much); set TMPDIR to a folder "
                "with more space, unpack the file, or use streaming",
                folder_, human_bytes(written_), reason, status ? "?" : human_bytes(space.available),
                human_bytes(size_hint_));
  }

  std::string folder_;
  uint64_t size_hint_;
  int fd_ = -1;
  uint64_t written_ = 0;
  std::vector<uint8_t> buffer_;
};

class SpilledTable final : public RowTable {
 public:
  SpilledTable(std::unique_ptr<RowStream> rows, uint64_t size_hint) : file_(size_hint) {
    while (keep_next(*rows)) {
    }
    ends_.shrink_to_fit();
    file_.flush();
  }

  size_t size() const override { return ends_.size(); }
  RowPlace place(size_t row) const override {
    return {names_[spans_[row].file], spans_[row].number, spans_[row].offset};
  }
  Json row(size_t row) const override {
    const uint64_t from = row == 0 ? 0 : ends_[row - 1];
    if (const auto bad = bad_.find(row); bad != bad_.end()) throw Error(ErrorKind::kData, bad->second);
    thread_local std::vector<uint8_t> bytes;
    bytes.resize(ends_[row] - from);
    file_.read(from, bytes.data(), bytes.size());
    return Json::from_cbor(bytes);
  }

 private:
  struct Span {
    uint64_t number = 0;
    uint64_t offset = 0;
    uint32_t file = 0;
  };

  bool keep_next(RowStream& rows) {
    Json row;
    RowPlace place;
    try {
      if (!rows.next(row, place)) return false;
      file_.append(Json::to_cbor(row));
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::kData) throw;
      bad_.emplace(ends_.size(), error.what());
    }
    LF_CHECK(kFormat, file_.size() <= kMostInflated, "{}: its rows take more than {}; use streaming",
             std::string(place.file), human_bytes(kMostInflated));
    if (!place.file.empty() && (names_.empty() || names_.back() != place.file)) names_.emplace_back(place.file);
    if (names_.empty()) names_.emplace_back();
    ends_.push_back(file_.size());
    spans_.push_back({place.number, place.offset, static_cast<uint32_t>(names_.size() - 1)});
    return true;
  }

  TemporaryFile file_;
  std::deque<std::string> names_;  // files; views of them are handed out
  std::vector<uint64_t> ends_;     // in the temporary file
  std::vector<Span> spans_;
  std::unordered_map<size_t, std::string> bad_;
};

}  // namespace

std::unique_ptr<RowTable> spill_rows(std::unique_ptr<RowStream> rows, uint64_t size_hint) {
  return std::make_unique<SpilledTable>(std::move(rows), size_hint);
}

}  // namespace lf
