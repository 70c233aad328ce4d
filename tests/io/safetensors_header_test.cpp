// Malformed headers: each row is a file that must be refused, with a word that the message must hold.
#include "io/safetensors_header.h"

#include <gmock/gmock.h>

#include "base/error.h"

namespace lf {
namespace {

struct BadFile {
  const char* what;
  std::string json;
  uint64_t data_bytes;
  const char* message;
};

std::string nested(int levels) { return R"({"x":)" + std::string(levels, '[') + std::string(levels, ']') + "}"; }

const std::vector<BadFile>& bad_files() {
  static const std::vector<BadFile> files = {
      {"hole at the start", R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}})", 3, "hole"},
      {"hole between tensors",
       R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[3,5]}})",
       5, "hole"},
      {"overlap",
       R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}})",
       3, "overlap"},
      {"two tensors on the same bytes",
       R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}})",
       2, "overlap"},
      {"truncated data", R"({"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}})", 15, "truncated"},
      {"trailing bytes", R"({"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}})", 17, "after its last tensor"},
      {"data without tensors", R"({})", 1, "after its last tensor"},
      {"size above shape", R"({"a":{"dtype":"F32","shape":[3],"data_offsets":[0,16]}})", 16, "needs 12 bytes"},
      {"size below shape", R"({"a":{"dtype":"F32","shape":[5],"data_offsets":[0,16]}})", 16, "needs 20 bytes"},
      {"product overflows", R"({"a":{"dtype":"U8","shape":[4294967296,4294967296],"data_offsets":[0,0]}})", 0,
       "63 bits"},
      {"product overflows to the right size",
       R"({"a":{"dtype":"U8","shape":[9223372036854775807,2,3],"data_offsets":[0,2]}})", 2, "63 bits"},
      {"bits overflow", R"({"a":{"dtype":"F32","shape":[1152921504606846976],"data_offsets":[0,0]}})", 0, "64 bits"},
      {"strides of an empty tensor overflow",
       R"({"a":{"dtype":"U8","shape":[0,4294967296,4294967296],"data_offsets":[0,0]}})", 0, "63 bits"},
      {"dimension above 63 bits", R"({"a":{"dtype":"U8","shape":[9223372036854775808],"data_offsets":[0,0]}})", 0,
       "63 bits"},
      {"number above 64 bits", R"({"a":{"dtype":"U8","shape":[18446744073709551616],"data_offsets":[0,0]}})", 0,
       "integer"},
      {"negative dimension", R"({"a":{"dtype":"U8","shape":[-1],"data_offsets":[0,1]}})", 1, "negative"},
      {"negative offset", R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[-1,0]}})", 0, "negative"},
      {"offsets run backwards", R"({"a":{"dtype":"U8","shape":[0],"data_offsets":[1,0]}})", 1, "backwards"},
      {"float dimension", R"({"a":{"dtype":"U8","shape":[1.0],"data_offsets":[0,1]}})", 1, "integer"},
      {"text dimension", R"({"a":{"dtype":"U8","shape":["1"],"data_offsets":[0,1]}})", 1, "whole numbers"},
      {"nested dimension", R"({"a":{"dtype":"U8","shape":[[1]],"data_offsets":[0,1]}})", 1, "deeper"},
      {"shape is a number", R"({"a":{"dtype":"U8","shape":1,"data_offsets":[0,1]}})", 1, "wrong type"},
      {"one offset", R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[1]}})", 1, "two numbers"},
      {"three offsets", R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1,1]}})", 1, "two numbers"},
      {"dtype missing", R"({"a":{"shape":[1],"data_offsets":[0,1]}})", 1, "dtype is missing"},
      {"shape missing", R"({"a":{"dtype":"U8","data_offsets":[0,1]}})", 1, "shape is missing"},
      {"offsets missing", R"({"a":{"dtype":"U8","shape":[1]}})", 1, "data_offsets is missing"},
      {"unknown dtype", R"({"a":{"dtype":"Q4","shape":[1],"data_offsets":[0,1]}})", 1, "unknown dtype 'Q4'"},
      {"dtype is a number", R"({"a":{"dtype":7,"shape":[1],"data_offsets":[0,1]}})", 1, "wrong type"},
      {"half a byte", R"({"a":{"dtype":"F4","shape":[3],"data_offsets":[0,2]}})", 2, "needs 2 bytes"},
      {"same tensor name twice",
       R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}})",
       2, "twice"},
      {"escaped and plain form of one name",
       R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"\u0061":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}})",
       2, "twice"},
      {"same field twice", R"({"a":{"dtype":"U8","dtype":"U8","shape":[1],"data_offsets":[0,1]}})", 1, "twice"},
      {"same metadata key twice", R"({"__metadata__":{"a":"1","a":"2"}})", 0, "twice"},
      {"two metadata objects", R"({"__metadata__":{},"__metadata__":{}})", 0, "twice"},
      {"number in metadata", R"({"__metadata__":{"a":1}})", 0, "strings only"},
      {"object in metadata", R"({"__metadata__":{"a":{}}})", 0, "strings only"},
      {"metadata is text", R"({"__metadata__":"a"})", 0, "must be an object"},
      {"empty name", R"({"":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}})", 1, "empty name"},
      {"tensor is null", R"({"a":null})", 0, "must be an object"},
      {"tensor is a list", R"({"a":[]})", 0, "must be an object"},
      {"root is a list", R"([])", 0, "does not start with"},
      {"leading space", R"( {})", 0, "does not start with"},
      {"byte order mark", "\xEF\xBB\xBF{}", 0, "does not start with"},
      {"empty header", "", 0, "does not start with"},
      {"cut JSON", R"({"a":{"dtype":"U8","sha)", 0, "not valid JSON"},
      {"text after JSON", R"({}x)", 0, "not valid JSON"},
      {"two roots", R"({}{})", 0, "not valid JSON"},
      {"trailing comma", R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1],}})", 1, "not valid JSON"},
      {"NaN", R"({"a":{"dtype":"U8","shape":[NaN],"data_offsets":[0,1]}})", 1, "not valid JSON"},
      {"bad UTF-8", "{\"\xff\xfe\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}", 1, "not valid JSON"},
      {"lone surrogate", R"({"\ud800":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}})", 1, "not valid JSON"},
      {"NUL in the header", std::string("{}\0", 3), 0, "not valid JSON"},
      {"deep lists", nested(100000), 0, ""},
      {"deep unknown field", R"({"a":{"extra":[[[1]]],"dtype":"U8","shape":[1],"data_offsets":[0,1]}})", 1, "deeper"},
      {"float in an unknown field", R"({"a":{"extra":1.5,"dtype":"U8","shape":[1],"data_offsets":[0,1]}})", 1,
       "integer"},
      {"many dimensions",
       R"({"a":{"dtype":"U8","shape":[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,)"
       R"(1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1],"data_offsets":[0,1]}})",
       1, "more than 64"},
  };
  return files;
}

