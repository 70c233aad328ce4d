// OPT's vocab.json and merges.txt on 2,612 texts: every record of the Rust library.
#include "golden_files.h"

namespace lf::testing {
namespace {

void check_stream(const Tokenizer& tokenizer, const Json& expected, const std::vector<TokenId>& ids) {
  StreamDecoder stream(tokenizer, false);
  for (size_t i = 0; i < ids.size(); ++i)
    EXPECT_EQ(stream.push(ids[i]), expected[i].is_null() ? "" : expected[i].get<std::string>()) << "token " << i;
}

void check_full(const Tokenizer& tokenizer, const Json& record, const std::string& text) {
  const Encoding full = tokenizer.encode_full(text);
  EXPECT_EQ(full.tokens, record["tok"].get<std::vector<std::string>>());
  std::vector<uint32_t> offsets;
  for (const Span& span : full.offsets) offsets.insert(offsets.end(), {span.begin, span.end});
  EXPECT_EQ(offsets, record["off"].get<std::vector<uint32_t>>());
}

void check_pair(const Tokenizer& tokenizer, const Json& record) {
  const auto text = [&](size_t which) { return golden_corpus().at(record["pair"][which].get<size_t>()); };
  const Encoding pair = tokenizer.encode_full(text(0), text(1));
  EXPECT_EQ(pair.ids, record["ids"].get<std::vector<TokenId>>());
  EXPECT_EQ(pair.type_ids, record["type_ids"].get<std::vector<uint32_t>>());
  EXPECT_EQ(pair.special_tokens_mask, record["mask"].get<std::vector<uint8_t>>());
}

TEST(BpeFilesGolden, agree_with_the_rust_library_in_every_record) {
  LF_REQUIRE_SHARED();
  const TempFolder here;
  const std::string vocab = golden_file("opt/vocab.json");
  if (vocab.empty()) GTEST_SKIP() << "skipped: the zstd command is missing";
  here.write("vocab.json", vocab).write("merges.txt", golden_file("opt/merges.txt"));
  const auto tokenizer = load_tokenizer(here.path());
  const std::vector<Json> records = golden_records("opt.bpe");
  const Json& head = records.at(0);
  EXPECT_EQ(tokenizer->size(), head["vocab_size_with_added"].get<size_t>());
  const size_t top = head["max_id"].get<size_t>() + 1;
  EXPECT_EQ(hash_of_lines(top,
                          [&](size_t id) {
                            const auto token = tokenizer->id_to_token(static_cast<TokenId>(id));
                            return token ? Json(*token) : Json();
                          }),
            head["id_to_token_sha"]);
  EXPECT_EQ(
      hash_of_lines(top, [&](size_t id) { return Json(tokenizer->decode(std::array{static_cast<TokenId>(id)})); }),
      head["decode_each_sha"]);
  size_t checked = 0;
  for (const Json& record : records) {
    if (record.contains("pair")) check_pair(*tokenizer, record);
    if (!record.contains("i")) continue;
    ++checked;
    const std::string& text = golden_corpus().at(record["i"].get<size_t>());
    SCOPED_TRACE(text.substr(0, 200));
    const std::vector<TokenId> ids = tokenizer->encode(text);
    ASSERT_TRUE(agrees(record, "ids", ids));
    EXPECT_EQ(tokenizer->encode(text, true), ids);
    if (!record.contains("ids")) continue;
    EXPECT_EQ(tokenizer->decode(ids), record.value("dec", text));
    EXPECT_EQ(tokenizer->decode(ids, true), record.value("dec_skip", record.value("dec", text)));
    if (record.contains("tok")) check_full(*tokenizer, record, text);
    if (record.contains("stream")) check_stream(*tokenizer, record["stream"], ids);
  }
  EXPECT_EQ(checked, golden_corpus().size());
}

}  // namespace
}  // namespace lf::testing
