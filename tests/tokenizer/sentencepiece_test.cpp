// SentencePiece models of all types, ours, against what the library gives; files that are no models; the tokenizer made
// of one.
#include "tokenizer/sentencepiece/sentencepiece.h"

#include "golden_files.h"
#include "tokenizer/kinds/sp_convert.h"
#include "tokenizer/sentencepiece/wire.h"

namespace lf::testing {
namespace {

std::string read_bytes(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return std::string((std::istreambuf_iterator<char>(in)), {});
}

std::filesystem::path model_path(const std::string& name) {
  return fixture_path("tokenizers/sentencepiece/" + name + ".model");
}

class SmallModel : public ::testing::TestWithParam<const char*> {};

TEST_P(SmallModel, gives_what_the_library_gives) {
  const SentencePiece model(read_bytes(model_path(GetParam())), "small.model");
  const Json expected = read_json(fixture_path("tokenizers/sentencepiece/expected.json"))[GetParam()];
  EXPECT_EQ(model.file().pieces.size(), expected["size"].get<size_t>());
  for (const Json& row : expected["rows"]) {
    const auto text = row["text"].get<std::string>();
    SCOPED_TRACE(text);
    std::vector<TokenId> ids;
    model.encode_ids(text, ids);
    EXPECT_EQ(ids, row["ids"].get<std::vector<TokenId>>());
    std::vector<std::string> pieces;
    std::vector<std::pair<uint32_t, uint32_t>> offsets;
    for (const SentencePiece::Part& part : model.encode(text)) {
      pieces.push_back(part.piece);
      offsets.emplace_back(part.begin, part.end);
    }
    EXPECT_EQ(pieces, row["pieces"].get<std::vector<std::string>>());
    EXPECT_EQ(Json(offsets), row["offsets"]);
    EXPECT_EQ(model.decode(ids), row["decoded"].get<std::string>());
    EXPECT_EQ(model.normalize(text), row["normalized"].get<std::string>());
  }
}

INSTANTIATE_TEST_SUITE_P(all, SmallModel,
                         ::testing::Values("bpe_bytes", "bpe_plain", "unigram", "unigram_bytes", "chars", "words"),
                         [](const auto& info) { return std::string(info.param); });

/// Protobuf by hand: fields of a message.
std::string field(int number, int type, const std::string& rest) {
  return std::string(1, static_cast<char>(number << 3 | type)) + rest;
}
std::string bytes_field(int number, const std::string& bytes) {
  return field(number, 2, std::string(1, static_cast<char>(bytes.size())) + bytes);
}
std::string piece(const std::string& text, int type) {
  return bytes_field(1, bytes_field(1, text) + field(3, 0, std::string(1, static_cast<char>(type))));
}
std::string bpe_settings(const std::string& more = "") { return bytes_field(2, field(3, 0, "\x02") + more); }

std::string error_of(const std::string& bytes) {
  try {
    const SentencePiece model(bytes, "bad.model");
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kFormat);
    return error.what();
  }
  return "no error";
}

TEST(BrokenModel, says_what_is_wrong_and_where) {
  const std::string unk = piece("<unk>", 2);
  const std::pair<std::string, const char*> kCases[] = {
      {"", "bad.model: there are no pieces"},
      {"\x0A", "bad.model: byte 1: the file ends inside a number"},
      {std::string("\x0A\x7F", 2) + "ab", "bad.model: byte 2: a field reaches beyond the end"},
      {std::string(11, '\xFF'), "a number is longer than ten bytes"},
      {std::string("\x00\x00", 2), "a field has no valid number"},
      {"\x0B", "a field has a type that is not used here"},
      {"{\"version\": \"1.0\"}", "bad.model: byte"},
      {field(1, 0, "\x01"), "needed a message"},
      {bytes_field(1, field(1, 0, "\x01")), "needed a string"},
      {bytes_field(1, bytes_field(2, "abcd")), "needed a 32-bit float"},
      {piece("\xFF", 1), "a text is not UTF-8"},
      {unk + piece("a", 9), "the piece 'a' has the unknown type 9"},
      {unk + piece("", 1), "piece 1 is empty"},
      {unk + piece("a", 1) + piece("a", 1), "the piece 'a' appears twice"},
      {piece("a", 1), "no piece stands for unknown text"},
      {unk + unk, "pieces 0 and 1 both stand for unknown text"},
      {unk + piece("<0x41>", 6), "piece 1 is a byte, but byte_fallback is off"},
      {unk + piece("<0x4G>", 6) + bpe_settings("\x98\x02\x01"), "piece 1 is a byte, but is written '<0x4G>'"},
      {unk + piece("<0x41>", 6) + bpe_settings("\x98\x02\x01"), "there are 1 of 256 byte pieces"},
      {unk + bytes_field(2, field(3, 0, "\x07")), "the model type 7 is not known"},
      {unk + bytes_field(1, bytes_field(1, "a") + field(2, 5, std::string("\0\0\xC0\x7F", 4))),
       "the score of piece 1 is not a number"},
      {unk + piece("a", 1) + bytes_field(3, bytes_field(2, "xyz")), "the table of characters is cut"},
      {unk + piece("a", 1) + bytes_field(3, bytes_field(2, std::string("\x08\0\0\0ab", 6))), "trie has 8 bytes"},
      {unk + piece("a", 1) + bytes_field(3, bytes_field(2, std::string("\x04\0\0\0\0\0\0\0\xE4", 9))),
       "texts that are not UTF-8"},
  };
  for (const auto& [bytes, message] : kCases)
    EXPECT_NE(error_of(bytes).find(message), std::string::npos) << message << "\n  got: " << error_of(bytes);
}

TEST(BrokenModel, of_every_length_ends_in_a_result_or_an_error) {
  const std::string whole = read_bytes(model_path("unigram"));
  for (size_t size = 0; size < whole.size(); size += 7) {
    try {
      const SentencePiece model(whole.substr(0, size), "cut.model");
      model.encode("a cut model");
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::kFormat);
    }
  }
}

