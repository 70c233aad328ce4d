#include "train/report/tensorboard.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <bit>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "base/terminal.h"
#include "io/atomic_file.h"
#include "train/report/environment.h"

namespace lf {
namespace {

constexpr std::array<uint32_t, 256> make_crc_table() {
  std::array<uint32_t, 256> table{};
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit) value = value & 1 ? value >> 1 ^ 0x82F63B78U : value >> 1;
    table[i] = value;
  }
  return table;
}

constexpr std::array<uint32_t, 256> kCrcTable = make_crc_table();

uint32_t masked_crc(std::string_view bytes) { return std::rotr(crc32c(bytes), 15) + 0xA282EAD8U; }

template <class T>
std::string little_endian(T value) {
  std::string bytes;
  for (size_t i = 0; i < sizeof(T); ++i) bytes += static_cast<char>(value >> 8 * i & 0xFF);
  return bytes;
}

std::string varint(uint64_t value) {
  std::string bytes;
  for (; value >= 0x80; value >>= 7) bytes += static_cast<char>(value | 0x80);
  return bytes + static_cast<char>(value);
}

// Protobuf fields: key = number << 3 | wire type (0 varint, 1 eight bytes, 2 length-delimited, 5 four bytes).
std::string varint_field(int number, uint64_t value) {
  return varint(static_cast<uint64_t>(number) << 3) + varint(value);
}
std::string bytes_field(int number, std::string_view value) {
  return varint(static_cast<uint64_t>(number) << 3 | 2) + varint(value.size()) + std::string(value);
}
std::string double_field(int number, double value) {
  return varint(static_cast<uint64_t>(number) << 3 | 1) + little_endian(std::bit_cast<uint64_t>(value));
}
std::string float_field(int number, float value) {
  return varint(static_cast<uint64_t>(number) << 3 | 5) + little_endian(std::bit_cast<uint32_t>(value));
}

// Field numbers of Event, Summary.Value, SummaryMetadata, TensorProto and SessionLog.
enum { kWallTime = 1, kStep = 2, kFileVersion = 3, kSummary = 5, kSessionLog = 7 };
enum { kTag = 1, kSimpleValue = 2, kTensor = 8, kMetadata = 9 };
constexpr int kString = 7;  // DataType.DT_STRING

std::string event_of(int64_t step, const std::string& what) {
  return double_field(kWallTime, unix_seconds()) + (step != 0 ? varint_field(kStep, static_cast<uint64_t>(step)) : "") +
         what;
}

std::string summary_of(const std::string& value) { return bytes_field(kSummary, bytes_field(1, value)); }

std::string text_value(std::string_view tag, std::string_view text) {
  const std::string plugin = bytes_field(1, bytes_field(1, "text"));  // metadata { plugin_data { plugin_name } }
  const std::string shape = bytes_field(2, bytes_field(2, varint_field(1, 1)));  // tensor_shape { dim { size: 1 } }
  const std::string tensor = varint_field(1, kString) + shape + bytes_field(8, text);
  return bytes_field(kTag, fmt::format("{}/text_summary", tag)) + bytes_field(kTensor, tensor) +
         bytes_field(kMetadata, plugin);
}

std::string frame(const std::string& event) {
  const std::string length = little_endian(static_cast<uint64_t>(event.size()));
  return length + little_endian(masked_crc(length)) + event + little_endian(masked_crc(event));
}

std::filesystem::path folder_of(const TensorBoardOptions& options) {
  if (!options.logging_dir.empty()) return options.logging_dir;
  const char* folder = std::getenv("TENSORBOARD_LOGGING_DIR");
  if (folder && *folder) {
    const std::string_view text(folder);
    const char* home = std::getenv("HOME");
    if (text.starts_with("~/") && home) return std::filesystem::path(home) / text.substr(2);
    return folder;
  }
  return options.output_dir / "runs" / (local_time_text("%b%d_%H-%M-%S") + "_" + host_name());
}

}  // namespace

uint32_t crc32c(std::string_view bytes) {
  uint32_t crc = 0xFFFFFFFFU;
  for (const char c : bytes) crc = crc >> 8 ^ kCrcTable[(crc ^ static_cast<unsigned char>(c)) & 0xFF];
  return ~crc;
}

std::string tensorboard_tag(std::string_view key) {
  if (key.starts_with("eval_")) return "eval/" + std::string(key.substr(5));
  if (key.starts_with("test_")) return "test/" + std::string(key.substr(5));
  return "train/" + std::string(key);
}

TensorBoardWriter::TensorBoardWriter(const TensorBoardOptions& options) {
  const std::filesystem::path folder = folder_of(options);
  create_folder(folder);
  for (int count = 0; fd_ < 0; ++count) {
    path_ = folder / fmt::format("events.out.tfevents.{:010}.{}.{}.{}", static_cast<int64_t>(unix_seconds()),
                                 host_name(), ::getpid(), count);
    fd_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0644);
    LF_CHECK(kIo, fd_ >= 0 || errno == EEXIST, "{}: cannot be created: {}", path_.string(), std::strerror(errno));
  }
  write_event(event_of(0, bytes_field(kFileVersion, "brain.Event:2")));
  if (options.resume_step > 0) {
    const int64_t next = options.resume_step + 1;
    write_event(event_of(next, bytes_field(kSessionLog, varint_field(1, 1))));  // SessionLog.START
  }
}

TensorBoardWriter::~TensorBoardWriter() {
  if (fd_ >= 0) ::close(fd_);
}

void TensorBoardWriter::log(const Json& logs, int64_t step) {
  for (auto it = logs.begin(); it != logs.end(); ++it) {
    const std::string tag = tensorboard_tag(it.key());
    if (it->is_number())
      add_scalar(tag, it->get<double>(), step);
    else if (it->is_string())
      add_text(tag, it->get_ref<const std::string&>(), step);
  }
}

void TensorBoardWriter::add_scalar(std::string_view tag, double value, int64_t step) {
  write_event(
      event_of(step, summary_of(bytes_field(kTag, tag) + float_field(kSimpleValue, static_cast<float>(value)))));
}

void TensorBoardWriter::add_text(std::string_view tag, std::string_view text, int64_t step) {
  write_event(event_of(step, summary_of(text_value(tag, text))));
}

void TensorBoardWriter::write_event(const std::string& event) {
  if (failed_) return;
  if (write_fully(fd_, frame(event))) return;
  failed_ = true;
  log_warn("tensorboard", "{}: cannot be written ({}); no more events, training goes on", path_.string(),
           std::strerror(errno));
}

}  // namespace lf
