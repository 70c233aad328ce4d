// Published tokenizers on 2,612 texts: ids, tokens, decoded texts and what a stream hands out, as the Rust library
// gives them.
#include "tokenizer_support.h"

namespace lf::testing {
namespace {

/// The reference of these goldens (0.23.3) loses the special mark of tokens that are matched in normalised text; 0.22
/// and we keep it.
bool keeps_special_mark(const std::string& name) { return name != "llama2"; }

class PublishedTokenizer : public ::testing::TestWithParam<std::string> {
 protected:
  static std::vector<std::string> corpus() {
    std::vector<std::string> texts;
    std::ifstream in(shared_path("tokenizers/corpus.jsonl"));
    for (std::string line; std::getline(in, line);) texts.push_back(parse_json(line, "corpus")["text"]);
    return texts;
  }
  void load(const std::string& name) {
    const auto folder = shared_path("tokenizers/" + name);
    if (std::filesystem::exists(folder / "tokenizer.json")) {
      std::filesystem::copy_file(folder / "tokenizer.json", here_.path() / "tokenizer.json");
    } else {
      const std::string json = read_zst(folder / "tokenizer.json.zst");
      if (json.empty()) GTEST_SKIP() << "skipped: the zstd command is missing";
      here_.write("tokenizer.json", json);
    }
    tokenizer_ = load_tokenizer(here_.path());
  }
  void check(const Json& record, const std::string& text);
  void check_stream(const Json& record, const std::vector<TokenId>& ids);

  TempFolder here_;
  std::unique_ptr<Tokenizer> tokenizer_;
  std::vector<TokenId> prefix_, suffix_;
  int checked_ = 0;
};

void PublishedTokenizer::check(const Json& record, const std::string& text) {
  const std::vector<TokenId> ids = tokenizer_->encode(text);
  if (record.contains("n_ids")) {
    EXPECT_EQ(ids.size(), record["n_ids"].get<size_t>());
    return;
  }
  ++checked_;
  EXPECT_EQ(ids, record["ids"].get<std::vector<TokenId>>());
  std::vector<TokenId> special = prefix_;
  special.insert(special.end(), ids.begin(), ids.end());
  special.insert(special.end(), suffix_.begin(), suffix_.end());
  if (record.contains("ids_special")) special = record["ids_special"].get<std::vector<TokenId>>();
  EXPECT_EQ(tokenizer_->encode(text, true), special);
  const std::string decoded = record.contains("dec") ? record["dec"].get<std::string>() : text;
  if (!keeps_special_mark(GetParam())) {
    if (text.find('<') != std::string::npos) return;
    EXPECT_EQ(tokenizer_->decode(ids), decoded);
    return;
  }
  EXPECT_EQ(tokenizer_->decode(ids), decoded);
  EXPECT_EQ(tokenizer_->decode(special, true),
            record.contains("dec_skip") ? record["dec_skip"].get<std::string>() : decoded);
  if (record.contains("stream")) check_stream(record, ids);
}

void PublishedTokenizer::check_stream(const Json& record, const std::vector<TokenId>& ids) {
  StreamDecoder stream(*tokenizer_, false);
  for (size_t i = 0; i < ids.size(); ++i) {
    const Json& expected = record["stream"][i];
    EXPECT_EQ(stream.push(ids[i]), expected.is_null() ? "" : expected.get<std::string>()) << "token " << i;
  }
}

TEST_P(PublishedTokenizer, agrees_with_the_rust_library) {
  LF_REQUIRE_SHARED();
  ASSERT_NO_FATAL_FAILURE(load(GetParam()));
  if (IsSkipped()) return;
  const std::vector<std::string> texts = corpus();
  std::istringstream lines(read_zst(shared_path("tokenizers/goldens/" + GetParam() + ".hf.jsonl.zst")));
  for (std::string line; std::getline(lines, line);) {
    const Json record = parse_json(line, "golden");
    if (record.contains("tokenizer")) {
      prefix_ = record["prefix"].get<std::vector<TokenId>>();
      suffix_ = record["suffix"].get<std::vector<TokenId>>();
      EXPECT_EQ(tokenizer_->size(), record["vocab_size_with_added"].get<size_t>());
    }
    if (!record.contains("i")) continue;
    const size_t index = record["i"].get<size_t>();
    SCOPED_TRACE(std::to_string(index) + ": " + texts.at(index).substr(0, 200));
    check(record, texts.at(index));
    if (HasFailure() && ::testing::UnitTest::GetInstance()->current_test_info()->result()->total_part_count() > 5)
      break;
  }
  EXPECT_GT(checked_, 1000);
}

INSTANTIATE_TEST_SUITE_P(all, PublishedTokenizer,
                         ::testing::Values("llama2", "llama3", "qwen2.5", "phi-3-mini", "tiny-llama3", "tiny-qwen2",
                                           "tiny-gemma", "gpt2", "deepseek-v3", "deepseek-llm", "falcon", "starcoder",
                                           "gemma", "gpt-neox-20b", "phi-2", "roberta-base", "whisper-large-v3",
                                           "clip"),
                         [](const auto& info) {
                           std::string name = info.param;
                           for (char& c : name) c = std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
                           return name;
                         });

}  // namespace
}  // namespace lf::testing
