// Published tokenizer.json files on 2,612 texts: every record that the Rust library (0.23.3) gives for them.
#include <mutex>
#include <thread>

#include "golden_files.h"
#include "tokenizer/hf_tokenizer.h"

namespace lf::testing {
namespace {

/// What does not agree, for all threads.
class Problems {
 public:
  template <class A, class B>
  void expect_equal(const A& ours, const B& reference, const std::string& what) {
    if (ours == reference) return;
    const std::scoped_lock lock(mutex_);
    if (++count_ > kShown) return;
    text_ += what + "\n  ours:      " + Json(ours).dump().substr(0, 2000) +
             "\n  reference: " + Json(reference).dump().substr(0, 2000) + "\n";
  }
  void expect(const ::testing::AssertionResult& result, const std::string& what) {
    if (!result) expect_equal(std::string(result.message()), "", what);
  }
  size_t count() const { return count_; }
  const std::string& text() const { return text_; }

 private:
  static constexpr size_t kShown = 6;
  std::mutex mutex_;
  size_t count_ = 0;
  std::string text_;
};

std::vector<uint32_t> flat(const std::vector<Span>& spans) {
  std::vector<uint32_t> out;
  for (const Span& span : spans) out.insert(out.end(), {span.begin, span.end});
  return out;
}

class HfGolden : public ::testing::TestWithParam<std::string> {
 public:
  void check_head();
  void check_text(const Json& record);
  void check_full(const Json& record, const std::string& text, const std::vector<TokenId>& ids);
  void check_decoded(const Json& record, const std::string& text, const std::vector<TokenId>& ids,
                     const std::vector<TokenId>& special);
  void check_stream(const Json& record, const std::vector<TokenId>& ids);
  void check_pair(const Json& record);
  void check_split(const Json& record);
  void each(void (HfGolden::*check)(const Json&), const char* key);

