// What comes from the files of a model folder, and files that are not what they say: always an lf::Error that names the
// file.
#include <gmock/gmock.h>

#include <thread>

#include "base/error.h"
#include "tokenizer_support.h"

namespace lf::testing {
namespace {

using ::testing::HasSubstr;

const std::string kModel = R"("model":{"type":"BPE","vocab":{"a":0,"b":1,"ab":2},"merges":["a b"]})";

std::string with(const std::string& more) { return "{" + kModel + (more.empty() ? "" : "," + more) + "}"; }

std::unique_ptr<Tokenizer> loaded(const std::string& json, const std::string& config = "") {
  const TempFolder folder;
  folder.write("tokenizer.json", json);
  if (!config.empty()) folder.write("tokenizer_config.json", config);
  return load_tokenizer(folder.path());
}

/// The message that loading (and a first encode) fails with; checks its kind.
std::string failure(const std::string& json, ErrorKind kind = ErrorKind::kFormat, const std::string& config = "") {
  try {
    loaded(json, config)->encode("a b ab");
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), kind) << error.what();
    return error.what();
  }
  ADD_FAILURE() << "no error for " << json.substr(0, 200);
  return "";
}

TEST(LoadTokenizer, reads_named_tokens_from_strings_objects_and_the_special_tokens_map) {
  const TempFolder folder;
  folder.write("tokenizer.json", with(""));
  folder.write("tokenizer_config.json",
               R"({"eos_token":{"__type":"AddedToken","content":"<e>","lstrip":false},"pad_token":null,
    "additional_special_tokens":["<x>"],"add_bos_token":true,"chat_template":"inline","model_max_length":1000000000000000019884624838656})");
  folder.write("special_tokens_map.json", R"({"bos_token":"<s>","eos_token":"ignored"})");
  const auto tokenizer = load_tokenizer(folder.path());
  EXPECT_EQ(tokenizer->special_tokens().eos, "<e>");
  EXPECT_EQ(tokenizer->special_tokens().bos, "<s>");
  EXPECT_EQ(tokenizer->special_tokens().pad, "");
  EXPECT_EQ(tokenizer->special_tokens().additional, std::vector<std::string>{"<x>"});
  EXPECT_TRUE(tokenizer->add_bos_token());
  EXPECT_EQ(tokenizer->chat_template(), "inline");
  EXPECT_TRUE(tokenizer->is_special(*tokenizer->eos_id()));
  EXPECT_EQ(tokenizer->encode("ab<e>").size(), 2u);
}

TEST(LoadTokenizer, prefers_the_template_file) {
  const TempFolder folder;
  folder.write("tokenizer.json", with(""))
      .write("tokenizer_config.json", R"({"chat_template":"inline"})")
      .write("chat_template.jinja", "file");
  EXPECT_EQ(load_tokenizer(folder.path())->chat_template(), "file");
}

TEST(LoadTokenizer, takes_the_default_of_several_templates) {
  const auto tokenizer =
      loaded(with(""), R"({"chat_template":[{"name":"tool_use","template":"t"},{"name":"default","template":"d"}]})");
  EXPECT_EQ(tokenizer->chat_template(), "d");
}

TEST(LoadTokenizer, lets_added_tokens_decoder_change_flags) {
  const auto tokenizer = loaded(with(R"("added_tokens":[{"id":3,"content":"<e>","special":true,"rstrip":false}])"),
                                R"({"added_tokens_decoder":{"3":{"content":"<e>","rstrip":true,"special":true}}})");
  EXPECT_EQ(tokenizer->encode("a<e>   b"), (std::vector<TokenId>{0, 3, 1}));
}

TEST(LoadTokenizer, names_what_a_folder_lacks) {
  const TempFolder folder;
  try {
    load_tokenizer(folder.path());
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kIo);
    EXPECT_THAT(error.what(), HasSubstr("tokenizer.json"));
  }
  folder.write("tokenizer.model", "x");
  EXPECT_THROW(load_tokenizer(folder.path()), Error);
  EXPECT_THROW(load_tokenizer(folder.path() / "nowhere"), Error);
}

TEST(LoadTokenizer, refuses_what_is_not_json) {
  for (const std::string json : {"", "nonsense", "[]", "{\"model\":", "{}", "null", "{\"model\":{}} x", "\"text\""}) {
    EXPECT_THAT(failure(json), HasSubstr("tokenizer.json")) << json;
  }
}

TEST(LoadTokenizer, refuses_every_cut_of_a_good_file) {
  std::ifstream in(fixture_path("tokenizers/byte_level/tokenizer.json"));
  const std::string good((std::istreambuf_iterator<char>(in)), {});
  for (size_t length = 0; length + 1 < good.size(); length += 97) failure(good.substr(0, length));
}

TEST(LoadTokenizer, refuses_deep_nesting) {
  std::string spec = R"({"type":"NFC"})";
  for (int i = 0; i < 200; ++i) spec = R"({"type":"Sequence","normalizers":[)" + spec + "]}";
  EXPECT_THAT(failure(with("\"normalizer\":" + spec)), HasSubstr("64 levels"));
  EXPECT_THAT(failure(std::string(1 << 20, '[')), HasSubstr("tokenizer.json"));
}

