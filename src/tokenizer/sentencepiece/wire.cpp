#include "tokenizer/sentencepiece/wire.h"

#include <bit>

#include "base/error.h"
#include "tokenizer/unicode.h"

namespace lf {

void WireReader::fail(const char* what) const {
  throw_error(ErrorKind::kFormat, "{}: byte {}: {}; this is not a SentencePiece model", name_, offset_ + at_, what);
}

uint64_t WireReader::read_varint() {
  uint64_t value = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    if (at_ == bytes_.size()) fail("the file ends inside a number");
    const auto byte = static_cast<uint8_t>(bytes_[at_++]);
    value |= uint64_t{byte & 0x7Fu} << shift;
    if (byte < 0x80) return value;
  }
  fail("a number is longer than ten bytes");
}

uint64_t WireReader::read_fixed(size_t bytes) {
  if (bytes_.size() - at_ < bytes) fail("the file ends inside a number");
  uint64_t value = 0;
  for (size_t i = 0; i < bytes; ++i) value |= uint64_t{static_cast<uint8_t>(bytes_[at_ + i])} << (8 * i);
  at_ += bytes;
  return value;
}

bool WireReader::next() {
  if (at_ == bytes_.size()) return false;
  const uint64_t tag = read_varint();
  constexpr uint64_t kMaxField = (uint64_t{1} << 29) - 1;
  if (tag >> 3 == 0 || tag >> 3 > kMaxField) fail("a field has no valid number");
  field_ = static_cast<uint32_t>(tag >> 3);
  type_ = static_cast<Type>(tag & 7);
  view_ = {};
  switch (type_) {
    case Type::kVarint:
      value_ = read_varint();
      return true;
    case Type::kFixed64:
      value_ = read_fixed(8);
      return true;
    case Type::kFixed32:
      value_ = read_fixed(4);
      return true;
    case Type::kBytes: {
      const uint64_t size = read_varint();
      if (size > bytes_.size() - at_) fail("a field reaches beyond the end");
      view_ = bytes_.substr(at_, size);
      at_ += size;
      return true;
    }
  }
  fail("a field has a type that is not used here");
}

uint64_t WireReader::integer() const {
  if (type_ != Type::kVarint) fail("needed an integer");
  return value_;
}

float WireReader::number() const {
  if (type_ != Type::kFixed32) fail("needed a 32-bit float");
  return std::bit_cast<float>(static_cast<uint32_t>(value_));
}

std::string_view WireReader::bytes() const {
  if (type_ != Type::kBytes) fail("needed a string");
  return view_;
}

std::string_view WireReader::text() const {
  if (!is_valid_utf8(bytes())) fail("a text is not UTF-8");
  return view_;
}

WireReader WireReader::message() const {
  if (type_ != Type::kBytes) fail("needed a message");
  return {view_, name_, offset_ + at_ - view_.size()};
}

}  // namespace lf
