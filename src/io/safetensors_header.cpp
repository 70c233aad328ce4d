// The JSON goes through nlohmann's SAX interface into a small state machine: nothing is stored that is not checked, and
// depth is bounded while reading.
#include "io/safetensors_header.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <nlohmann/json.hpp>
#include <unordered_set>

#include "base/error.h"
#include "base/strings.h"

namespace lf {
namespace {

struct DtypeRow {
  SafetensorsDtype dtype;
  std::string_view name;
  int bits;
};

constexpr std::array<DtypeRow, 22> kDtypes = {{
    {SafetensorsDtype::kBool, "BOOL", 8},
    {SafetensorsDtype::kF4, "F4", 4},
    {SafetensorsDtype::kF6E2M3, "F6_E2M3", 6},
    {SafetensorsDtype::kF6E3M2, "F6_E3M2", 6},
    {SafetensorsDtype::kU8, "U8", 8},
    {SafetensorsDtype::kI8, "I8", 8},
    {SafetensorsDtype::kF8E5M2, "F8_E5M2", 8},
    {SafetensorsDtype::kF8E4M3, "F8_E4M3", 8},
    {SafetensorsDtype::kF8E8M0, "F8_E8M0", 8},
    {SafetensorsDtype::kF8E4M3Fnuz, "F8_E4M3FNUZ", 8},
    {SafetensorsDtype::kF8E5M2Fnuz, "F8_E5M2FNUZ", 8},
    {SafetensorsDtype::kI16, "I16", 16},
    {SafetensorsDtype::kU16, "U16", 16},
    {SafetensorsDtype::kF16, "F16", 16},
    {SafetensorsDtype::kBF16, "BF16", 16},
    {SafetensorsDtype::kI32, "I32", 32},
    {SafetensorsDtype::kU32, "U32", 32},
    {SafetensorsDtype::kF32, "F32", 32},
    {SafetensorsDtype::kC64, "C64", 64},
    {SafetensorsDtype::kF64, "F64", 64},
    {SafetensorsDtype::kI64, "I64", 64},
    {SafetensorsDtype::kU64, "U64", 64},
}};

constexpr size_t kMaxRank = 64;  // libtorch's own bound
constexpr int kMaxDepth = 3;

class HeaderSax {
 public:
  using Json = nlohmann::json;

  HeaderSax(SafetensorsHeader& out, std::string_view where) : out_(out), where_(where) {}

  bool null() { return scalar("null"); }
  bool boolean(bool) { return scalar("a boolean"); }
  bool number_integer(int64_t) {
    if (at_ == Place::kIgnored || (at_ == Place::kTensor && field_ == Field::kOther)) return true;
    refuse("negative number in {}", subject());
  }
  bool number_unsigned(uint64_t value) {
    if (at_ == Place::kNumbers) {
      numbers().push_back(value);
      if (numbers().size() > kMaxRank) refuse("{}: more than {} numbers", subject(), kMaxRank);
      return true;
    }
    return scalar("a number");
  }
  bool number_float(double, const std::string& text) {
    refuse("{}: {} is not an integer of 64 bits", subject(), printable(text, 40));
  }
  bool string(std::string& value);
  bool binary(Json::binary_t&) { return scalar("binary data"); }
  bool start_object(size_t);
  bool key(std::string& name);
  bool end_object();
  bool start_array(size_t);
  bool end_array();
  bool parse_error(size_t offset, const std::string&, const nlohmann::detail::exception& error) {
    std::string reason = error.what();
    const size_t colon = reason.find("column");
    if (const size_t at = reason.find(": ", colon); colon != std::string::npos && at != std::string::npos) {
      reason = reason.substr(at + 2);
    }
    refuse("not valid JSON at byte {}: {}", 8 + offset, printable(reason));
  }

 private:
  enum class Place { kRoot, kMetadata, kTensor, kNumbers, kIgnored };
  enum class Field { kDtype, kShape, kOffsets, kOther };

