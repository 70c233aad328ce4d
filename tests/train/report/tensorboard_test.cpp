#include "train/report/tensorboard.h"

#include <gmock/gmock.h>

#include <cstring>

#include "base/error.h"
#include "base/files.h"
#include "support/temp_folder.h"

namespace lf {
namespace {

uint32_t masked(std::string_view bytes) {
  const uint32_t crc = crc32c(bytes);
  return (crc >> 15 | crc << 17) + 0xa282ead8U;
}

std::vector<std::string> records_of(const std::string& file) {
  std::vector<std::string> records;
  for (size_t at = 0; at < file.size();) {
    uint64_t length = 0;
    uint32_t head = 0, tail = 0;
    std::memcpy(&length, file.data() + at, 8);
    std::memcpy(&head, file.data() + at + 8, 4);
    EXPECT_EQ(head, masked(std::string_view(file).substr(at, 8)));
    records.push_back(file.substr(at + 12, length));
    std::memcpy(&tail, file.data() + at + 12 + length, 4);
    EXPECT_EQ(tail, masked(records.back()));
    at += 16 + length;
  }
  return records;
}

TEST(TensorBoard, crc32c_has_the_published_values) {
  EXPECT_EQ(crc32c("123456789"), 0xE3069283U);
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8A9136AAU);
}

TEST(TensorBoard, tags_are_those_of_transformers) {
  EXPECT_EQ(tensorboard_tag("loss"), "train/loss");
  EXPECT_EQ(tensorboard_tag("eval_loss"), "eval/loss");
  EXPECT_EQ(tensorboard_tag("test_x"), "test/x");
  EXPECT_EQ(tensorboard_tag("rewards/chosen"), "train/rewards/chosen");
}

TEST(TensorBoard, records_are_framed_and_start_with_the_version) {
  lf::testing::TempFolder temp;
  std::filesystem::path file;
  {
    TensorBoardWriter writer({.output_dir = temp.path()});
    writer.add_text("args", "{}");
    writer.log({{"loss", 1.5}, {"note", "text"}, {"none", nullptr}}, 300);
    file = writer.path();
  }
  EXPECT_EQ(file.parent_path().parent_path(), temp / "runs");
  EXPECT_THAT(file.filename().string(), ::testing::MatchesRegex("events\\.out\\.tfevents\\.[0-9]+\\..+\\.[0-9]+\\.0"));
  const std::vector<std::string> records = records_of(read_file(file));
  ASSERT_EQ(records.size(), 4);
  EXPECT_THAT(records[0], ::testing::HasSubstr("\x1a\x0d"
                                               "brain.Event:2"));
  EXPECT_THAT(records[1], ::testing::HasSubstr("args/text_summary"));
  // step 300, summary { value { tag: "train/loss" simple_value: 1.5 } }
  EXPECT_EQ(records[2].substr(9),
            std::string("\x10\xac\x02\x2a\x13\x0a\x11\x0a\x0atrain/loss\x15\x00\x00\xc0\x3f", 24));
}

TEST(TensorBoard, two_writers_in_one_second_do_not_share_a_file) {
  lf::testing::TempFolder temp;
  TensorBoardWriter first({.output_dir = "", .logging_dir = temp.path()});
  TensorBoardWriter second({.output_dir = "", .logging_dir = temp.path()});
  EXPECT_NE(first.path(), second.path());
}

TEST(TensorBoard, a_folder_that_cannot_be_made_is_an_io_error) {
  EXPECT_THROW(TensorBoardWriter({.output_dir = "/proc/no/such/place"}), Error);
}

}  // namespace
}  // namespace lf