SafetensorsHeader parse(const std::string& json, uint64_t data_bytes) {
  return parse_safetensors_header(json, 8 + json.size() + data_bytes, "file.safetensors");
}

std::string refusal(const std::string& json, uint64_t data_bytes) {
  try {
    parse(json, data_bytes);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kFormat);
    return error.what();
  }
  return "";
}

TEST(SafetensorsHeader, RefusesEveryMalformedHeaderWithAReason) {
  EXPECT_GE(bad_files().size(), 50u);
  for (const BadFile& file : bad_files()) {
    const std::string message = refusal(file.json, file.data_bytes);
    EXPECT_THAT(message, ::testing::StartsWith("file.safetensors: safetensors")) << file.what;
    EXPECT_THAT(message, ::testing::HasSubstr(file.message)) << file.what;
  }
}

TEST(SafetensorsHeader, LengthIsCheckedAgainstTheFileAndTheLimit) {
  auto length = [](uint64_t claimed, uint64_t file_size) {
    std::string bytes(8, '\0');
    for (int i = 0; i < 8; ++i) bytes[i] = static_cast<char>(claimed >> (8 * i));
    return safetensors_header_length(bytes, file_size, "f");
  };
  EXPECT_EQ(length(2, 10), 2u);
  EXPECT_THROW(length(3, 10), Error);
  EXPECT_THROW(length(UINT64_MAX, 10), Error);
  EXPECT_THROW(length(kMaxSafetensorsHeader + 1, UINT64_MAX), Error);
  EXPECT_EQ(length(kMaxSafetensorsHeader, UINT64_MAX), kMaxSafetensorsHeader);
  EXPECT_THROW(safetensors_header_length("1234567", 7, "f"), Error);
}