TEST(Pieces, of_type_unused_fall_apart_into_what_they_were_made_of) {
  const std::string model = piece("<unk>", 2) + piece("a", 1) + piece("b", 1) + piece("c", 1) + piece("ab", 5) +
                            piece("abc", 5) + bpe_settings() + bytes_field(3, field(3, 0, std::string(1, '\0')));
  std::vector<TokenId> ids;
  SentencePiece(model, "m").encode_ids("abcab", ids);
  EXPECT_EQ(ids, (std::vector<TokenId>{1, 2, 3, 1, 2}));
}

TEST(Pieces, may_be_made_of_characters_that_are_no_pieces) {
  const std::string model =
      piece("<unk>", 2) + piece("xy", 1) + bpe_settings() + bytes_field(3, field(3, 0, std::string(1, '\0')));
  std::vector<TokenId> ids;
  SentencePiece(model, "m").encode_ids("xyxzy", ids);
  EXPECT_EQ(ids, (std::vector<TokenId>{1, 0}));
}

TEST(SentencePieceFile, alone_is_read_as_the_library_reads_it) {
  const auto tokenizer = load_tokenizer(model_path("bpe_bytes"));
  EXPECT_EQ(tokenizer->kind(), "SentencePiece");
  EXPECT_EQ(tokenizer->special_tokens().bos, "<s>");
  EXPECT_EQ(tokenizer->special_tokens().eos, "</s>");
  const Json expected = read_json(fixture_path("tokenizers/sentencepiece/expected.json"))["bpe_bytes"];
  for (const Json& row : expected["rows"]) {
    const auto text = row["text"].get<std::string>();
    const std::vector<TokenId> ids = tokenizer->encode(text, true);
    EXPECT_EQ(ids, row["ids"].get<std::vector<TokenId>>()) << text;
    EXPECT_EQ(tokenizer->decode(ids), row["decoded"].get<std::string>());
    EXPECT_EQ(streamed(*tokenizer, ids), row["decoded"].get<std::string>()) << text;
    const Encoding full = tokenizer->encode_full(text);
    EXPECT_EQ(full.ids, ids);
    EXPECT_EQ(full.tokens, row["pieces"].get<std::vector<std::string>>());
  }
}

