#include "io/stored_zip.h"

#include <algorithm>
#include <optional>
#include <unordered_set>

#include "base/error.h"
#include "base/strings.h"

namespace lf {
namespace {

constexpr uint64_t kEndBytes = 22, kEnd64Bytes = 56, kLocator64Bytes = 20, kMemberBytes = 46, kLocalBytes = 30;
constexpr uint32_t kEndMark = 0x06054b50, kEnd64Mark = 0x06064b50, kLocator64Mark = 0x07064b50;
constexpr uint32_t kMemberMark = 0x02014b50, kLocalMark = 0x04034b50;
constexpr uint64_t kLongestComment = 65535, kLargestDirectory = 256'000'000, kMostMembers = 1'000'000;
constexpr uint16_t kZip64Field = 1, kFull16 = 0xFFFF;
constexpr uint32_t kFull32 = 0xFFFFFFFF;

template <class T>
T number(const std::string& bytes, uint64_t at) {
  T value = 0;
  for (size_t i = 0; i < sizeof(T); ++i) value |= static_cast<T>(static_cast<uint8_t>(bytes[at + i])) << (8 * i);
  return value;
}

class Archive {
 public:
  Archive(const ReadAt& read, uint64_t size, const std::string& where) : read_(read), size_(size), where_(where) {}

  std::vector<ZipMember> members() {
    find_directory();
    const std::string directory = bytes(start_, length_, "directory");
    std::vector<ZipMember> out;
    std::unordered_set<std::string> names;
    uint64_t at = 0;
    for (uint64_t i = 0; i < count_; ++i) {
      out.push_back(member(directory, at));
      LF_CHECK(kFormat, names.insert(out.back().name).second, "{}: holds '{}' twice", where_,
               printable(out.back().name));
    }
    return out;
  }

 private:
  std::string bytes(uint64_t offset, uint64_t count, const char* what) const {
    LF_CHECK(kFormat, offset <= size_ && count <= size_ - offset, "{}: its {} lies outside the file", where_, what);
    std::string out(count, '\0');
    if (count > 0) read_(offset, out.data(), count);
    return out;
  }

  /// Sets start_, length_ and count_ from the end of the file.
  void find_directory() {
    LF_CHECK(kFormat, size_ >= kEndBytes, "{}: is no zip archive (only {} bytes)", where_, size_);
    const uint64_t tail_size = std::min(size_, kEndBytes + kLongestComment), tail_start = size_ - tail_size;
    const std::string tail = bytes(tail_start, tail_size, "end");
    std::optional<uint64_t> found;
    for (uint64_t at = tail_size - kEndBytes + 1; at-- > 0 && !found;) {
      if (number<uint32_t>(tail, at) == kEndMark && at + kEndBytes + number<uint16_t>(tail, at + 20) == tail_size)
        found = at;
    }
    LF_CHECK(kFormat, found, "{}: is no zip archive (no directory at its end)", where_);
    LF_CHECK(kUnsupported, number<uint16_t>(tail, *found + 4) == 0 || number<uint16_t>(tail, *found + 4) == kFull16,
             "{}: is a part of an archive in several files", where_);
    count_ = number<uint16_t>(tail, *found + 10);
    length_ = number<uint32_t>(tail, *found + 12);
    start_ = number<uint32_t>(tail, *found + 16);
    if (count_ == kFull16 || length_ == kFull32 || start_ == kFull32) find_directory64(tail_start + *found);
    LF_CHECK(kFormat, count_ <= kMostMembers && length_ <= kLargestDirectory, "{}: its directory is too large", where_);
  }

  void find_directory64(uint64_t end) {
    LF_CHECK(kFormat, end >= kLocator64Bytes, "{}: lacks the place of its zip64 directory", where_);
    const std::string locator = bytes(end - kLocator64Bytes, kLocator64Bytes, "zip64 locator");
    LF_CHECK(kFormat, number<uint32_t>(locator, 0) == kLocator64Mark, "{}: lacks the place of its zip64 directory",
             where_);
    const std::string record = bytes(number<uint64_t>(locator, 8), kEnd64Bytes, "zip64 directory record");
    LF_CHECK(kFormat, number<uint32_t>(record, 0) == kEnd64Mark, "{}: its zip64 directory record is broken", where_);
    count_ = number<uint64_t>(record, 32);
    length_ = number<uint64_t>(record, 40);
    start_ = number<uint64_t>(record, 48);
  }

