// Paths in rows are text from strangers (D8).
#include <gmock/gmock.h>

#include "base/error.h"
#include "data/format.h"
#include "support/temp_folder.h"

namespace lf {
namespace {

using ::testing::HasSubstr;

class MediaTest : public ::testing::Test {
 protected:
  MediaTest() {
    std::filesystem::create_directories(folder_ / "media/sub");
    lf::testing::write_bytes(folder_ / "media/sub/a.png", "x");
    lf::testing::write_bytes(folder_ / "secret.png", "x");
    std::filesystem::create_symlink(folder_ / "secret.png", folder_ / "media/link.png");
    attr_.media_dir = folder_ / "media";
    attr_.images = "images";
    attr_.videos = "videos";
  }
  Conversation read(const Json& row) {
    Conversation out;
    read_media(row, attr_, out);
    return out;
  }
  std::string refusal(const std::string& path) {
    try {
      read({{"images", {path}}});
    } catch (const Error& error) {
      return error.what();
    }
    return "accepted";
  }

  lf::testing::TempFolder folder_;
  DatasetAttr attr_;
};

TEST_F(MediaTest, FilesAreFoundInTheMediaFolderAndKeptOtherwise) {
  const std::string found = (folder_ / "media/sub/a.png").string();
  const Conversation row = read({{"images", {"sub/a.png", "absent.png"}}, {"videos", "sub/a.png"}});
  EXPECT_EQ(row.images, (std::vector<Media>{{{found}, ""}, {{"absent.png"}, ""}}));
  EXPECT_EQ(row.videos, (std::vector<Media>{{{found}, ""}}));
  EXPECT_TRUE(read({{"images", Json()}}).images.empty());
  EXPECT_TRUE(read({{"images", Json::array()}}).images.empty());
  attr_.origin = DatasetOrigin::kHuggingFace;
  EXPECT_EQ(read({{"images", {"sub/a.png"}}}).images.front().paths.front(), "sub/a.png") << "as upstream";
}

TEST_F(MediaTest, FramesAndStoredBytesAreMedia) {
  Json columns = parse_json(
      R"({"videos": [["1.jpg", "2.jpg"]], "images": [{"bytes": null, "path": null}, {"path": "b.png"}]})", "");
  columns["images"][0]["bytes"] = Json::binary({1, 2});
  const Conversation row = read(columns);
  EXPECT_EQ(row.videos, (std::vector<Media>{{{"1.jpg", "2.jpg"}, ""}}));
  EXPECT_EQ(row.images, (std::vector<Media>{{{}, "\x01\x02"}, {{"b.png"}, ""}}));
}

TEST_F(MediaTest, PathsThatLeadOutAreRefused) {
  for (const char* path :
       {"/etc/passwd", "../secret.png", "sub/../../secret.png", "..", "link.png", "./../media/../secret.png"}) {
    EXPECT_THAT(refusal(path), HasSubstr("leads out of the media folder")) << path;
  }
  EXPECT_THAT(refusal("http://host/a.png"), HasSubstr("is an address"));
  EXPECT_THAT(refusal("file:///etc/passwd"), HasSubstr("is an address"));
  EXPECT_THAT(refusal(""), HasSubstr("empty path"));
  EXPECT_EQ(refusal("sub/../sub/a.png"), "accepted");
  attr_.media_outside = true;
  EXPECT_EQ(refusal("../secret.png"), "accepted");
  EXPECT_EQ(refusal("/etc/passwd"), "accepted");
}

TEST_F(MediaTest, OtherTypesAreRefused) {
  for (const char* text : {"7", "[7]", "[[1]]", "[{}]", "[{\"bytes\": null}]", "true"}) {
    EXPECT_THROW(read({{"images", parse_json(text, "")}}), Error) << text;
  }
}

}  // namespace
}  // namespace lf