  template <class... Args>
  [[noreturn]] void refuse(fmt::format_string<Args...> format, Args&&... args) {
    throw_error(ErrorKind::kFormat, "{}: safetensors header: {}", where_,
                fmt::format(format, std::forward<Args>(args)...));
  }
  std::string subject() const {
    if (at_ == Place::kMetadata) return "'__metadata__'";
    return tensor_.name.empty() ? "the header" : "tensor '" + printable(tensor_.name) + "'";
  }
  std::vector<uint64_t>& numbers() { return field_ == Field::kShape ? shape_ : offsets_; }
  bool scalar(std::string_view what);
  void enter() {
    if (++depth_ > kMaxDepth) refuse("{}: nested deeper than {} levels", subject(), kMaxDepth);
  }
  void finish_tensor();

  SafetensorsHeader& out_;
  std::string_view where_;
  Place at_ = Place::kRoot;
  Field field_ = Field::kOther;
  int depth_ = 0;
  int ignored_from_ = 0;  // depth at which an unknown field began
  bool metadata_next_ = false, has_metadata_ = false;
  SafetensorsEntry tensor_;
  bool has_dtype_ = false, has_shape_ = false, has_offsets_ = false;
  std::vector<uint64_t> shape_, offsets_;
  std::unordered_set<std::string> names_, fields_;
};

bool HeaderSax::scalar(std::string_view what) {
  if (at_ == Place::kIgnored || (at_ == Place::kTensor && field_ == Field::kOther)) return true;
  if (at_ == Place::kRoot && depth_ == 0) refuse("a JSON object was needed but {} came", what);
  if (at_ == Place::kRoot)
    refuse("{} must be an object but is {}", metadata_next_ ? "'__metadata__'" : subject(), what);
  if (at_ == Place::kMetadata) refuse("'__metadata__' must hold strings only but holds {}", what);
  if (at_ == Place::kNumbers) refuse("{}: shape and data_offsets must be whole numbers, not {}", subject(), what);
  refuse("{}: {} has the wrong type ({})", subject(),
         field_ == Field::kDtype   ? "dtype"
         : field_ == Field::kShape ? "shape"
                                   : "data_offsets",
         what);
}

bool HeaderSax::string(std::string& value) {
  if (at_ == Place::kMetadata) {
    out_.metadata.insert_or_assign(tensor_.name, value);
    return true;
  }
  if (at_ != Place::kTensor || field_ != Field::kDtype) return scalar("text");
  const auto dtype = safetensors_dtype_from_name(value);
  if (!dtype) refuse("{}: unknown dtype '{}'", subject(), printable(value, 40));
  tensor_.dtype = *dtype;
  has_dtype_ = true;
  return true;
}

bool HeaderSax::start_object(size_t) {
  enter();
  if (depth_ == 1 || at_ == Place::kIgnored) return true;
  if (at_ == Place::kRoot) {
    at_ = metadata_next_ ? Place::kMetadata : Place::kTensor;
    fields_.clear();
    if (at_ == Place::kTensor) {
      has_dtype_ = has_shape_ = has_offsets_ = false;
      shape_.clear();
      offsets_.clear();
    }
    return true;
  }
  if (at_ == Place::kTensor && field_ == Field::kOther) {
    at_ = Place::kIgnored;
    ignored_from_ = depth_;
    return true;
  }
  return scalar("an object");
}

bool HeaderSax::key(std::string& name) {
  if (at_ == Place::kIgnored) return true;
  if (at_ == Place::kRoot) {
    metadata_next_ = name == "__metadata__";
    if (metadata_next_ && has_metadata_) refuse("'__metadata__' appears twice");
    has_metadata_ |= metadata_next_;
    if (metadata_next_) return true;
    if (name.empty()) refuse("a tensor has an empty name");
    if (!names_.insert(name).second) refuse("the tensor name '{}' appears twice", printable(name));
    tensor_.name = name;
    return true;
  }
  if (!fields_.insert(name).second) refuse("{}: the key '{}' appears twice", subject(), printable(name));
  if (at_ == Place::kMetadata) {
    tensor_.name = name;
    return true;
  }
  field_ = name == "dtype"          ? Field::kDtype
           : name == "shape"        ? Field::kShape
           : name == "data_offsets" ? Field::kOffsets
                                    : Field::kOther;
  return true;
}

bool HeaderSax::end_object() {
  --depth_;
  if (at_ == Place::kIgnored) {
    if (depth_ < ignored_from_) at_ = Place::kTensor;
    return true;
  }
  if (at_ == Place::kTensor) finish_tensor();
  at_ = Place::kRoot;
  return true;
}

bool HeaderSax::start_array(size_t) {
  enter();
  if (at_ == Place::kIgnored) return true;
  if (at_ != Place::kTensor || field_ == Field::kDtype) return scalar("a list");
  if (field_ == Field::kOther) {
    at_ = Place::kIgnored;
    ignored_from_ = depth_;
    return true;
  }
  (field_ == Field::kShape ? has_shape_ : has_offsets_) = true;
  at_ = Place::kNumbers;
  return true;
}

bool HeaderSax::end_array() {
  --depth_;
  if (at_ == Place::kNumbers || depth_ < ignored_from_) at_ = Place::kTensor;
  return true;
}

void HeaderSax::finish_tensor() {
  if (!has_dtype_ || !has_shape_ || !has_offsets_) {
    refuse("{}: {} is missing", subject(), !has_dtype_ ? "dtype" : !has_shape_ ? "shape" : "data_offsets");
  }
  if (offsets_.size() != 2) refuse("{}: data_offsets must be two numbers", subject());
  tensor_.begin = offsets_[0];
  tensor_.end = offsets_[1];
  if (tensor_.begin > tensor_.end) {
    refuse("{}: data_offsets [{}, {}] run backwards", subject(), tensor_.begin, tensor_.end);
  }
  uint64_t count = 1, stride = 1, bits = 0;
  for (const uint64_t size : shape_) {
    if (size > static_cast<uint64_t>(INT64_MAX) || __builtin_mul_overflow(count, size, &count) ||
        __builtin_mul_overflow(stride, std::max<uint64_t>(size, 1), &stride) ||
        stride > static_cast<uint64_t>(INT64_MAX)) {
      refuse("{}: the product of its shape does not fit 63 bits", subject());
    }
  }
  if (__builtin_mul_overflow(count, static_cast<uint64_t>(safetensors_dtype_bits(tensor_.dtype)), &bits)) {
    refuse("{}: its size in bits does not fit 64 bits", subject());
  }
  if (bits % 8 != 0 || bits / 8 != tensor_.end - tensor_.begin) {
    refuse("{}: shape [{}] of {} needs {} bytes but data_offsets give {}", subject(), fmt::join(shape_, ","),
           safetensors_dtype_name(tensor_.dtype), (bits + 7) / 8, tensor_.end - tensor_.begin);
  }
  tensor_.shape.assign(shape_.begin(), shape_.end());
  out_.tensors.push_back(std::move(tensor_));
  tensor_ = {};
}

void check_contiguous(const SafetensorsHeader& header, uint64_t data_bytes, std::string_view where) {
  uint64_t at = 0;
  for (const SafetensorsEntry& tensor : header.tensors) {
    LF_CHECK(kFormat, tensor.begin == at,
             "{}: safetensors header: tensor '{}' starts at data byte {} but {} was needed ({})", where,
             printable(tensor.name), tensor.begin, at, tensor.begin > at ? "a hole" : "it overlaps another tensor");
    at = tensor.end;
  }
  LF_CHECK(kFormat, at <= data_bytes,
           "{}: safetensors file is truncated: its header describes {} bytes of data but {} are there", where, at,
           data_bytes);
  LF_CHECK(kFormat, at == data_bytes, "{}: safetensors file has {} bytes after its last tensor", where,
           data_bytes - at);
}

std::string json_text(const std::string& text) {
  try {
    return nlohmann::json(text).dump();
  } catch (const nlohmann::json::type_error&) {
    throw_error(ErrorKind::kFormat, "tensor name or metadata '{}' is not valid UTF-8", printable(text));
  }
}

}  // namespace

std::string_view safetensors_dtype_name(SafetensorsDtype dtype) { return kDtypes[static_cast<size_t>(dtype)].name; }

std::optional<SafetensorsDtype> safetensors_dtype_from_name(std::string_view name) {
  for (const DtypeRow& row : kDtypes) {
    if (row.name == name) return row.dtype;
  }
  return std::nullopt;
}

int safetensors_dtype_bits(SafetensorsDtype dtype) { return kDtypes[static_cast<size_t>(dtype)].bits; }

uint64_t safetensors_header_length(std::string_view first_8, uint64_t file_size, std::string_view where) {
  LF_CHECK(kFormat, first_8.size() >= 8 && file_size >= 8, "{}: {} bytes are too few for a safetensors file", where,
           file_size);
  uint64_t length = 0;
  for (int i = 7; i >= 0; --i) length = length << 8 | static_cast<unsigned char>(first_8[i]);
  LF_CHECK(kFormat, length <= kMaxSafetensorsHeader, "{}: safetensors header claims {} bytes, at most {} are allowed",
           where, length, kMaxSafetensorsHeader);
  LF_CHECK(kFormat, length <= file_size - 8,
           "{}: safetensors file is truncated: its header needs {} bytes but {} are there", where, length,
           file_size - 8);
  return length;
}

SafetensorsHeader parse_safetensors_header(std::string_view json, uint64_t file_size, std::string_view where) {
  LF_CHECK(kFormat, !json.empty() && json.front() == '{', "{}: safetensors header: does not start with '{{'", where);
  LF_CHECK(kFormat, file_size >= 8 && json.size() <= file_size - 8, "{}: safetensors file is truncated in its header",
           where);
  // The JSON lexer takes a NUL for the end of its input.
  LF_CHECK(kFormat, json.find('\0') == std::string_view::npos,
           "{}: safetensors header: not valid JSON: it holds a NUL byte", where);
  SafetensorsHeader header;
  HeaderSax sax(header, where);
  nlohmann::json::sax_parse(json.begin(), json.end(), &sax);
  std::stable_sort(header.tensors.begin(), header.tensors.end(),
                   [](const SafetensorsEntry& a, const SafetensorsEntry& b) {
                     return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
                   });
  header.data_start = 8 + json.size();
  check_contiguous(header, file_size - header.data_start, where);
  return header;
}

std::string format_safetensors_header(const std::vector<SafetensorsEntry>& tensors,
                                      const std::map<std::string, std::string>& metadata) {
  std::string json = "{";
  auto separate = [&] {
    if (json.size() > 1) json += ',';
  };
  if (!metadata.empty()) {
    json += "\"__metadata__\":{";
    bool first = true;
    for (const auto& [key, value] : metadata) {
      if (!first) json += ',';
      first = false;
      json += json_text(key) + ":" + json_text(value);
    }
    json += '}';
  }
  for (const SafetensorsEntry& tensor : tensors) {
    separate();
    json += fmt::format("{}:{{\"dtype\":\"{}\",\"shape\":[{}],\"data_offsets\":[{},{}]}}", json_text(tensor.name),
                        safetensors_dtype_name(tensor.dtype), fmt::join(tensor.shape, ","), tensor.begin, tensor.end);
  }
  json += '}';
  json.append((8 - json.size() % 8) % 8, ' ');
  LF_CHECK(kFormat, json.size() <= kMaxSafetensorsHeader, "safetensors header of {} bytes is above the limit of {}",
           json.size(), kMaxSafetensorsHeader);
  std::string out(8, '\0');
  for (int i = 0; i < 8; ++i) out[i] = static_cast<char>(json.size() >> (8 * i));
  return out + json;
}

}  // namespace lf
