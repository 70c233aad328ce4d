// The GGUF writer: bytes by the format's description, Q8_0 by its definition, refusals.
#include "io/gguf.h"

#include <gmock/gmock.h>

#include <cstring>

#include "base/error.h"
#include "base/files.h"
#include "support/temp_folder.h"

namespace lf {
namespace {

using ::testing::HasSubstr;

/// Takes a file apart, a number at a time.
class Cursor {
 public:
  explicit Cursor(std::string bytes) : bytes_(std::move(bytes)) {}
  template <class T>
  T number() {
    T value{};
    std::memcpy(&value, bytes_.data() + at_, sizeof(T));
    at_ += sizeof(T);
    return value;
  }
  std::string string() {
    const auto size = number<uint64_t>();
    at_ += size;
    return bytes_.substr(at_ - size, size);
  }
  size_t at() const { return at_; }
  void seek(size_t at) { at_ = at; }
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
  size_t at_ = 0;
};

std::string write(const GgufMetadata& metadata, const std::vector<GgufTensor>& tensors) {
  const testing::TempFolder folder;
  DurableFile file(folder.path() / "x.gguf");
  write_gguf(file, metadata, tensors);
  file.commit();
  return read_file(folder.path() / "x.gguf");
}

std::string error_of(const GgufMetadata& metadata, const std::vector<GgufTensor>& tensors) {
  try {
    write(metadata, tensors);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kFormat);
    return error.what();
  }
  return "";
}

TEST(Gguf, lays_out_header_metadata_and_tensors_as_the_format_says) {
  const Tensor matrix = at::arange(6, at::kFloat).view({2, 3});
  const Tensor vector = at::arange(3, at::kFloat);
  Cursor in(write({{"a.count", uint32_t{7}},
                   {"a.text", std::string("xy")},
                   {"a.yes", true},
                   {"a.list", std::vector<std::string>{"p", "qr"}},
                   {"a.numbers", std::vector<float>{0.5f}}},
                  {{.name = "m", .data = matrix, .type = GgufType::kF16}, {.name = "v", .data = vector}}));
  EXPECT_EQ(in.bytes().substr(0, 4), "GGUF");
  in.seek(4);
  EXPECT_EQ(in.number<uint32_t>(), 3u);
  EXPECT_EQ(in.number<uint64_t>(), 2u);
  EXPECT_EQ(in.number<uint64_t>(), 5u);
  EXPECT_EQ(in.string(), "a.count");
  EXPECT_EQ(in.number<uint32_t>(), 4u);
  EXPECT_EQ(in.number<uint32_t>(), 7u);
  EXPECT_EQ(in.string(), "a.text");
  EXPECT_EQ(in.number<uint32_t>(), 8u);
  EXPECT_EQ(in.string(), "xy");
  EXPECT_EQ(in.string(), "a.yes");
  EXPECT_EQ(in.number<uint32_t>(), 7u);
  EXPECT_EQ(in.number<uint8_t>(), 1u);
  EXPECT_EQ(in.string(), "a.list");
  EXPECT_EQ(in.number<uint32_t>(), 9u);
  EXPECT_EQ(in.number<uint32_t>(), 8u);
  EXPECT_EQ(in.number<uint64_t>(), 2u);
  EXPECT_EQ(in.string(), "p");
  EXPECT_EQ(in.string(), "qr");
  EXPECT_EQ(in.string(), "a.numbers");
  EXPECT_EQ(in.number<uint32_t>(), 9u);
  EXPECT_EQ(in.number<uint32_t>(), 6u);
  EXPECT_EQ(in.number<uint64_t>(), 1u);
  EXPECT_EQ(in.number<float>(), 0.5f);
  EXPECT_EQ(in.string(), "m");
  EXPECT_EQ(in.number<uint32_t>(), 2u);  // dimensions, the fastest first
  EXPECT_EQ(in.number<uint64_t>(), 3u);
  EXPECT_EQ(in.number<uint64_t>(), 2u);
  EXPECT_EQ(in.number<uint32_t>(), 1u);
  EXPECT_EQ(in.number<uint64_t>(), 0u);
  EXPECT_EQ(in.string(), "v");
  EXPECT_EQ(in.number<uint32_t>(), 1u);
  EXPECT_EQ(in.number<uint64_t>(), 3u);
  EXPECT_EQ(in.number<uint32_t>(), 0u);
  EXPECT_EQ(in.number<uint64_t>(), 32u);
  const size_t data = (in.at() + 31) / 32 * 32;
  ASSERT_EQ(in.bytes().size(), data + 64);  // 12 and 12 bytes, each padded to 32
  in.seek(data);
  for (int i = 0; i < 6; ++i) EXPECT_EQ(static_cast<float>(in.number<c10::Half>()), static_cast<float>(i));
  in.seek(data + 32);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(in.number<float>(), static_cast<float>(i));
}

TEST(Gguf, writes_views_changes_and_long_tensors_as_they_are_meant) {
  const Tensor large = at::arange(3 * 4096 * 1024, at::kFloat).view({-1, 1024});
  const std::string bytes =
      write({}, {{.name = "t", .data = large.t(), .change = [](const Tensor& t) { return t + 1; }}});
  const size_t data = bytes.size() - large.nbytes();
  float value = 0;
  std::memcpy(&value, bytes.data() + data + 4, 4);
  EXPECT_EQ(value, 1025.0f);  // second element of the first row of the transposed matrix, plus one
  std::memcpy(&value, bytes.data() + bytes.size() - 4, 4);
  EXPECT_EQ(value, static_cast<float>(3 * 4096 * 1024 - 1) + 1);
}

TEST(Gguf, q8_0_blocks_hold_a_scale_and_rounded_levels) {
  Tensor values = at::zeros({3, 32});
  values[0][0] = 127.0;  // scale 1
  values[0][1] = 2.5;    // a half rounds away from zero
  values[0][2] = -2.5;
  values[1][5] = -0.25;  // scale 0.25 / 127
  const std::string bytes = encode_gguf(values, GgufType::kQ8_0);
  ASSERT_EQ(bytes.size(), 3u * 34);
  EXPECT_EQ(gguf_bytes(values, GgufType::kQ8_0), 3u * 34);
  const auto scale = [&](size_t block) {
    c10::Half half;
    std::memcpy(&half.x, bytes.data() + block * 34, 2);
    return static_cast<float>(half);
  };
  const auto level = [&](size_t block, size_t i) {
    return static_cast<int>(static_cast<int8_t>(bytes[block * 34 + 2 + i]));
  };
  EXPECT_EQ(scale(0), 1.0f);
  EXPECT_EQ(level(0, 0), 127);
  EXPECT_EQ(level(0, 1), 3);
  EXPECT_EQ(level(0, 2), -3);
  EXPECT_NEAR(scale(1), 0.25f / 127, 1e-6);
  EXPECT_EQ(level(1, 5), -127);
  EXPECT_EQ(scale(2), 0.0f);
  EXPECT_EQ(level(2, 0), 0);
}

TEST(Gguf, q8_0_is_off_by_at_most_half_a_step) {
  at::manual_seed(5);
  const Tensor values = at::randn({7, 64}).to(at::kBFloat16);
  const std::string bytes = encode_gguf(values, GgufType::kQ8_0);
  const Tensor flat = values.to(at::kFloat).flatten();
  for (int64_t block = 0; block < flat.numel() / 32; ++block) {
    c10::Half scale;
    std::memcpy(&scale.x, bytes.data() + block * 34, 2);
    const float largest = flat.narrow(0, block * 32, 32).abs().max().item<float>();
    for (int64_t i = 0; i < 32; ++i) {
      const auto level = static_cast<int8_t>(bytes[static_cast<size_t>(block * 34 + 2 + i)]);
      const float exact = flat[block * 32 + i].item<float>();
      // Half a step, and what float16 takes from the scale.
      EXPECT_NEAR(static_cast<float>(scale) * static_cast<float>(level), exact, largest / 127 * 0.5f + largest * 5e-4f);
    }
  }
}

TEST(Gguf, refuses_what_the_format_cannot_hold) {
  const Tensor vector = at::ones({3});
  EXPECT_THAT(error_of({{"a", true}, {"a", false}}, {}), HasSubstr("the metadata key 'a' is empty or given twice"));
  EXPECT_THAT(error_of({}, {{.name = "t", .data = vector}, {.name = "t", .data = vector}}),
              HasSubstr("two tensors are called 't'"));
  EXPECT_THAT(error_of({}, {{.name = std::string(64, 'x'), .data = vector}}), HasSubstr("1 to 63 bytes"));
  EXPECT_THAT(error_of({}, {{.name = "", .data = vector}}), HasSubstr("cannot be a tensor name"));
  EXPECT_THAT(error_of({}, {{.name = "s", .data = at::ones({})}}), HasSubstr("has 0 dimensions"));
  EXPECT_THAT(error_of({}, {{.name = "s", .data = at::ones({1, 1, 1, 1, 1})}}), HasSubstr("has 5 dimensions"));
  EXPECT_THAT(error_of({}, {{.name = "q", .data = at::ones({2, 33}), .type = GgufType::kQ8_0}}),
              HasSubstr("rows of 33 elements cannot be Q8_0"));
  EXPECT_THAT(error_of({}, {{.name = "i", .data = at::ones({32}, at::kLong)}}), HasSubstr("cannot be stored"));
}

}  // namespace
}  // namespace lf
