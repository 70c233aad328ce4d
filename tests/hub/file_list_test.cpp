#include "hub/file_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "hub/model_files.h"

namespace lf {
namespace {

using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

const std::string kSha(64, 'a'), kOid(40, 'b');

TEST(FileList, tree_of_hugging_face) {
  const auto files =
      parse_hf_tree(R"([{"type":"directory","path":"d","oid":"0","size":0},
      {"type":"file","path":"d/x.json","oid":")" +
                        kOid + R"(","size":5,"unknown":[1]},
      {"type":"file","path":"m","oid":")" +
                        kOid + R"(","size":7,"lfs":{"oid":")" + kSha + R"(","size":7,"pointerSize":1}}])",
                    "t");
  ASSERT_EQ(files.size(), 2u);
  EXPECT_EQ(files[0].path, "d/x.json");
  EXPECT_EQ(files[0].hash().kind, FileHash::Kind::kGitSha1);
  EXPECT_EQ(files[1].hash().kind, FileHash::Kind::kSha256);
  EXPECT_EQ(files[1].hash().hex, kSha);
  EXPECT_EQ(files[1].size, 7u);
}

TEST(FileList, malformed_listings_are_errors) {
  for (const char* bad :
       {"", "{}", "[1]", "null", "[{\"type\":\"file\"}]", "[{\"type\":\"file\",\"path\":\"../x\"}]", "[{\"type\":1}]",
        "[{\"type\":\"file\",\"path\":\"a\",\"size\":\"5\"}]", "[{\"type\":\"file\",\"path\":\"a\",\"lfs\":3}]",
        "[{\"type\":\"file\",\"path\":\"a\"},{\"type\":\"file\",\"path\":\"a\"}]",
        "[{\"type\":\"file\",\"path\":\"a\"},{\"type\":\"file\",\"path\":\"a/b\"}]",
        "[{\"type\":\"file\",\"path\":\"a\",\"size\":1e30}]"}) {
    EXPECT_THROW(parse_hf_tree(bad, "t"), Error) << bad;
  }
  for (const char* bad : {"[]", "{}", "{\"sha\":null}", "{\"sha\":\"main\"}", "{\"sha\":3}"})
    EXPECT_THROW(parse_hf_commit(bad, "t"), Error) << bad;
  EXPECT_EQ(parse_hf_commit("{\"sha\":\"" + kOid + "\"}", "t"), kOid);
}

TEST(FileList, files_of_model_scope) {
  const MsPage page = parse_ms_files(R"({"Code":200,"Success":true,"Data":{"Files":[{"Path":"d","Type":"tree"},
      {"Path":"d/x","Type":"blob","Size":3,"Sha256":")" +
                                         kSha + R"("},{"Path":"e","Type":"blob","Size":0,"Sha256":""}]}})",
                                     "t");
  EXPECT_EQ(page.entries, 3u);
  ASSERT_EQ(page.files.size(), 2u);
  EXPECT_EQ(page.files[0].sha256, kSha);
  EXPECT_EQ(page.files[1].size, std::nullopt) << "0 also stands for unknown";
  for (const char* bad : {"", "3", "{\"Success\":false,\"Message\":\"no\"}", "{\"Data\":{\"Files\":{}}}",
                          "{\"Data\":{\"Files\":[{\"Path\":\"a\\\\b\"}]}}", "{\"Data\":[{\"Type\":\"blob\"}]}"}) {
    EXPECT_THROW(parse_ms_files(bad, "t"), Error) << bad;
  }
  EXPECT_TRUE(parse_ms_files("{\"Data\":{}}", "t").files.empty());
}

TEST(FileList, cached_trees_survive_and_broken_ones_are_ignored) {
  std::vector<RepoFile> files = {{.path = "b", .size = 7, .blob_id = kOid, .sha256 = kSha, .xet_hash = kSha},
                                 {.path = "a/c", .size = 2, .blob_id = kOid}};
  const auto back = parse_tree_cache(tree_cache_text(files));
  ASSERT_TRUE(back);
  ASSERT_EQ(back->size(), 2u);
  EXPECT_EQ((*back)[0].path, "a/c");
  EXPECT_EQ((*back)[1].sha256, kSha);
  EXPECT_EQ((*back)[1].xet_hash, kSha);
  for (const char* bad : {"", "[]", "{}", "{\"format_version\":2,\"files\":{}}",
                          "{\"format_version\":1,\"files\":{\"../x\":{\"size\":1,\"blob_id\":\"\"}}}",
                          "{\"format_version\":1,\"files\":[]}", "{\"format_version\":1,\"files\":{\"a\":3}}"}) {
    EXPECT_FALSE(parse_tree_cache(bad)) << bad;
  }
}

TEST(FileList, hashes) {
  Hasher git(FileHash::Kind::kGitSha1, 6);
  git.add("hello\n");
  EXPECT_EQ(git.finish(), "ce013625030ba8dba906f756967f9e9ca394464a");  // git hash-object
  EXPECT_EQ(text_sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(ModelFiles, what_training_needs_and_no_more) {
  EXPECT_THAT(select_model_files({"README.md", "config.json", "model-00001-of-00002.safetensors",
                                  "model-00002-of-00002.safetensors", "model.safetensors.index.json",
                                  "consolidated.safetensors", "pytorch_model.bin", "tokenizer.json",
                                  "original/params.json", "original/tokenizer.model", "onnx/model.onnx", "tf_model.h5",
                                  "chat_template.jinja", "additional_chat_templates/tool.jinja",
                                  "adapter/adapter_model.safetensors", "modeling_x.py", "training_args.bin"}),
              UnorderedElementsAre("config.json", "model-00001-of-00002.safetensors",
                                   "model-00002-of-00002.safetensors", "model.safetensors.index.json", "tokenizer.json",
                                   "chat_template.jinja", "additional_chat_templates/tool.jinja"));
  EXPECT_THAT(select_model_files({"config.json", "pytorch_model.bin", "training_args.bin"}),
              ElementsAre("config.json", "pytorch_model.bin"));
  EXPECT_THAT(select_model_files({"config.json", "consolidated.safetensors"}),
              ElementsAre("config.json", "consolidated.safetensors"));
  EXPECT_THAT(
      select_model_files(
          {"config.json", "a/adapter_config.json", "a/adapter_model.safetensors", "ab/adapter_config.json"}, "a"),
      ElementsAre("a/adapter_config.json", "a/adapter_model.safetensors"));
}

}  // namespace
}  // namespace lf
