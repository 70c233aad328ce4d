// Published tiktoken and tekken files on 2,612 texts: every record of the libraries.
#include "golden_files.h"
#include "tokenizer/kinds/rank_vocab.h"
#include "tokenizer/unicode.h"

namespace lf::testing {
namespace {

class RankGolden : public ::testing::TestWithParam<std::pair<const char*, const char*>> {
 protected:
  /// The file and what describes it, without the other files of the folder.
  void load(const std::string& name, const std::string& file, bool spec) {
    const std::string bytes = golden_file(name + "/" + file);
    if (bytes.empty()) GTEST_SKIP() << "skipped: the zstd command is missing";
    here_.write(file, bytes);
    if (spec) here_.write("tiktoken_spec.json", golden_file(name + "/tiktoken_spec.json"));
    tokenizer_ = load_tokenizer(here_.path());
  }
  void check(const Json& record, const std::string& text);

  TempFolder here_;
  std::unique_ptr<Tokenizer> tokenizer_;
};

void RankGolden::check(const Json& record, const std::string& text) {
  if (record.contains("error")) return;
  tokenizer_->set_split_special_tokens(false);
  const std::vector<TokenId> ids = tokenizer_->encode(text);
  EXPECT_TRUE(agrees(record, "ids", ids));
  const bool differs = record.contains("ids_ordinary") || record.contains("n_ids_ordinary");
  tokenizer_->set_split_special_tokens(true);
  EXPECT_TRUE(agrees(record, differs ? "ids_ordinary" : "ids", tokenizer_->encode(text)));
  if (!record.contains("ids")) return;
  EXPECT_EQ(tokenizer_->decode(ids), record.value("dec", text));
  if (!record.contains("tok_b64")) return;
  ASSERT_EQ(record["tok_b64"].size(), ids.size());
  for (size_t i = 0; i < ids.size(); ++i) {
    std::string bytes;
    ASSERT_TRUE(decode_base64(record["tok_b64"][i].get<std::string>(), bytes));
    const TokenId id = ids[i];
    if (is_valid_utf8(bytes)) {
      EXPECT_EQ(tokenizer_->decode(std::span(&id, 1)), bytes);
    }
  }
}

TEST_P(RankGolden, agrees_with_tiktoken_in_every_record) {
  LF_REQUIRE_SHARED();
  const auto [name, file] = GetParam();
  ASSERT_NO_FATAL_FAILURE(load(name, file, true));
  if (IsSkipped()) return;
  const std::vector<Json> records = golden_records(std::string(name) + ".tiktoken");
  ASSERT_EQ(records.size(), golden_corpus().size() + 1);
  EXPECT_EQ(tokenizer_->size(), records[0]["n_vocab"].get<size_t>());
  for (size_t i = 1; i < records.size() && !HasFailure(); ++i) {
    const auto index = records[i]["i"].get<size_t>();
    SCOPED_TRACE(std::to_string(index) + ": " + golden_corpus()[index].substr(0, 200));
    check(records[i], golden_corpus()[index]);
  }
}

const auto kRankFiles =
    ::testing::Values(std::pair("cl100k_base", "cl100k_base.tiktoken"), std::pair("p50k_base", "p50k_base.tiktoken"),
                      std::pair("o200k_base", "o200k_base.tiktoken"), std::pair("qwen", "qwen.tiktoken"),
                      std::pair("llama3", "tokenizer.model"), std::pair("llama4", "tokenizer.model"));

INSTANTIATE_TEST_SUITE_P(all, RankGolden, kRankFiles, [](const auto& info) { return test_name(info.param.first); });

class KnownRankFile : public RankGolden {};

/// What the publishers' code says about a file is known without a description beside it.
TEST_P(KnownRankFile, gives_the_same_ids_without_a_description) {
  LF_REQUIRE_SHARED();
  const auto [name, file] = GetParam();
  ASSERT_NO_FATAL_FAILURE(load(name, file, false));
  if (IsSkipped()) return;
  const std::vector<Json> records = golden_records(std::string(name) + ".tiktoken");
  for (size_t i = 1; i < records.size() && !HasFailure(); i += 3) {
    if (records[i].contains("error")) continue;
    const auto index = records[i]["i"].get<size_t>();
    EXPECT_TRUE(agrees(records[i], "ids", tokenizer_->encode(golden_corpus()[index]))) << index;
  }
}

INSTANTIATE_TEST_SUITE_P(all, KnownRankFile, kRankFiles, [](const auto& info) { return test_name(info.param.first); });

TEST(TekkenGolden, agrees_with_mistral_common_in_every_record) {
  LF_REQUIRE_SHARED();
  const TempFolder here;
  const std::string bytes = golden_file("tekken/tekken.json");
  if (bytes.empty()) GTEST_SKIP() << "skipped: the zstd command is missing";
  here.write("tekken.json", bytes);
  const auto tokenizer = load_tokenizer(here.path());
  const std::vector<Json> records = golden_records("tekken.tekken");
  ASSERT_EQ(records.size(), golden_corpus().size() + 1);
  EXPECT_EQ(tokenizer->size(), records[0]["n_words"].get<size_t>());
  EXPECT_EQ(tokenizer->bos_id(), records[0]["bos"].get<TokenId>());
  EXPECT_EQ(tokenizer->eos_id(), records[0]["eos"].get<TokenId>());
  for (size_t i = 1; i < records.size() && !::testing::Test::HasFailure(); ++i) {
    const auto index = records[i]["i"].get<size_t>();
    const std::string& text = golden_corpus()[index];
    const std::vector<TokenId> ids = tokenizer->encode(text);
    EXPECT_TRUE(agrees(records[i], "ids", ids)) << index << ": " << text.substr(0, 200);
    if (records[i].contains("ids")) {
      EXPECT_EQ(tokenizer->decode(ids), records[i].value("dec", text));
    }
  }
}

}  // namespace
}  // namespace lf::testing