  std::unique_ptr<HfTokenizer> tokenizer_;
  std::vector<Json> records_;
  std::optional<std::vector<TokenId>> prefix_, suffix_;
  Problems problems_;
};

void HfGolden::check_head() {
  const Json& head = records_[0];
  ASSERT_EQ(head["lib"], "tokenizers 0.23.3");
  if (!head["prefix"].is_null()) {
    prefix_ = head["prefix"].get<std::vector<TokenId>>();
    suffix_ = head["suffix"].get<std::vector<TokenId>>();
  }
  EXPECT_EQ(tokenizer_->size(), head["vocab_size_with_added"].get<size_t>());
  EXPECT_EQ(tokenizer_->encode("", true), head["empty_with_special"].get<std::vector<TokenId>>());
  const size_t count = head["max_id"].get<size_t>() + 1;
  const auto id = [](size_t i) { return static_cast<TokenId>(i); };
  EXPECT_EQ(hash_of_lines(count,
                          [&](size_t i) {
                            const auto token = tokenizer_->id_to_token(id(i));
                            return token ? Json(*token) : Json();
                          }),
            head["id_to_token_sha"]);
  EXPECT_EQ(hash_of_lines(count, [&](size_t i) { return Json(tokenizer_->decode(std::array{id(i)}, false)); }),
            head["decode_each_sha"]);
}

void HfGolden::check_text(const Json& record) {
  const std::string& text = golden_corpus().at(record["i"].get<size_t>());
  const std::string where = record["i"].dump() + ": " + text.substr(0, 100);
  const std::vector<TokenId> ids = tokenizer_->encode(text, false);
  const std::vector<TokenId> special = tokenizer_->encode(text, true);
  problems_.expect(agrees(record, "ids", ids), where);
  if (record.contains("ids_special") || record.contains("n_ids_special")) {
    problems_.expect(agrees(record, "ids_special", special), where);
  } else {
    std::vector<TokenId> expected = prefix_.value_or(std::vector<TokenId>());
    expected.insert(expected.end(), ids.begin(), ids.end());
    if (suffix_) expected.insert(expected.end(), suffix_->begin(), suffix_->end());
    problems_.expect_equal(special, expected, where + " with special tokens");
  }
  check_full(record, text, ids);
  if (record.contains("ids")) check_decoded(record, text, ids, special);
}

void HfGolden::check_full(const Json& record, const std::string& text, const std::vector<TokenId>& ids) {
  const std::string where = record["i"].dump() + " encode_full: " + text.substr(0, 100);
  const Encoding full = tokenizer_->encode_full(text, std::nullopt, {.add_special_tokens = false});
  problems_.expect_equal(full.ids, ids, where);
  problems_.expect_equal(tokenizer_->encode_full(text, std::nullopt, {}).ids, tokenizer_->encode(text, true), where);
  if (!record.contains("tok")) return;
  problems_.expect_equal(full.tokens, record["tok"].get<std::vector<std::string>>(), where);
  problems_.expect_equal(flat(full.offsets), record["off"].get<std::vector<uint32_t>>(), where);
}

void HfGolden::check_decoded(const Json& record, const std::string& text, const std::vector<TokenId>& ids,
                             const std::vector<TokenId>& special) {
  const std::string where = record["i"].dump() + " decoded";
  const std::string expected = record.value("dec", text);
  problems_.expect_equal(tokenizer_->decode(ids, false), expected, where);
  problems_.expect_equal(tokenizer_->decode(special, true), record.value("dec_skip", expected), where + ", skip");
  if (record.contains("stream")) check_stream(record, ids);
}

void HfGolden::check_stream(const Json& record, const std::vector<TokenId>& ids) {
  StreamDecoder stream(*tokenizer_, false);
  std::vector<std::string> ours, reference;
  for (const TokenId id : ids) ours.push_back(stream.push(id));
  for (const Json& piece : record["stream"]) reference.push_back(piece.is_null() ? "" : piece.get<std::string>());
  problems_.expect_equal(ours, reference, record["i"].dump() + " stream");
}

void HfGolden::check_pair(const Json& record) {
  const auto text = [&](size_t which) { return golden_corpus().at(record["pair"][which].get<size_t>()); };
  const Encoding pair = tokenizer_->encode_full(text(0), text(1), {});
  const std::string where = "pair " + record["pair"].dump();
  problems_.expect_equal(pair.ids, record["ids"].get<std::vector<TokenId>>(), where);
  problems_.expect_equal(pair.type_ids, record["type_ids"].get<std::vector<uint32_t>>(), where + " type ids");
  problems_.expect_equal(pair.special_tokens_mask, record["mask"].get<std::vector<uint8_t>>(), where + " mask");
  problems_.expect_equal(pair.attention_mask, std::vector<uint8_t>(pair.size(), 1), where + " attention");
}

/// With special tokens that are split like text.
void HfGolden::check_split(const Json& record) {
  const std::string& text = golden_corpus().at(record["i"].get<size_t>());
  const bool differs = record.contains("ids_split") || record.contains("n_ids_split");
  problems_.expect(agrees(record, differs ? "ids_split" : "ids", tokenizer_->encode(text, false)),
                   record["i"].dump() + " split: " + text.substr(0, 100));
}

void HfGolden::each(void (HfGolden::*check)(const Json&), const char* key) {
  std::vector<std::thread> threads;
  constexpr size_t kThreads = 2;
  for (size_t t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (size_t i = t; i < records_.size(); i += kThreads) {
        if (!records_[i].contains(key)) continue;
        try {
          (this->*check)(records_[i]);
        } catch (const std::exception& error) {
          problems_.expect_equal(std::string(error.what()), "no error", "record " + std::to_string(i));
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST_P(HfGolden, agrees_with_the_rust_library_in_every_record) {
  LF_REQUIRE_SHARED();
  tokenizer_ =
      std::make_unique<HfTokenizer>(golden_file(GetParam() + "/tokenizer.json"), GetParam(), TokenizerConfig());
  tokenizer_->set_added_token_names(AddedTokenNames::kNormalized);
  records_ = golden_records(GetParam() + ".hf");
  const auto with = [&](const char* key) {
    return std::count_if(records_.begin(), records_.end(), [&](const Json& record) { return record.contains(key); });
  };
  ASSERT_EQ(with("i"), golden_corpus().size());
  ASSERT_EQ(static_cast<size_t>(1 + with("i") + with("pair")), records_.size());
  golden_corpus();
  check_head();
  each(&HfGolden::check_text, "i");
  each(&HfGolden::check_pair, "pair");
  tokenizer_->set_split_special_tokens(true);
  each(&HfGolden::check_split, "i");
  EXPECT_EQ(problems_.count(), 0u) << problems_.text();
}

INSTANTIATE_TEST_SUITE_P(all, HfGolden,
                         ::testing::Values("clip", "deepseek-llm", "deepseek-v3", "falcon", "gemma", "gpt-neox-20b",
                                           "gpt2", "llama2", "llama3", "midi-wordlevel", "minilm-l6", "phi-2",
                                           "phi-3-mini", "qwen2.5", "roberta-base", "starcoder", "t5-small",
                                           "tiny-gemma", "tiny-llama3", "tiny-qwen2", "whisper-large-v3"),
                         [](const auto& info) { return test_name(info.param); });

}  // namespace
}  // namespace lf::testing
