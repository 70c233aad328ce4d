// Single normalizers, pre-tokenizers and decoders, added tokens with every set of flags, post-processors with
// truncation and padding: every record that the Rust library (0.23.3) gives. Where it refuses or panics, we have to
// refuse.
#include "tokenizer/components.h"

#include "base/error.h"
#include "golden_files.h"
#include "tokenizer/hf_tokenizer.h"

namespace lf::testing {
namespace {

/// A JSON value as the loaders see it.
struct Spec {
  explicit Spec(const Json& value) : text(Json{{"spec", value}}.dump()), file(text, "spec") {}
  JsonView view() const { return file.root().at("spec"); }
  std::string text;
  JsonFile file;
};

constexpr size_t kHandMade = 160;  // code points; longer texts and those of the demo data are not in these goldens
constexpr size_t kDemoBegins = 1061;

size_t code_points(const std::string& text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

const std::vector<Json>& all_records() {
  static const std::vector<Json> records = golden_records("components");
  return records;
}

class Components : public ::testing::Test {
 protected:
  void SetUp() override { LF_REQUIRE_SHARED(); }

  /// Calls check(record) for the `count` records of a kind.
  template <class Check>
  void each(const std::string& kind, size_t count, const Check& check) {
    for (const Json& record : all_records()) {
      if (record.value("kind", "") != kind) continue;
      SCOPED_TRACE(record.contains("spec") ? record["spec"].dump() : "");
      --count;
      check(record);
    }
    EXPECT_EQ(count, 0u) << "records of the kind " << kind;
  }
};

TEST_F(Components, normalizers_change_what_the_reference_changes) {
  each("normalizer", 27, [&](const Json& record) {
    const Spec spec(record["spec"]);
    const auto normalizer = make_normalizer(spec.view());
    std::map<size_t, std::string> changed;
    for (const Json& item : record["changed"]) changed[item[0].get<size_t>()] = item[1].get<std::string>();
    for (size_t i = 0; i < kDemoBegins; ++i) {
      const std::string& original = golden_corpus()[i];
      if (code_points(original) > kHandMade) continue;
      std::string text = original;
      normalizer->apply(text);
      EXPECT_EQ(text, changed.contains(i) ? changed[i] : original) << i;
      AlignedText aligned(original, 0);
      normalizer->apply_aligned(aligned);
      EXPECT_EQ(aligned.text(), text) << i << " with its alignment";
      EXPECT_EQ(aligned.spans().size(), text.size()) << i;
    }
  });
}

/// [piece or 0 when it is the slice of the text itself, begin, end], as the goldens have them.
Json pieces_of(const PreTokenizer& pre_tokenizer, const std::string& text) {
  const AlignedText aligned(text, 0);
  PreText pieces(aligned.text(), aligned.spans());
  if (!text.empty()) pre_tokenizer.apply(pieces);
  const CodePointIndex index(text);
  Json out = Json::array();
  for (size_t i = 0; i < pieces.pieces.size(); ++i) {
    const auto [begin, end] = pieces.pieces[i];
    if (begin == end) continue;
    const ByteSpan bytes{pieces.spans[begin].begin, pieces.spans[end - 1].end};
    const Span span = index.convert(bytes);
    const bool slice = text.substr(bytes.begin, bytes.end - bytes.begin) == pieces.piece(i);
    out.push_back({slice ? Json(0) : Json(pieces.piece(i)), span.begin, span.end});
  }
  return out;
}

TEST_F(Components, pre_tokenizers_cut_where_the_reference_cuts) {
  each("pre_tokenizer", 96, [&](const Json& record) {
    const Spec spec(record["spec"]);
    if (record.contains("load_error")) {
      EXPECT_THROW(make_pre_tokenizer(spec.view()), Error);
      return;
    }
    const auto pre_tokenizer = make_pre_tokenizer(spec.view());
    int shown = 0;
    for (const Json& item : record["out"]) {
      const std::string& text = golden_corpus().at(item[0].get<size_t>());
      ASSERT_TRUE(item[1].is_array());
      const Json ours = pieces_of(*pre_tokenizer, text);
      if (ours != item[1] && ++shown < 4) ADD_FAILURE() << item[0] << ": " << ours << "\n" << item[1];
      PreText plain(text, true);
      if (!text.empty()) pre_tokenizer->apply(plain);
      size_t next = 0;
      for (size_t i = 0; i < plain.pieces.size(); ++i) {
        if (plain.piece(i).empty()) continue;
        ASSERT_LT(next, ours.size()) << "without spans";
        if (ours[next][0].is_string()) {
          EXPECT_EQ(ours[next][0].get<std::string>(), plain.piece(i)) << "without spans";
        }
        ++next;
      }
      EXPECT_EQ(next, ours.size()) << "without spans";
    }
    EXPECT_EQ(shown, 0);
  });
}

TEST_F(Components, decoders_join_as_the_reference_joins) {
  each("decoder", 18, [&](const Json& record) {
    const Spec spec(record["spec"]);
    const auto decoder = make_decoder(spec.view());
    for (const Json& item : record["out"]) {
      auto tokens = item[0].get<std::vector<std::string>>();
      SCOPED_TRACE(item[0].dump());
      if (!item[1].is_string()) {
        EXPECT_THROW(decoder->apply(tokens), Error);
        continue;
      }
      decoder->apply(tokens);
      std::string text;
      for (const std::string& token : tokens) text += token;
      EXPECT_EQ(text, item[1].get<std::string>());
    }
  });
}

/// The tokenizer that the goldens hang the other parts on.
std::unique_ptr<Tokenizer> word_level(const Json& parts) {
  Json json = {
      {"version", "1.0"},
      {"pre_tokenizer", {{"type", "WhitespaceSplit"}}},
      {"model",
       {{"type", "WordLevel"},
        {"vocab",
         {{"<unk>", 0}, {"a", 1}, {"b", 2}, {"x", 3}, {"y", 4}, {"Hello", 5}, {"world", 6}, {"hello", 7}, {"1", 8}}},
        {"unk_token", "<unk>"}}}};
  json.update(parts);
  auto made = std::make_unique<HfTokenizer>(json.dump(), "golden", TokenizerConfig());
  made->set_added_token_names(AddedTokenNames::kNormalized);
  return made;
}

std::vector<uint32_t> flat(const std::vector<Span>& spans) {
  std::vector<uint32_t> out;
  for (const Span& span : spans) out.insert(out.end(), {span.begin, span.end});
  return out;
}

TEST_F(Components, added_tokens_obey_their_flags) {
  each("added", 160, [&](const Json& record) {
    const auto tokenizer = word_level({{"normalizer", record["normalizer"]}, {"added_tokens", record["added"]}});
    for (const Json& item : record["out"]) {
      const auto text = item[0].get<std::string>();
      SCOPED_TRACE(text + " " + record["added"].dump() + record["normalizer"].dump());
      const auto ids = item[1].get<std::vector<TokenId>>();
      EXPECT_EQ(tokenizer->encode(text), ids);
      const Encoding full = tokenizer->encode_full(text);
      EXPECT_EQ(full.ids, ids);
      EXPECT_EQ(flat(full.offsets), item[2].get<std::vector<uint32_t>>());
      EXPECT_EQ(tokenizer->decode(ids, true), item[3].get<std::string>());
      EXPECT_EQ(tokenizer->decode(ids, false), item[4].get<std::string>());
    }
  });
}

void expect_encoding(const Encoding& ours, const Json& item) {
  EXPECT_EQ(ours.ids, item[2].get<std::vector<TokenId>>());
  EXPECT_EQ(ours.type_ids, item[3].get<std::vector<uint32_t>>());
  EXPECT_EQ(ours.attention_mask, item[4].get<std::vector<uint8_t>>());
  EXPECT_EQ(ours.special_tokens_mask, item[5].get<std::vector<uint8_t>>());
  std::vector<std::vector<TokenId>> windows;
  for (const Encoding& window : ours.overflowing) windows.push_back(window.ids);
  EXPECT_EQ(windows, item[6].get<std::vector<std::vector<TokenId>>>());
}

TEST_F(Components, post_processors_truncation_and_padding) {
  each("post", 195, [&](const Json& record) {
    const auto tokenizer = word_level({{"post_processor", record["post_processor"]},
                                       {"truncation", record["truncation"]},
                                       {"padding", record["padding"]}});
    for (const Json& item : record["out"]) {
      SCOPED_TRACE(item[0].dump() + item[1].dump() + record["post_processor"].dump() + record["truncation"].dump() +
                   record["padding"].dump());
      const auto text = item[0].get<std::string>();
      const auto pair = item[1].is_null() ? std::nullopt : std::optional(item[1].get<std::string>());
      const EncodeOptions options{.truncate = true, .pad = true};
      if (item[2].is_object()) {
        EXPECT_THROW(tokenizer->encode_full(text, pair, options), Error);
        continue;
      }
      expect_encoding(tokenizer->encode_full(text, pair, options), item);
      if (!pair && record["truncation"].is_null() && record["padding"].is_null()) {
        EXPECT_EQ(tokenizer->encode(text, true), item[2].get<std::vector<TokenId>>());
      }
    }
  });
}

}  // namespace
}  // namespace lf::testing
