// What transformers' AutoTokenizer gives where it differs from the plain pipeline, version by version: every record,
// and no difference on any other text.
#include "golden_files.h"
#include "tokenizer/hf_tokenizer.h"

namespace lf::testing {
namespace {

struct Case {
  const char* name;
  const char* version;
};

class ReadingGolden : public ::testing::TestWithParam<Case> {
 protected:
  bool load();
  void check(const Json& record, const std::string& text);

  TempFolder here_;
  std::unique_ptr<Tokenizer> read_, plain_;
};

bool ReadingGolden::load() {
  const std::string name = GetParam().name, json = golden_file(name + "/tokenizer.json");
  if (json.empty()) return false;
  here_.write("tokenizer.json", json).write("tokenizer_config.json", golden_file(name + "/tokenizer_config.json"));
  const std::string map = golden_file(name + "/special_tokens_map.json");
  if (!map.empty()) here_.write("special_tokens_map.json", map);
  const bool four = GetParam().version[0] == '4';
  read_ = load_tokenizer(here_.path(),
                         {.reading = four ? TokenizerReading::kTransformers4 : TokenizerReading::kTransformers5});
  plain_ = std::make_unique<HfTokenizer>(json, "tokenizer.json", TokenizerConfig());
  return true;
}

void ReadingGolden::check(const Json& record, const std::string& text) {
  const auto expected_ids = [&](const char* key, bool special) {
    return record.contains(key) ? record[key].get<std::vector<TokenId>>() : plain_->encode(text, special);
  };
  const std::vector<TokenId> plain = read_->encode(text), special = read_->encode(text, true);
  EXPECT_EQ(plain, expected_ids("plain", false));
  EXPECT_EQ(special, expected_ids("special", true));
  EXPECT_EQ(read_->decode(plain), record.contains("dec") ? record["dec"].get<std::string>() : plain_->decode(plain));
  EXPECT_EQ(read_->decode(special, true),
            record.contains("dec_skip") ? record["dec_skip"].get<std::string>() : plain_->decode(special, true));
}

TEST_P(ReadingGolden, agrees_with_transformers_in_every_record) {
  LF_REQUIRE_SHARED();
  if (!load()) GTEST_SKIP() << "skipped: the zstd command is missing";
  const std::vector<Json> records = golden_records(std::string(GetParam().name) + ".auto-" + GetParam().version);
  const Json& head = records.at(0);
  EXPECT_EQ(read_->size(), head["len"].get<size_t>());
  const auto id = [](const Json& value) {
    return value.is_null() ? std::nullopt : std::optional(value.get<TokenId>());
  };
  EXPECT_EQ(read_->bos_id(), id(head["bos"]));
  EXPECT_EQ(read_->eos_id(), id(head["eos"]));
  EXPECT_EQ(read_->pad_id(), id(head["pad"]));
  std::map<size_t, Json> by_text;
  for (size_t i = 1; i < records.size(); ++i) by_text[records[i]["i"].get<size_t>()] = records[i];
  size_t compared = 0;
  std::ifstream corpus(shared_path("tokenizers/corpus.jsonl"));
  for (std::string line; std::getline(corpus, line) && !HasFailure();) {
    const Json entry = parse_json(line, "corpus");
    const std::string text = entry["text"];
    size_t characters = 0;
    for (const char c : text) characters += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
    if (entry["cat"].get<std::string>().starts_with("demo/") || characters > 1500) continue;
    SCOPED_TRACE(text.substr(0, 200));
    const auto record = by_text.find(entry["i"].get<size_t>());
    check(record == by_text.end() ? Json::object() : record->second, text);
    ++compared;
  }
  if (!HasFailure()) {
    EXPECT_EQ(compared, head["compared"].get<size_t>());
  }
}

constexpr Case kCases[] = {{"clip", "4.56.2"},           {"clip", "5.8.0"},
                           {"deepseek-v3", "4.56.2"},    {"deepseek-v3", "5.8.0"},
                           {"gemma", "4.56.2"},          {"gemma", "5.8.0"},
                           {"llama2", "4.56.2"},         {"llama2", "5.8.0"},
                           {"llama3", "4.56.2"},         {"llama3", "5.8.0"},
                           {"minilm-l6", "4.56.2"},      {"minilm-l6", "5.8.0"},
                           {"phi-2", "4.56.2"},          {"phi-2", "5.8.0"},
                           {"phi-3-mini", "4.56.2"},     {"phi-3-mini", "5.8.0"},
                           {"qwen2.5", "4.56.2"},        {"qwen2.5", "5.8.0"},
                           {"roberta-base", "5.8.0"},    {"t5-small", "4.56.2"},
                           {"t5-small", "5.8.0"},        {"whisper-large-v3", "4.56.2"},
                           {"whisper-large-v3", "5.8.0"}};

INSTANTIATE_TEST_SUITE_P(all, ReadingGolden, ::testing::ValuesIn(kCases), [](const auto& info) {
  return test_name(std::string(info.param.name) + "_" + info.param.version);
});

}  // namespace
}  // namespace lf::testing