  ZipMember member(const std::string& directory, uint64_t& at) const {
    LF_CHECK(kFormat, length_ - at >= kMemberBytes && number<uint32_t>(directory, at) == kMemberMark,
             "{}: its directory is broken at byte {}", where_, at);
    const uint64_t name_size = number<uint16_t>(directory, at + 28), extra_size = number<uint16_t>(directory, at + 30);
    const uint64_t whole = kMemberBytes + name_size + extra_size + number<uint16_t>(directory, at + 32);
    LF_CHECK(kFormat, length_ - at >= whole, "{}: its directory ends within an entry", where_);
    ZipMember out;
    out.name = directory.substr(at + kMemberBytes, name_size);
    out.crc = number<uint32_t>(directory, at + 16);
    const bool encrypted = (number<uint16_t>(directory, at + 8) & 1) != 0;
    LF_CHECK(kUnsupported, !encrypted && number<uint16_t>(directory, at + 10) == 0,
             "{}: '{}' is compressed or encrypted; torch.save stores members as they are", where_, printable(out.name));
    uint64_t stored = number<uint32_t>(directory, at + 20), local = number<uint32_t>(directory, at + 42);
    out.size = number<uint32_t>(directory, at + 24);
    widen(directory.substr(at + kMemberBytes + name_size, extra_size), out, stored, local);
    LF_CHECK(kFormat, stored == out.size, "{}: '{}' has two sizes ({} and {})", where_, printable(out.name), stored,
             out.size);
    out.offset = data_offset(local, out);
    at += whole;
    return out;
  }

  /// Puts in the 64-bit numbers of the zip64 field where the 32-bit ones are full.
  void widen(const std::string& extra, ZipMember& member, uint64_t& stored, uint64_t& local) const {
    uint64_t at = 0;
    while (at + 4 <= extra.size()) {
      const uint64_t end = at + 4 + number<uint16_t>(extra, at + 2);
      LF_CHECK(kFormat, end <= extra.size(), "{}: an extra field of '{}' is broken", where_, printable(member.name));
      uint64_t next = at + 4;
      if (number<uint16_t>(extra, at) == kZip64Field) {
        for (uint64_t* value : {&member.size, &stored, &local}) {
          if (*value != kFull32 || next + 8 > end) continue;
          *value = number<uint64_t>(extra, next);
          next += 8;
        }
      }
      at = end;
    }
  }

  uint64_t data_offset(uint64_t local, const ZipMember& member) const {
    const std::string header = bytes(local, kLocalBytes, "member");
    LF_CHECK(kFormat, number<uint32_t>(header, 0) == kLocalMark, "{}: '{}' is not where the directory says", where_,
             printable(member.name));
    const uint64_t name_size = number<uint16_t>(header, 26), extra_size = number<uint16_t>(header, 28);
    LF_CHECK(kFormat, bytes(local + kLocalBytes, name_size, "member") == member.name,
             "{}: '{}' has another name where it lies", where_, printable(member.name));
    const uint64_t offset = local + kLocalBytes + name_size + extra_size;
    LF_CHECK(kFormat, offset <= size_ && member.size <= size_ - offset, "{}: '{}' ends outside the file", where_,
             printable(member.name));
    return offset;
  }

  const ReadAt& read_;
  uint64_t size_;
  const std::string& where_;
  uint64_t start_ = 0, length_ = 0, count_ = 0;
};

}  // namespace

std::vector<ZipMember> read_stored_zip(const ReadAt& read, uint64_t file_size, const std::string& where) {
  return Archive(read, file_size, where).members();
}

}  // namespace lf
