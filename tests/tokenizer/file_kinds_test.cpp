// Which file of a folder is read, small files of each kind, and files that are not what they say.
#include "golden_files.h"
#include "tokenizer/kinds/rank_vocab.h"

namespace lf::testing {
namespace {

std::string error_of(const std::filesystem::path& path, ErrorKind kind) {
  try {
    load_tokenizer(path);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), kind) << error.what();
    return error.what();
  }
  return "no error";
}

#define EXPECT_ERROR(path, kind, part)                                        \
  do {                                                                        \
    const std::string message = error_of(path, ErrorKind::kind);              \
    EXPECT_NE(message.find(part), std::string::npos) << "  got: " << message; \
  } while (false)

TEST(SmallTiktoken, gives_what_tiktoken_gives) {
  const auto tokenizer = load_tokenizer(fixture_path("tokenizers/tiktoken"));
  EXPECT_EQ(tokenizer->kind(), "tiktoken");
  for (const Json& row : read_json(fixture_path("tokenizers/tiktoken/expected.json"))) {
    const auto text = row["text"].get<std::string>();
    SCOPED_TRACE(text);
    tokenizer->set_split_special_tokens(false);
    const std::vector<TokenId> ids = tokenizer->encode(text);
    EXPECT_EQ(ids, row["ids"].get<std::vector<TokenId>>());
    EXPECT_EQ(tokenizer->decode(ids), text);
    EXPECT_EQ(streamed(*tokenizer, ids), text);
    tokenizer->set_split_special_tokens(true);
    EXPECT_EQ(tokenizer->encode(text), row["ordinary"].get<std::vector<TokenId>>());
  }
}

/// The pattern of Kimi K2: Han runs by themselves, and classes with parts taken out.
TEST(SmallTiktoken, understands_class_intersection_as_tiktoken_does) {
  const Json expected = read_json(fixture_path("tokenizers/tiktoken/expected_kimi.json"));
  const TempFolder folder;
  std::filesystem::copy_file(fixture_path("tokenizers/tiktoken/small.tiktoken"), folder.path() / "small.tiktoken");
  Json spec = read_json(fixture_path("tokenizers/tiktoken/tiktoken_spec.json"));
  spec["pat_str"] = expected["pat_str"];
  folder.write("tiktoken_spec.json", spec.dump());
  const auto tokenizer = load_tokenizer(folder.path());
  for (const Json& row : expected["rows"]) {
    const auto text = row["text"].get<std::string>();
    EXPECT_EQ(tokenizer->encode(text), row["ids"].get<std::vector<TokenId>>()) << text;
  }
}

std::string all_bytes() {
  std::string lines;
  for (int b = 0; b < 256; ++b) {
    static constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    lines += fmt::format("{}{}== {}\n", kDigits[b >> 2], kDigits[(b & 3) << 4], b);
  }
  return lines;
}

TEST(Tiktoken, refuses_broken_files_with_the_line) {
  const std::pair<std::string, const char*> kCases[] = {
      {"\n", "there are no ranks"},
      {"YQ== 0\nYg== x\n", "m.tiktoken:2: needed a token in base64 and its rank but found 'Yg== x'"},
      {"YQ=\n", "m.tiktoken:1: needed a token"},
      {"Y*== 1\n", "m.tiktoken:1: needed a token"},
      {"YQ== 0\n", "there is no token for the byte 0x00"},
      {all_bytes() + "YWI= 97\n", "the rank 97 is given twice"},
      {all_bytes() + "YQ== 900\n", "the token 'a' appears twice"},
  };
  for (const auto& [text, message] : kCases) {
    const TempFolder folder;
    folder.write("m.tiktoken", text).write("tiktoken_spec.json", R"({"pat_str": "."})");
    EXPECT_ERROR(folder.path(), kFormat, message);
  }
  const std::pair<std::string, const char*> kSpecs[] = {
      {"{}", "needed an object with \"pat_str\""},
      {R"({"pat_str": ".", "special_tokens": {"<a>": 97}})", "the special token '<a>' has the id 97, which is a rank"},
      {R"({"pat_str": ".", "special_tokens": {"<a>": 300, "<b>": 300}})", "'<b>' or its id 300 is given twice"},
      {R"({"pat_str": ".", "special_tokens": {"<a>": -1}})", "'<a>' has no valid id"},
  };
  for (const auto& [spec, message] : kSpecs) {
    const TempFolder folder;
    folder.write("m.tiktoken", all_bytes()).write("tiktoken_spec.json", spec);
    EXPECT_ERROR(folder.path(), kFormat, message);
  }
}

