// gzip through zlib and Zstandard through libzstd, read forwards; going back starts again at the first byte.
#include <zlib.h>
#include <zstd.h>

#include <vector>

#include "base/error.h"
#include "base/strings.h"
#include "data/source/byte_reader.h"

namespace lf {
namespace {

constexpr size_t kInputBytes = size_t{128} << 10;

/// What both have in common: input buffer, budget, seeking.
class InflatedBytes : public ByteReader {
 public:
  InflatedBytes(std::unique_ptr<ByteReader> input, std::string name)
      : name_(std::move(name)), input_(std::move(input)), budget_(inflation_budget(input_->input_size())) {}

  size_t read(char* out, size_t bytes) override {
    const size_t got = inflate_some(out, bytes);
    at_ += got;
    LF_CHECK(kFormat, at_ <= budget_,
             "{}: decompresses to more than {} ({} times its size, at most {}); a file like this is not read", name_,
             human_bytes(budget_), kMostInflation, human_bytes(kMostInflated));
    return got;
  }
  void seek(uint64_t offset) override {
    if (offset < at_) {
      input_->seek(0);
      restart();
      at_ = 0;
    }
    std::vector<char> skipped(std::min<uint64_t>(offset - at_, kInputBytes));
    while (at_ < offset) {
      const size_t got = read(skipped.data(), std::min<uint64_t>(offset - at_, skipped.size()));
      LF_CHECK(kFormat, got > 0, "{}: byte {} lies behind the end (was the file changed?)", name_, offset);
    }
  }
  uint64_t input_size() const override { return input_->input_size(); }

 protected:
  virtual size_t inflate_some(char* out, size_t bytes) = 0;
  virtual void restart() = 0;

  /// More compressed bytes; empty at the end.
  std::string_view more_input() {
    buffer_.resize(kInputBytes);
    return {buffer_.data(), input_->read(buffer_.data(), buffer_.size())};
  }
  [[noreturn]] void fail(std::string_view reason) const {
    throw_error(ErrorKind::kFormat, "{}: {} (after {} decompressed bytes)", name_, reason, at_);
  }

  std::string name_;

 private:
  std::unique_ptr<ByteReader> input_;
  std::vector<char> buffer_;
  uint64_t budget_;
  uint64_t at_ = 0;
};

class GzipBytes final : public InflatedBytes {
 public:
  GzipBytes(std::unique_ptr<ByteReader> input, std::string name) : InflatedBytes(std::move(input), std::move(name)) {
    LF_CHECK(kResource, inflateInit2(&stream_, 15 + 16) == Z_OK, "{}: zlib could not start", name_);
  }
  ~GzipBytes() override { inflateEnd(&stream_); }
  GzipBytes(const GzipBytes&) = delete;
  GzipBytes& operator=(const GzipBytes&) = delete;

 private:
  size_t inflate_some(char* out, size_t bytes) override {
    stream_.next_out = reinterpret_cast<Bytef*>(out);
    stream_.avail_out = static_cast<uInt>(std::min<size_t>(bytes, 1u << 30));
    const uInt wanted = stream_.avail_out;
    while (stream_.avail_out == wanted) {
      if (stream_.avail_in == 0 && !refill()) break;
      if (ended_) {  // another member follows
        inflateReset(&stream_);
        ended_ = false;
      }
      const int status = inflate(&stream_, Z_NO_FLUSH);
      if (status == Z_STREAM_END)
        ended_ = true;
      else if (status != Z_OK && status != Z_BUF_ERROR)
        fail(fmt::format("not a valid gzip file: {}", stream_.msg ? stream_.msg : "damaged data"));
    }
    return wanted - stream_.avail_out;
  }
  bool refill() {
    const std::string_view input = more_input();
    if (input.empty() && !ended_) fail("the gzip file ends too early");
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input.data()));
    stream_.avail_in = static_cast<uInt>(input.size());
    return !input.empty();
  }
  void restart() override {
    inflateReset(&stream_);
    stream_.avail_in = 0;
    ended_ = false;
  }

  z_stream stream_{};
  bool ended_ = false;
};

class ZstdBytes final : public InflatedBytes {
 public:
  ZstdBytes(std::unique_ptr<ByteReader> input, std::string name)
      : InflatedBytes(std::move(input), std::move(name)), stream_(ZSTD_createDStream()) {
    LF_CHECK(kResource, stream_ != nullptr, "{}: libzstd could not start", name_);
  }
  ~ZstdBytes() override { ZSTD_freeDStream(stream_); }
  ZstdBytes(const ZstdBytes&) = delete;
  ZstdBytes& operator=(const ZstdBytes&) = delete;

 private:
  size_t inflate_some(char* out, size_t bytes) override {
    ZSTD_outBuffer output{out, bytes, 0};
    while (output.pos == 0) {
      if (input_.pos == input_.size && !flushing_) {
        const std::string_view more = more_input();
        if (more.empty() && !ended_) fail("the Zstandard file ends too early");
        if (more.empty()) break;
        input_ = {more.data(), more.size(), 0};
      }
      const size_t status = ZSTD_decompressStream(stream_, &output, &input_);
      if (ZSTD_isError(status)) fail(fmt::format("not a valid Zstandard file: {}", ZSTD_getErrorName(status)));
      ended_ = status == 0;
      flushing_ = output.pos == output.size && !ended_;
    }
    return output.pos;
  }
  void restart() override {
    ZSTD_DCtx_reset(stream_, ZSTD_reset_session_only);
    input_ = {nullptr, 0, 0};
    ended_ = flushing_ = false;
  }

  ZSTD_DStream* stream_;
  ZSTD_inBuffer input_{nullptr, 0, 0};
  bool ended_ = false;
  bool flushing_ = false;  // the output was full, so more may come without more input
};

}  // namespace

std::unique_ptr<ByteReader> gunzip_bytes(std::unique_ptr<ByteReader> input, std::string name) {
  return std::make_unique<GzipBytes>(std::move(input), std::move(name));
}
std::unique_ptr<ByteReader> unzstd_bytes(std::unique_ptr<ByteReader> input, std::string name) {
  return std::make_unique<ZstdBytes>(std::move(input), std::move(name));
}

}  // namespace lf