TEST(LoadTokenizer, refuses_wrong_types_by_place) {
  EXPECT_THAT(failure(R"({"model":[]})"), HasSubstr("model: needed an object but found a list"));
  EXPECT_THAT(failure(R"({"model":{"type":"BPE","vocab":7,"merges":[]}})"), HasSubstr("model.vocab"));
  EXPECT_THAT(failure(R"({"model":{"type":"BPE","vocab":{"a":"0"},"merges":[]}})"), HasSubstr("the id of 'a'"));
  EXPECT_THAT(failure(R"({"model":{"type":"BPE","vocab":{"a":-1},"merges":[]}})"), HasSubstr("the id of 'a'"));
  EXPECT_THAT(failure(R"({"model":{"type":"BPE","vocab":{"a":4000000000},"merges":[]}})"), HasSubstr("the id of 'a'"));
  EXPECT_THAT(failure(R"({"model":{"type":"BPE","vocab":{"a":0},"merges":{}}})"), HasSubstr("model.merges"));
  EXPECT_THAT(failure(with(R"("added_tokens":[{"id":3}])")),
              HasSubstr("added_tokens[0]: the key \"content\" is missing"));
  EXPECT_THAT(failure(with(R"("added_tokens":[{"id":3,"content":5}])")),
              HasSubstr("needed a string but found a number"));
  EXPECT_THAT(failure(with(R"("added_tokens":{"a":1})")), HasSubstr("added_tokens: needed a list"));
  EXPECT_THAT(failure(with(R"("normalizer":"NFC")")), HasSubstr("normalizer"));
  EXPECT_THAT(failure(with(R"("pre_tokenizer":{"type":"Split","pattern":{"Regex":7},"behavior":"Isolated"})")),
              HasSubstr("pattern.Regex"));
  EXPECT_THAT(failure(with(R"("pre_tokenizer":{"type":"Split","pattern":{"String":"a"},"behavior":"Halved"})")),
              HasSubstr("Halved"));
  EXPECT_THAT(failure(with(""), ErrorKind::kFormat, R"({"eos_token":5})"),
              HasSubstr("tokenizer_config.json: eos_token"));
  EXPECT_THAT(failure(with(""), ErrorKind::kFormat, R"({"added_tokens_decoder":{"x":"<e>"}})"),
              HasSubstr("'x' is not a token id"));
  EXPECT_THAT(failure(with(""), ErrorKind::kFormat, R"([1])"), HasSubstr("tokenizer_config.json"));
}

TEST(LoadTokenizer, refuses_vocabularies_that_contradict_themselves) {
  EXPECT_THAT(failure(R"({"model":{"type":"BPE","vocab":{"a":0,"a":1},"merges":[]}})"), HasSubstr("'a' appears twice"));
  EXPECT_THAT(failure(R"({"model":{"type":"BPE","vocab":{"a":0,"b":0},"merges":[]}})"),
              HasSubstr("the id 0 of 'b' is that of 'a' too"));
  EXPECT_THAT(failure(R"({"model":{"type":"BPE","vocab":{"a":0,"b":1},"merges":["a b"]}})"),
              HasSubstr("the result 'ab'"));
  EXPECT_THAT(failure(R"({"model":{"type":"BPE","vocab":{"a":0,"b":1},"merges":[["a","c"]]}})"),
              HasSubstr("'c' is not in the vocabulary"));
  for (const std::string merge : {"[\"a\"]", "[\"a\",\"b\",\"c\"]", "\"ab\"", "\"a b c\"", "7", "[1,2]"}) {
    EXPECT_THAT(failure(R"({"model":{"type":"BPE","vocab":{"a":0,"b":1},"merges":[)" + merge + "]}}"),
                HasSubstr("model.merges[0]"));
  }
  EXPECT_THAT(failure(R"({"model":{"type":"BPE","vocab":{"a":0,"b":1},"merges":[],"unk_token":"<u>"}})"),
              HasSubstr("'<u>'"));
  EXPECT_THAT(failure(R"({"model":{"type":"Unigram","vocab":[["a","x"]]}})"), HasSubstr("model.vocab[0]"));
  EXPECT_THAT(failure(R"({"model":{"type":"Unigram","vocab":[["a",-1.0]],"unk_id":5}})"), HasSubstr("model.unk_id"));
  EXPECT_THAT(failure(R"({"model":{"type":"Unigram","vocab":[["a",-1.0]]}})"), HasSubstr("unk_id"));
}

TEST(LoadTokenizer, names_components_that_it_does_not_have) {
  for (const auto& [key, kind] : {std::pair("normalizer", "normalizer"), std::pair("pre_tokenizer", "pre-tokenizer"),
                                  std::pair("decoder", "decoder"), std::pair("post_processor", "post-processor")}) {
    EXPECT_THAT(failure(with(fmt::format(R"("{}":{{"type":"Other"}})", key)), ErrorKind::kUnsupported),
                HasSubstr(fmt::format("the {} 'Other'", kind)));
  }
  EXPECT_THAT(failure(R"({"model":{"type":"Other","vocab":{}}})", ErrorKind::kUnsupported),
              HasSubstr("the model 'Other'"));
}