TEST(Tiktoken, merges_a_token_that_comes_late_by_its_parts) {
  Ranks ranks;
  for (int b = 0; b < 256; ++b) ranks.emplace_back(std::string(1, static_cast<char>(b)), b);
  ranks.emplace_back("abc", 260);
  ranks.emplace_back("ab", 270);   // its part has the higher rank
  ranks.emplace_back("xyz", 280);  // nothing leads to it
  const auto merges = merges_of(ranks, "t");
  EXPECT_EQ(merges, (std::vector<std::pair<size_t, size_t>>{{257, 'c'}, {'a', 'b'}}));
}

TEST(FancyRegex, becomes_what_oniguruma_reads_the_same_way) {
  const std::pair<const char*, const char*> kCases[] = {{R"(\p{N}{1,3}+|a)", R"((?>\p{N}{1,3})|a)"},
                                                        {R"(\s++$)", R"(\s++\z)"},
                                                        {R"(^a)", R"(\Aa)"},
                                                        {R"([ab]{2}+x)", R"((?>[ab]{2})x)"},
                                                        {R"((?:a|b){2,}+)", R"((?>(?:a|b){2,}))"},
                                                        {R"([$^]{1}\$)", R"([$^]{1}\$)"},
                                                        {R"(a{x}+)", R"(a{x}+)"},
                                                        {R"(é{2}+)", R"((?>é{2}))"},
                                                        {R"(\p{L}++[^\s]?+)", R"(\p{L}++[^\s]?+)"},
                                                        {R"(\x{41}{2}+)", R"((?>\x{41}{2}))"},
                                                        {"{", "{"}};
  for (const auto& [pattern, expected] : kCases) EXPECT_EQ(fancy_to_onig(pattern), expected) << pattern;
}

std::string tekken(const std::string& more = "", int size = 276, int specials = 20) {
  std::string vocab;
  size_t rank = 0;
  const std::string lines = all_bytes();
  for (std::string_view rest = lines; !rest.empty(); ++rank) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(line.size() + 1);
    vocab += fmt::format(R"({}{{"rank": {}, "token_bytes": "{}", "token_str": null}})", rank > 0 ? "," : "", rank,
                         line.substr(0, line.find(' ')));
  }
  return fmt::format(
      R"({{"config": {{"pattern": "[a-z]+|.", "default_vocab_size": {}, "default_num_special_tokens": {}}},)"
      R"("vocab": [{}]{}}})",
      size, specials, vocab, more);
}

TEST(Tekken, numbers_special_tokens_first_and_never_finds_them_in_text) {
  const TempFolder folder;
  folder.write("tekken.json", tekken(R"(, "special_tokens": [{"rank": 0, "token_str": "<unk>", "is_control": true},
      {"rank": 1, "token_str": "<s>", "is_control": true}, {"rank": 2, "token_str": "</s>", "is_control": true}])"));
  const auto tokenizer = load_tokenizer(folder.path());
  EXPECT_EQ(tokenizer->kind(), "tekken");
  EXPECT_EQ(tokenizer->size(), 276u);
  EXPECT_EQ(tokenizer->bos_id(), 1);
  EXPECT_EQ(tokenizer->id_to_token(19), "<SPECIAL_19>");
  EXPECT_TRUE(tokenizer->is_special(19));
  EXPECT_EQ(tokenizer->encode("<s>"), (std::vector<TokenId>{'<' + 20, 's' + 20, '>' + 20}));
  EXPECT_EQ(tokenizer->encode("a", true), (std::vector<TokenId>{1, 'a' + 20}));
  EXPECT_EQ(tokenizer->decode(std::vector<TokenId>{1, 'a' + 20, 2}), "<s>a</s>");
  EXPECT_EQ(tokenizer->decode(std::vector<TokenId>{1, 'a' + 20, 2}, true), "a");
}

