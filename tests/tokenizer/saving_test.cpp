// What a run changes is there after saving and loading again, and files look as Python leaves them.
#include "tokenizer_support.h"

namespace lf::testing {
namespace {

std::unique_ptr<Tokenizer> reload(const Tokenizer& tokenizer) {
  const TempFolder folder;
  for (const auto& [name, text] : tokenizer.files()) folder.write(name, text);
  return load_tokenizer(folder.path());
}

std::string file(const Tokenizer& tokenizer, const std::string& name) {
  for (const auto& [found, text] : tokenizer.files()) {
    if (found == name) return text;
  }
  return "";
}

TEST(SavedTokenizer, keeps_tokenizer_json_byte_for_byte_when_nothing_changed) {
  const auto tokenizer = load_tokenizer(fixture_path("tokenizers/byte_level"));
  std::ifstream in(fixture_path("tokenizers/byte_level/tokenizer.json"));
  const std::string original((std::istreambuf_iterator<char>(in)), {});
  EXPECT_EQ(file(*tokenizer, "tokenizer.json"), original);
}

TEST(SavedTokenizer, writes_its_configuration_as_transformers_does) {
  const auto tokenizer = load_tokenizer(fixture_path("tokenizers/byte_level"));
  tokenizer->set_model_max_length(4096);
  tokenizer->add_special_tokens({"<|im_start|>", "<爱>"});
  EXPECT_EQ(file(*tokenizer, "tokenizer_config.json"), R"({
  "backend": "tokenizers",
  "eos_token": "<|im_end|>",
  "extra_special_tokens": [
    "<|im_start|>",
    "<爱>"
  ],
  "is_local": true,
  "local_files_only": true,
  "model_max_length": 4096,
  "pad_token": "<|endoftext|>",
  "padding_side": "right",
  "split_special_tokens": false,
  "tokenizer_class": "PreTrainedTokenizerFast"
}
)");
}

TEST(SavedTokenizer, writes_no_limit_as_pythons_integer) {
  const auto tokenizer = load_tokenizer(fixture_path("tokenizers/mixed"));
  EXPECT_NE(file(*tokenizer, "tokenizer_config.json").find("\"model_max_length\": 1000000000000000019884624838656"),
            std::string::npos);
}

TEST(SavedTokenizer, comes_back_with_all_changes_of_a_run) {
  const auto tokenizer = load_tokenizer(fixture_path("tokenizers/byte_fallback"));
  const size_t before = tokenizer->size();
  tokenizer->set_eos("<|eot|>");
  tokenizer->set_pad("</s>");
  tokenizer->add_special_tokens({"<a>", "<b>"});
  tokenizer->add_tokens({"zebra"});
  tokenizer->set_chat_template("{{ messages }}\n");
  tokenizer->set_padding_side("left");
  EXPECT_EQ(tokenizer->size(), before + 4);
  const auto again = reload(*tokenizer);
  EXPECT_EQ(again->size(), before + 4);
  EXPECT_EQ(again->special_tokens().eos, "<|eot|>");
  EXPECT_EQ(again->special_tokens().pad, "</s>");
  EXPECT_EQ(again->special_tokens().additional, (std::vector<std::string>{"<a>", "<b>"}));
  EXPECT_EQ(again->eos_id(), static_cast<TokenId>(before));
  EXPECT_EQ(again->chat_template(), "{{ messages }}\n");
  EXPECT_TRUE(again->add_bos_token());
  EXPECT_TRUE(again->is_special(*again->eos_id()));
  EXPECT_FALSE(again->is_special(*again->token_to_id("zebra")));
  const std::string text = "The <a>fox<|eot|> zebra<b>";
  EXPECT_EQ(again->encode(text), tokenizer->encode(text));
  EXPECT_EQ(file(*again, "tokenizer.json"), file(*tokenizer, "tokenizer.json"));
}

TEST(SavedTokenizer, gets_a_list_of_added_tokens_when_the_file_had_none) {
  const TempFolder folder;
  folder.write("tokenizer.json", R"({ "model":{"type":"BPE","vocab":{"a":0,"b":1},"merges":[]}})");
  const auto tokenizer = load_tokenizer(folder.path());
  tokenizer->set_eos("<e>");
  const auto again = reload(*tokenizer);
  EXPECT_EQ(again->encode("ab<e>a"), (std::vector<TokenId>{0, 1, 2, 0}));
}

TEST(SplitSpecialTokens, makes_special_tokens_ordinary_text) {
  const auto tokenizer = load_tokenizer(fixture_path("tokenizers/byte_level"));
  EXPECT_EQ(tokenizer->encode("<|im_end|>").size(), 1u);
  tokenizer->set_split_special_tokens(true);
  EXPECT_GT(tokenizer->encode("<|im_end|>").size(), 1u);
  EXPECT_GT(reload(*tokenizer)->encode("<|im_end|>").size(), 1u);
}

}  // namespace
}  // namespace lf::testing
