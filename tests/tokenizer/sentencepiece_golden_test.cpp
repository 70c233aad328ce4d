// Published SentencePiece models on 2,612 texts: every record of the library.
#include "golden_files.h"
#include "tokenizer/sentencepiece/sentencepiece.h"

namespace lf::testing {
namespace {

std::vector<std::string> pieces_of(const SentencePiece& model, const std::string& text) {
  std::vector<std::string> pieces;
  for (const SentencePiece::Part& part : model.encode(text)) pieces.push_back(part.piece);
  return pieces;
}

void check_head(const SentencePiece& model, const Json& head) {
  const size_t count = model.file().pieces.size();
  EXPECT_EQ(count, head["vocab_size"].get<size_t>());
  EXPECT_EQ(model.file().unk_id, head["unk"].get<TokenId>());
  const auto piece = [&](size_t id) { return std::string(model.file().piece_of(static_cast<TokenId>(id))); };
  EXPECT_EQ(hash_of_lines(count, [&](size_t id) { return Json(piece(id)); }), head["id_to_token_sha"]);
  EXPECT_EQ(hash_of_lines(count,
                          [&](size_t id) {
                            const auto token = static_cast<TokenId>(id);
                            return Json(model.decode(std::span(&token, 1)));
                          }),
            head["decode_each_sha"]);
}

void check(const SentencePiece& model, const Json& record, const std::string& text) {
  std::vector<TokenId> ids;
  model.encode_ids(text, ids);
  EXPECT_TRUE(agrees(record, "ids", ids));
  if (!record.contains("ids")) return;
  if (record.contains("tok")) {
    EXPECT_EQ(pieces_of(model, text), record["tok"].get<std::vector<std::string>>());
  }
  EXPECT_EQ(model.decode(ids), record.value("dec", text));
  if (record.contains("norm") || text.size() <= 1200) {  // above 1,200 code points it is not recorded
    EXPECT_EQ(model.normalize(text), record.value("norm", text));
  }
}

class SentencePieceGolden : public ::testing::TestWithParam<std::pair<const char*, const char*>> {};

TEST_P(SentencePieceGolden, agrees_with_the_library_in_every_record) {
  LF_REQUIRE_SHARED();
  const auto [name, file] = GetParam();
  const std::string bytes = golden_file(std::string(name) + "/" + file);
  if (bytes.empty()) GTEST_SKIP() << "skipped: the zstd command is missing";
  const SentencePiece model(bytes, file);
  const std::vector<Json> records = golden_records(std::string(name) + ".sp");
  ASSERT_EQ(records.size(), golden_corpus().size() + 1);
  check_head(model, records[0]);
  for (size_t i = 1; i < records.size() && !HasFailure(); ++i) {
    const auto index = records[i]["i"].get<size_t>();
    SCOPED_TRACE(std::to_string(index) + ": " + golden_corpus()[index].substr(0, 200));
    check(model, records[i], golden_corpus()[index]);
  }
}

INSTANTIATE_TEST_SUITE_P(
    all, SentencePieceGolden,
    ::testing::Values(std::pair("llama2", "tokenizer.model"), std::pair("mistral-v1", "tokenizer.model"),
                      std::pair("mistral-v3", "tokenizer.model.v3"), std::pair("chinese-llama-2", "tokenizer.model"),
                      std::pair("internlm", "tokenizer.model"), std::pair("chatglm-6b", "ice_text.model"),
                      std::pair("bpemb-en-100k", "en.wiki.bpe.vs100000.model"), std::pair("t5-sp", "spiece.model"),
                      std::pair("sp-unigram-en-1k", "test_model.model")),
    [](const auto& info) { return test_name(info.param.first); });

}  // namespace
}  // namespace lf::testing