TEST(Tekken, refuses_broken_files) {
  const std::pair<std::string, const char*> kCases[] = {
      {"{}", "config"},
      {tekken("", 280), "256 of the first 260 ranks are there"},
      {tekken("", 100), "default_vocab_size"},
      {tekken(R"(, "special_tokens": [{"rank": 0, "token_str": "a"}, {"rank": 0, "token_str": "b"}])"), "given twice"},
      {tekken(R"(, "special_tokens": [{"rank": 77, "token_str": "a"}])"), "special_tokens"},
  };
  for (const auto& [text, message] : kCases) {
    const TempFolder folder;
    folder.write("tekken.json", text);
    EXPECT_ERROR(folder.path(), kFormat, message);
  }
}

TEST(BpeFiles, are_read_as_their_class_reads_them) {
  const TempFolder folder;
  folder.write("vocab.json", R"({"a": 0, "b": 1, "ab": 2, "Ġ": 3, "Ġab": 4, "<|endoftext|>": 5})")
      .write("merges.txt", "#version: 0.2\na b\nĠ ab\n")
      .write("tokenizer_config.json", R"({"tokenizer_class": "GPT2Tokenizer", "add_bos_token": true})");
  const auto tokenizer = load_tokenizer(folder.path());
  EXPECT_EQ(tokenizer->kind(), "vocab.json + merges.txt");
  EXPECT_EQ(tokenizer->special_tokens().eos, "<|endoftext|>");
  EXPECT_EQ(tokenizer->encode("ab ab<|endoftext|>", true), (std::vector<TokenId>{5, 2, 4, 5}));
}

TEST(BpeFiles, say_what_is_missing_or_wrong) {
  const TempFolder folder;
  folder.write("vocab.json", R"({"a": 0, "b": 1, "ab": 2})");
  EXPECT_ERROR(folder.path(), kIo, "there is a vocab.json, but no merges.txt");
  folder.write("merges.txt", "a b c\n");
  EXPECT_ERROR(folder.path(), kFormat, "merges.txt:1: needed two token texts but found 'a b c'");
  folder.write("merges.txt", "a b\n").write("vocab.json", R"({"a": 0, "b": 0, "ab": 2})");
  EXPECT_ERROR(folder.path(), kFormat, "'b' or its id 0 is given twice");
  folder.write("tokenizer_config.json", R"({"tokenizer_class": "CLIPTokenizer"})");
  EXPECT_ERROR(folder.path(), kUnsupported, "CLIPTokenizer are not byte-level; a tokenizer.json is needed");
}

TEST(VocabTxt, is_read_as_bert_reads_it) {
  const TempFolder folder;
  folder.write("vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nun\n##able\nto\n");
  const auto tokenizer = load_tokenizer(folder.path());
  EXPECT_EQ(tokenizer->kind(), "vocab.txt");
  EXPECT_EQ(tokenizer->encode("Unable to [MASK] x", true), (std::vector<TokenId>{2, 5, 6, 7, 4, 1, 3}));
  folder.write("vocab.txt", "a\nb\n");
  EXPECT_ERROR(folder.path(), kFormat, "the unk_token '' is not in the vocabulary");
}

TEST(Folder, with_several_files_is_read_as_transformers_would) {
  const TempFolder folder;
  folder.write("vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\n");
  EXPECT_EQ(load_tokenizer(folder.path())->kind(), "vocab.txt");
  folder.write("m.tiktoken", all_bytes());
  EXPECT_EQ(load_tokenizer(folder.path())->kind(), "tiktoken");
  std::filesystem::copy_file(fixture_path("tokenizers/sentencepiece/bpe_bytes.model"),
                             folder.path() / "tokenizer.model");
  EXPECT_EQ(load_tokenizer(folder.path())->kind(), "SentencePiece");
  folder.write("tekken.json", tekken());
  EXPECT_EQ(load_tokenizer(folder.path())->kind(), "tekken");
  folder.write("tokenizer.json", R"({"model":{"type":"BPE","vocab":{"a":0},"merges":[]}})");
  EXPECT_EQ(load_tokenizer(folder.path())->kind(), "tokenizer.json");
  EXPECT_EQ(load_tokenizer(folder.path() / "vocab.txt")->kind(), "vocab.txt");
}

