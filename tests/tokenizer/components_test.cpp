// Single normalizers, pre-tokenizers and decoders, added tokens with every set of flags, post-processors: against the
// Rust library.
#include "tokenizer/components.h"

#include "base/error.h"
#include "tokenizer_support.h"

namespace lf::testing {
namespace {

/// A JSON value as the loaders see it.
struct Spec {
  explicit Spec(const Json& value) : text(Json{{"spec", value}}.dump()), file(text, "spec") {}
  JsonView view() const { return file.root().at("spec"); }
  std::string text;
  JsonFile file;
};

class Components : public ::testing::Test {
 protected:
  void SetUp() override {
    LF_REQUIRE_SHARED();
    std::ifstream in(shared_path("tokenizers/corpus.jsonl"));
    for (std::string line; std::getline(in, line);) corpus_.push_back(parse_json(line, "corpus")["text"]);
    std::istringstream lines(read_zst(shared_path("tokenizers/goldens/components.jsonl.zst")));
    for (std::string line; std::getline(lines, line);) records_.push_back(parse_json(line, "components"));
    if (records_.empty()) GTEST_SKIP() << "skipped: the zstd command is missing";
  }
  /// Calls check(record) for the records of a kind; those whose parts are not available are counted in the result.
  template <class Check>
  std::vector<std::string> each(const std::string& kind, const Check& check) {
    std::vector<std::string> unavailable;
    for (const Json& record : records_) {
      if (record.value("kind", "") != kind || record.contains("load_error")) continue;
      SCOPED_TRACE(record.contains("spec") ? record["spec"].dump() : "");
      try {
        check(record);
      } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::kUnsupported) << error.what();
        unavailable.push_back(record.contains("spec") ? record["spec"].dump() : error.what());
      }
    }
    return unavailable;
  }

  std::vector<std::string> corpus_;
  std::vector<Json> records_;
};

constexpr size_t kHandMade = 160;  // code points; longer texts and those of the demo data are not in these goldens
constexpr size_t kDemoBegins = 1061;

size_t code_points(const std::string& text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

TEST_F(Components, normalizers_change_what_the_reference_changes) {
  const auto unavailable = each("normalizer", [&](const Json& record) {
    const Spec spec(record["spec"]);
    const auto normalizer = make_normalizer(spec.view());
    std::map<size_t, std::string> changed;
    for (const Json& item : record["changed"]) changed[item[0].get<size_t>()] = item[1].get<std::string>();
    for (size_t i = 0; i < kDemoBegins; ++i) {
      if (code_points(corpus_[i]) > kHandMade) continue;
      std::string text = corpus_[i];
      normalizer->apply(text);
      EXPECT_EQ(text, changed.contains(i) ? changed[i] : corpus_[i]) << i;
    }
  });
  EXPECT_EQ(unavailable.size(), 6u) << ::testing::PrintToString(unavailable);
}

TEST_F(Components, decoders_join_as_the_reference_joins) {
  const auto unavailable = each("decoder", [&](const Json& record) {
    const Spec spec(record["spec"]);
    const auto decoder = make_decoder(spec.view());
    for (const Json& item : record["out"]) {
      if (!item[1].is_string()) continue;
      auto tokens = item[0].get<std::vector<std::string>>();
      decoder->apply(tokens);
      std::string text;
      for (const std::string& token : tokens) text += token;
      EXPECT_EQ(text, item[1].get<std::string>()) << item[0].dump();
    }
  });
  EXPECT_EQ(unavailable.size(), 5u) << ::testing::PrintToString(unavailable);
}

Json word_level(const Json& vocab) {
  return {{"version", "1.0"}, {"model", {{"type", "WordLevel"}, {"vocab", vocab}, {"unk_token", "<unk>"}}}};
}

TEST_F(Components, added_tokens_obey_their_flags) {
  int checked = 0;
  each("added", [&](const Json& record) {
    Json json = word_level(
        {{"<unk>", 0}, {"a", 1}, {"b", 2}, {"x", 3}, {"y", 4}, {"Hello", 5}, {"world", 6}, {"hello", 7}, {"1", 8}});
    json["normalizer"] = record["normalizer"];
    json["added_tokens"] = record["added"];
    json["pre_tokenizer"] = {{"type", "WhitespaceSplit"}};
    const TempFolder folder;
    folder.write("tokenizer.json", json.dump());
    const auto tokenizer = load_tokenizer(folder.path());
    for (const Json& item : record["out"]) {
      if (!item[1].is_array()) continue;
      EXPECT_EQ(tokenizer->encode(item[0].get<std::string>()), item[1].get<std::vector<TokenId>>())
          << item[0] << " " << record["added"].dump() << record["normalizer"].dump();
      ++checked;
    }
  });
  EXPECT_GT(checked, 3000);
}

TEST_F(Components, post_processors_surround_single_texts) {
  int checked = 0;
  each("post", [&](const Json& record) {
    if (!record["truncation"].is_null() || !record["padding"].is_null()) return;
    Json json = word_level(
        {{"<unk>", 0}, {"a", 1}, {"b", 2}, {"x", 3}, {"y", 4}, {"Hello", 5}, {"world", 6}, {"hello", 7}, {"1", 8}});
    json["post_processor"] = record["post_processor"];
    json["pre_tokenizer"] = {{"type", "WhitespaceSplit"}};
    const TempFolder folder;
    folder.write("tokenizer.json", json.dump());
    const auto tokenizer = load_tokenizer(folder.path());
    for (const Json& item : record["out"]) {
      if (!item[1].is_null() || !item[2].is_array()) continue;
      EXPECT_EQ(tokenizer->encode(item[0].get<std::string>(), true), item[2].get<std::vector<TokenId>>())
          << item[0] << record["post_processor"].dump();
      ++checked;
    }
  });
  EXPECT_EQ(checked, 10);
}

}  // namespace
}  // namespace lf::testing