TEST(LoadTokenizer, says_what_is_wrong_with_a_component) {
  const std::pair<const char*, const char*> kCases[] = {
      {R"("normalizer":{"type":"Precompiled"})", "normalizer: the key \"precompiled_charsmap\" is missing"},
      {R"("normalizer":{"type":"Precompiled","precompiled_charsmap":"*"})", "not base64"},
      {R"("normalizer":{"type":"Precompiled","precompiled_charsmap":"AAA="})", "a character map of 2 bytes"},
      {R"("normalizer":{"type":"Precompiled","precompiled_charsmap":"/////w=="})",
       "announces 4294967295 bytes of its 4"},
      {R"("normalizer":{"type":"Precompiled","precompiled_charsmap":"BAAAAP////8="})", "points outside itself"},
      {R"("normalizer":{"type":"BertNormalizer","lowercase":3})", "normalizer.lowercase: needed true or false"},
      {R"("pre_tokenizer":{"type":"FixedLength","length":0})", "needed a number from 1"},
      {R"("pre_tokenizer":{"type":"CharDelimiterSplit","delimiter":"ab"})", "needed one character but found 'ab'"},
      {R"("decoder":{"type":"CTC"})", "decoder: the key \"pad_token\" is missing"},
      {R"("decoder":{"type":"BPEDecoder","suffix":""})", "the suffix is empty"},
      {R"("truncation":{"max_length":-1,"stride":0,"strategy":"LongestFirst"})", "truncation.max_length"},
      {R"("truncation":{"max_length":4,"stride":0,"strategy":"Shortest"})", "'Shortest' is not LongestFirst"},
      {R"("truncation":{"max_length":4,"stride":0,"strategy":"OnlyFirst","direction":"Up"})",
       "'Up' is not Left or Right"},
      {R"("padding":{"strategy":"Longest","pad_id":0,"pad_type_id":0,"pad_token":"x"})",
       "'Longest' is not BatchLongest"},
      {R"("padding":{"strategy":{"Fixed":1e9},"pad_id":0,"pad_type_id":0,"pad_token":"x"})", "padding.strategy.Fixed"}};
  for (const auto& [json, message] : kCases) EXPECT_THAT(failure(with(json)), HasSubstr(message));
}

TEST(EncodeFull, refuses_truncation_that_leaves_no_room) {
  const auto tokenizer = loaded(with(
      R"("truncation":{"max_length":1,"stride":0,"strategy":"LongestFirst"},"post_processor":{"type":"BertProcessing","sep":["b",1],"cls":["a",0]})"));
  EXPECT_EQ(tokenizer->encode_full("ab").ids.size(), 3u);  // truncation only when asked for
  EXPECT_THROW(tokenizer->encode_full("ab", std::nullopt, {.truncate = true}), Error);
}

TEST(LoadTokenizer, refuses_bad_and_runaway_regular_expressions) {
  const auto split = [](const std::string& regex) {
    return with(R"("pre_tokenizer":{"type":"Split","behavior":"Isolated","pattern":{"Regex":")" + regex + "\"}}");
  };
  for (const std::string bad : {"(", "[a", "\\\\", "\\\\p{Nonsense}", "(?<n", "[[:alpha"}) failure(split(bad));
  const auto runaway = loaded(split("(x+x+)+[^x]"));
  EXPECT_THROW(runaway->encode(std::string(5000, 'x')), Error);
  EXPECT_THAT(failure(split("(?~ab)"), ErrorKind::kUnsupported), HasSubstr("an absent operator"));
  EXPECT_THAT(failure(split("(?s:.)")), HasSubstr("(?s) is not an option"));
  EXPECT_THAT(failure(split("[" + std::string(200, '[') + "a")), HasSubstr("nested deeper"));
}

TEST(LoadTokenizer, refuses_templates_that_lie) {
  EXPECT_THAT(
      failure(with(
          R"("post_processor":{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"<s>"}}],"special_tokens":{}})")),
      HasSubstr("'<s>' is not in special_tokens"));
  EXPECT_THAT(
      failure(with(
          R"("post_processor":{"type":"TemplateProcessing","single":[{"Sequence":{"id":"A"}},{"Sequence":{"id":"B"}}]})")),
      HasSubstr("asks for a second"));
  EXPECT_THAT(failure(with(R"("post_processor":{"type":"BertProcessing","sep":["b"],"cls":["a",1]})")),
              HasSubstr("post_processor.sep"));
}

TEST(Encode, is_safe_from_many_threads) {
  const auto tokenizer = load_tokenizer(fixture_path("tokenizers/byte_level"));
  const std::vector<TokenId> expected = tokenizer->encode("The quick brown fox, 你好 1234");
  std::vector<std::thread> threads;
  std::atomic<int> wrong{0};
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 500; ++i) wrong += tokenizer->encode("The quick brown fox, 你好 1234") != expected;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace lf::testing