TEST(Folder, without_a_tokenizer_says_what_was_looked_for) {
  const TempFolder folder;
  EXPECT_ERROR(folder.path(), kIo, "there is no tokenizer (looked for tokenizer.json, tekken.json, tokenizer.model");
  EXPECT_ERROR(folder.path() / "none", kIo, "the model folder does not exist");
}

TEST(AddedTokensJson, of_old_folders_counts) {
  const TempFolder folder;
  folder.write("vocab.json", R"({"a": 0, "b": 1, "<|endoftext|>": 2})")
      .write("merges.txt", "")
      .write("added_tokens.json", R"({"<extra>": 3, "bb": 4})")
      .write("special_tokens_map.json", R"({"additional_special_tokens": ["<extra>"]})");
  const auto tokenizer = load_tokenizer(folder.path());
  EXPECT_EQ(tokenizer->encode("abb<extra>"), (std::vector<TokenId>{0, 4, 3}));
  EXPECT_TRUE(tokenizer->is_special(3));
  EXPECT_FALSE(tokenizer->is_special(4));
}

TEST(Readings, have_names) {
  EXPECT_EQ(tokenizer_reading("transformers5"), TokenizerReading::kTransformers5);
  EXPECT_THROW(tokenizer_reading("five"), Error);
}

class SavedKind : public ::testing::TestWithParam<const char*> {};

/// Whatever kind a tokenizer was, the saved folder gives the same ids, with the changes of the run in it.
TEST_P(SavedKind, comes_back_with_the_same_ids) {
  const TempFolder folder, saved;
  const std::string kind = GetParam();
  if (kind == "tekken") folder.write("tekken.json", tekken());
  if (kind == "tiktoken") {
    folder.write("m.tiktoken", all_bytes() + "YWI= 256\n")
        .write("tiktoken_spec.json", R"({"pat_str": "[a-z]{1,3}+|.", "special_tokens": {"<e>": 300}})");
  }
  if (kind == "vocab_txt") folder.write("vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\n##b\n");
  const auto tokenizer = load_tokenizer(folder.path());
  tokenizer->add_special_tokens({"<new>"});
  tokenizer->set_eos("<eos>");
  for (const auto& [name, text] : tokenizer->files()) saved.write(name, text);
  const auto again = load_tokenizer(saved.path());
  EXPECT_EQ(again->size(), tokenizer->size());
  EXPECT_EQ(again->eos_id(), tokenizer->eos_id());
  EXPECT_EQ(again->split_special_tokens(), tokenizer->split_special_tokens());
  for (const char* text : {"ab abab<e>", "a <new> b", "<eos>x", "é日", ""}) {
    EXPECT_EQ(again->encode(text), tokenizer->encode(text)) << text;
    EXPECT_EQ(again->encode(text, true), tokenizer->encode(text, true)) << text;
  }
}

INSTANTIATE_TEST_SUITE_P(all, SavedKind, ::testing::Values("tekken", "tiktoken", "vocab_txt"),
                         [](const auto& info) { return std::string(info.param); });

/// A stream's work for a token does not grow with what came before, and its text is that of decode().
TEST(Stream, of_many_tokens_without_text_goes_on) {
  const auto tokenizer = load_tokenizer(fixture_path("tokenizers/byte_level"));
  std::vector<TokenId> ids(5000, *tokenizer->eos_id());
  for (const TokenId id : tokenizer->encode("The quick 🙂 fox")) ids.push_back(id);
  EXPECT_EQ(streamed(*tokenizer, ids, true), "The quick 🙂 fox");
  const std::vector<TokenId> incomplete(200, tokenizer->encode("🙂").front());
  EXPECT_EQ(streamed(*tokenizer, incomplete), tokenizer->decode(incomplete));
}

}  // namespace
}  // namespace lf::testing