TEST(SentencePieceFile, gives_offsets_in_characters) {
  const auto tokenizer = load_tokenizer(model_path("bpe_bytes"));
  tokenizer->add_special_tokens({"<爱>"});
  const Encoding full = tokenizer->encode_full("é<爱>你");
  EXPECT_EQ(full.tokens, (std::vector<std::string>{"▁", "é", "<爱>", "▁", "你"}));
  EXPECT_EQ(full.offsets, (std::vector<Span>{{0, 0}, {0, 1}, {1, 4}, {4, 4}, {4, 5}}));
}

TEST(SentencePieceFile, in_a_llama_folder_is_read_as_transformers_converts_it) {
  const TempFolder folder;
  folder.write("tokenizer.model", read_bytes(model_path("bpe_bytes")))
      .write("tokenizer_config.json", R"({"tokenizer_class": "LlamaTokenizer", "bos_token": "<s>"})");
  const auto tokenizer = load_tokenizer(folder.path());
  const std::vector<TokenId> ids = tokenizer->encode("The <s>fox", true);
  EXPECT_EQ(ids.front(), 1);
  EXPECT_EQ(std::count(ids.begin(), ids.end(), 1), 2);
  EXPECT_TRUE(tokenizer->add_bos_token());
  EXPECT_EQ(tokenizer->decode(ids, true), "The  fox");  // each stretch gets a blank in front
}

TEST(SentencePieceFile, in_folders_of_known_classes_gives_what_transformers_gives) {
  const Json folders = read_json(fixture_path("tokenizers/sentencepiece/transformers4.json"));
  for (const auto& [name, folder] : folders.items()) {
    const TempFolder here;
    here.write(folder["file"], read_bytes(model_path(folder["model"])))
        .write("tokenizer_config.json", folder["config"].dump());
    const auto tokenizer = load_tokenizer(here.path());
    EXPECT_EQ(tokenizer->size(), folder["size"].get<size_t>());
    for (const Json& row : folder["rows"]) {
      const auto text = row["text"].get<std::string>();
      SCOPED_TRACE(name + ": " + text);
      EXPECT_EQ(tokenizer->encode(text), row["ids"].get<std::vector<TokenId>>());
      EXPECT_EQ(tokenizer->encode(text, true), row["special"].get<std::vector<TokenId>>());
      EXPECT_EQ(tokenizer->decode(row["special"].get<std::vector<TokenId>>(), true), row["decoded"].get<std::string>());
    }
  }
}

TEST(SentencePieceFile, is_saved_with_all_changes_of_a_run) {
  const auto tokenizer = load_tokenizer(model_path("bpe_bytes"));
  const size_t before = tokenizer->size();
  tokenizer->set_eos("<|eot|>");
  tokenizer->add_special_tokens({"<a>"});
  tokenizer->add_tokens({"zebra"});
  const TempFolder folder;
  for (const auto& [name, text] : tokenizer->files()) folder.write(name, text);
  const auto again = load_tokenizer(folder.path());
  EXPECT_EQ(again->size(), before + 3);
  EXPECT_EQ(again->special_tokens().eos, "<|eot|>");
  for (const char* text : {"The quick brown fox", "a zebra<a><|eot|>", "naïve 🙂", ""})
    EXPECT_EQ(again->encode(text), tokenizer->encode(text)) << text;
  EXPECT_EQ(read_bytes(folder.path() / "tokenizer.model"), read_bytes(model_path("bpe_bytes")));
}

}  // namespace
}  // namespace lf::testing
