// Protobuf's wire format, read field by field from bytes of strangers: bounded, nothing copied, no recursion.
// https://protobuf.dev/programming-guides/encoding/
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace lf {

/// One message. Call next() before each field; then ask for the value in the type that the field has. All errors are
/// kFormat and name the file and the byte.
class WireReader {
 public:
  /// `bytes` of the message stand at `offset` of the file `name`, for errors. Both views must outlive the reader.
  WireReader(std::string_view bytes, std::string_view name, size_t offset = 0)
      : bytes_(bytes), name_(name), offset_(offset) {}

  /// Moves to the next field; false at the end of the message.
  bool next();
  /// Number of the field.
  uint32_t field() const { return field_; }

  /// Values; each refuses a field of another wire type.
  uint64_t integer() const;
  bool boolean() const { return integer() != 0; }
  float number() const;
  std::string_view bytes() const;
  /// bytes() that must be UTF-8.
  std::string_view text() const;
  WireReader message() const;

 private:
  enum class Type : uint8_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

  [[noreturn]] void fail(const char* what) const;
  uint64_t read_varint();
  uint64_t read_fixed(size_t bytes);

  std::string_view bytes_, name_;
  size_t offset_ = 0;
  size_t at_ = 0;
  uint32_t field_ = 0;
  Type type_ = Type::kVarint;
  uint64_t value_ = 0;
  std::string_view view_;
};

}  // namespace lf