TEST(SafetensorsHeader, ReadsWhatTheFormatAllows) {
  const SafetensorsHeader header = parse(
      R"({"__metadata__":{"format":"pt"},"b":{"data_offsets":[4,4],"shape":[0,3],"dtype":"F32","extra":{"k":1}},)"
      R"("a":{"dtype":"F32","shape":[],"data_offsets":[0,4]},"../x":{"dtype":"F4","shape":[4],"data_offsets":[4,6]}}   )",
      6);
  ASSERT_EQ(header.tensors.size(), 3u);
  EXPECT_EQ(header.tensors[0].name, "a");
  EXPECT_TRUE(header.tensors[0].shape.empty());
  EXPECT_EQ(header.tensors[1].name, "b");
  EXPECT_EQ(header.tensors[1].shape, (std::vector<int64_t>{0, 3}));
  EXPECT_EQ(header.tensors[2].name, "../x");
  EXPECT_EQ(header.metadata.at("format"), "pt");
  EXPECT_TRUE(parse("{}", 0).tensors.empty());
}

TEST(SafetensorsHeader, TruncationAtEveryByteIsRefused) {
  const std::string json =
      R"({"a":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]},"b":{"dtype":"U8","shape":[1],"data_offsets":[16,17]}})";
  const uint64_t whole = 8 + json.size() + 17;
  for (size_t cut = 0; cut < json.size(); ++cut) EXPECT_NE(refusal(json.substr(0, cut), 17), "") << cut;
  for (uint64_t size = 8 + json.size(); size < whole; ++size)
    EXPECT_THROW(parse_safetensors_header(json, size, "f"), Error);
}

TEST(SafetensorsHeader, WrittenHeadersReadBackAndAreAligned) {
  const std::vector<SafetensorsEntry> entries = {{"a\"\x01\n/\xc3\xa9", SafetensorsDtype::kBF16, {2, 3}, 0, 12},
                                                 {"z", SafetensorsDtype::kU8, {}, 12, 13}};
  const std::string bytes = format_safetensors_header(entries, {{"format", "pt"}});
  EXPECT_EQ(bytes.size() % 8, 0u);
  const uint64_t length = safetensors_header_length(bytes, bytes.size() + 13, "f");
  const SafetensorsHeader header = parse_safetensors_header(bytes.substr(8, length), bytes.size() + 13, "f");
  ASSERT_EQ(header.tensors.size(), 2u);
  EXPECT_EQ(header.tensors[0].name, entries[0].name);
  EXPECT_EQ(header.tensors[0].shape, entries[0].shape);
  EXPECT_EQ(header.data_start, bytes.size());
}

TEST(SafetensorsHeader, NamesThatAreNotUtf8CannotBeWritten) {
  EXPECT_THROW(format_safetensors_header({{"\xff", SafetensorsDtype::kU8, {1}, 0, 1}}, {}), Error);
}

}  // namespace
}  // namespace lf
