// Every hand-written matcher against the regular expression engine, on texts that are made to reach all alternatives.
#include <random>

#include "tokenizer/regex.h"
#include "tokenizer_support.h"

namespace lf::testing {
namespace {

const std::string kLlama3 =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
const std::string kO200k =
    R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
const std::string kKimi =
    R"([\p{Han}]+|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]*[\p{Ll}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]+[\p{Ll}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
/// The same without intersections: a letter outside Han is one that is not looked at as Han.
const std::string kKimiPlain =
    R"([\p{Han}]+|[^\r\n\p{L}\p{N}]?(?:(?!\p{Han})[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}])*(?:(?!\p{Han})[\p{Ll}\p{Lm}\p{Lo}\p{M}])+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?(?:(?!\p{Han})[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}])+(?:(?!\p{Han})[\p{Ll}\p{Lm}\p{Lo}\p{M}])*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
const std::string kDeepSeekV3 =
    "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\r\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| "
    "?[\\p{P}\\p{S}]+[\r\n]*|\\s*[\r\n]+|\\s+(?!\\S)|\\s+";

struct Expression {
  std::string name, pattern;
  std::string engine = pattern;  // what the engine runs instead
};

const Expression kExpressions[] = {
    {"gpt2", std::string(kGpt2Pattern)},
    {"p50k", R"('(?:[sdmt]|ll|ve|re)| ?\p{L}++| ?\p{N}++| ?[^\s\p{L}\p{N}]++|\s++\z|\s+(?!\S)|\s)"},
    {"cl100k",
     R"('(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|(?>\p{N}{1,3})| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++\z|\s*[\r\n]|\s+(?!\S)|\s)"},
    {"llama3", kLlama3},
    {"qwen",
     R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)"},
    {"o200k", kO200k},
    {"tekken",
     R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+)"},
    {"kimi", kKimi, kKimiPlain},
    {"deepseek_v3_words", kDeepSeekV3},
    {"deepseek_v3_digits", R"(\p{N}{1,3})"},
    {"deepseek_v3_cjk", "[\u4E00-\u9FA5\u3040-\u309F\u30A0-\u30FF]+"},
    {"deepseek_newline", "[\r\n]"},
    {"deepseek_newline_escaped", R"([\r\n])"},
    {"deepseek_punctuation", "\\s?[!-/:-~\uFF01-\uFF0F\uFF1A-\uFF5E\u2018-\u201F\u3000-\u3002]+"},
    {"deepseek_line_end", R"(\s+$)"},
    {"deepseek_cjk", "[\u4E00-\u9FA5\u0800-\u4E00\uAC00-\uD7FF]+"},
    {"deepseek_coder_letters", R"(\s?\p{L}+)"},
    {"deepseek_coder_punctuation", R"(\s?\p{P}+)"},
};

void PrintTo(const Expression& expression, std::ostream* out) { *out << expression.name; }

/// The engine knows Unicode 14; the newer characters have other tests (the reference's encodings of the corpus).
bool known_to_engine(char32_t c) {
  UVersionInfo age;
  u_charAge(static_cast<UChar32>(c), age);
  return age[0] > 0 ? age[0] <= 14 : category_table()[c] == U_UNASSIGNED;
}

bool known_to_engine(std::string_view text) {
  for (size_t at = 0; at < text.size(); at += code_point_at(text, at).bytes) {
    if (!known_to_engine(code_point_at(text, at).value)) return false;
  }
  return true;
}

void expect_same(SplitMatcher matcher, const Regex& engine, const std::string& text) {
  std::vector<TextRange> expected, found;
  engine.find_all(text, expected);
  for (size_t at = 0; at < text.size();) {
    const size_t end = matcher(text, at);
    ASSERT_GE(end, at);
    ASSERT_LE(end, text.size());
    if (end > at) found.push_back({at, end});
    at = end > at ? end : at + code_point_at(text, at).bytes;
  }
  const auto shown = [&](const std::vector<TextRange>& ranges) {
    std::vector<std::string> pieces;
    for (const TextRange& range : ranges) pieces.push_back(text.substr(range.begin, range.end - range.begin));
    return pieces;
  };
  ASSERT_EQ(shown(found), shown(expected)) << ::testing::PrintToString(text);
}

class SplitMatchers : public ::testing::TestWithParam<Expression> {
 protected:
  void compare(const std::string& text) { expect_same(matcher_, engine_, text); }

  SplitMatcher matcher_ = find_split_matcher(GetParam().pattern);
  Regex engine_ = Regex::without_matcher(GetParam().engine, "test");
};

/// Characters at which the expressions decide: ASCII of all kinds, and one or more of each category and script they
/// name.
const std::string_view kCharacters[] = {
    "a",          "b",          "s",          "t",          "S",          "T",          "l",          "L",
    "v",          "e",          "r",          "m",          "d",          "A",          "Z",          "0",
    "7",          " ",          " ",          " ",          "\n",         "\n",         "\r",         "\t",
    "\v",         "'",          "'",          "\"",         "/",          "!",          ".",          "_",
    "-",          "$",          "+",          "<",          "~",          "@",          "\u017F",     "\u212A",
    "\u00DF",     "\u00B5",     "\u00E9",     "\u0416",     "\u0436",     "\u01C5",     "\u02B0",     "\u00AA",
    "\u05D0",     "\u0301",     "\u0903",     "\u20DD",     "\u0661",     "\u00B2",     "\u2167",     "\u00BC",
    "\u0085",     "\u00A0",     "\u1680",     "\u180E",     "\u2003",     "\u2028",     "\u3000",     "\u200B",
    "\uFEFF",     "\u2019",     "\u201C",     "\u20AC",     "\u2211",     "\u00A9",     "\u4E2D",     "\u6587",
    "\u9FA6",     "\u3042",     "\u30AB",     "\u30FC",     "\u3005",     "\u3007",     "\u2E80",     "\u3001",
    "\u3002",     "\uFF01",     "\uFF11",     "\uFF21",     "\uFF41",     "\uAC00",     "\uD7FF",     "\u0800",
    "\U00010400", "\U00010428", "\U0001D7CE", "\U0001F600", "\U00020000", "\U00016FF0", "\U000E0001", "\x01",
    "\x1C"};

TEST_P(SplitMatchers, find_what_the_engine_finds_in_random_texts) {
  ASSERT_NE(matcher_, nullptr);
  std::mt19937 random(7);
  std::string text;
  for (int round = 0; round < 40000; ++round) {
    text.clear();
    // Few different characters in a text make long runs and repeated alternatives likely.
    std::vector<std::string_view> alphabet;
    for (size_t i = 0, count = 1 + random() % 6; i < count; ++i) {
      alphabet.push_back(kCharacters[random() % std::size(kCharacters)]);
    }
    for (size_t i = 0, count = 1 + random() % 14; i < count; ++i) text += alphabet[random() % alphabet.size()];
    ASSERT_NO_FATAL_FAILURE(compare(text));
  }
}

TEST_P(SplitMatchers, find_what_the_engine_finds_at_every_character) {
  ASSERT_NE(matcher_, nullptr);
  std::string text;
  for (char32_t c = 1; c < 0x110000; ++c) {
    if (c >= 0xD800 && c < 0xE000) continue;
    if (c > 0x3FFFF && c < 0xE0000) continue;  // nothing is assigned there
    if (!known_to_engine(c)) continue;
    if (!text.empty() && text.size() > 3000) {
      ASSERT_NO_FATAL_FAILURE(compare(text));
      text.clear();
    }
    for (const std::string_view before : {"a", " ", "!", "A", "\u4E2D"}) {
      text += before;
      append_utf8(text, c);
    }
    text += "s\n";
  }
  compare(text);
}

TEST_P(SplitMatchers, find_what_the_engine_finds_in_the_corpus) {
  LF_REQUIRE_SHARED();
  ASSERT_NE(matcher_, nullptr);
  std::ifstream in(shared_path("tokenizers/corpus.jsonl"));
  int texts = 0;
  for (std::string line; std::getline(in, line); ++texts) {
    const std::string text = parse_json(line, "corpus")["text"];
    if (!known_to_engine(text)) continue;
    ASSERT_NO_FATAL_FAILURE(compare(text));
  }
  EXPECT_GT(texts, 2000);
}

INSTANTIATE_TEST_SUITE_P(all, SplitMatchers, ::testing::ValuesIn(kExpressions),
                         [](const auto& info) { return info.param.name; });

/// DeepSeek-LLM spells its letters out; the list stands in its file only.
TEST(SplitMatchers, know_the_letters_of_deepseek_llm) {
  LF_REQUIRE_SHARED();
  const auto file = nlohmann::json::parse(read_zst(shared_path("tokenizers/deepseek-llm/tokenizer.json.zst")));
  const std::string pattern = file["pre_tokenizer"]["pretokenizers"][1]["pattern"]["Regex"];
  const SplitMatcher matcher = find_split_matcher(pattern);
  ASSERT_NE(matcher, nullptr);
  const Regex engine = Regex::without_matcher(pattern, "test");
  for (size_t at = 0; at < pattern.size(); at += code_point_at(pattern, at).bytes) {
    const char32_t edge = code_point_at(pattern, at).value;
    std::string text;
    for (char32_t c = edge - 1; c <= edge + 1; ++c) {
      for (const std::string_view before : {"1", " ", "a"}) {
        text += before;
        append_utf8(text, c);
      }
    }
    ASSERT_NO_FATAL_FAILURE(expect_same(matcher, engine, text));
  }
  EXPECT_EQ(find_split_matcher(pattern.substr(0, pattern.size() - 2) + "\u3042]+"), nullptr);
}

TEST(SplitMatchers, other_expressions_have_none) {
  for (const std::string pattern : {"", "\\p{L}+", "\\s?[A-Za-z]+"}) EXPECT_EQ(find_split_matcher(pattern), nullptr);
  EXPECT_EQ(find_split_matcher(kLlama3 + "|"), nullptr);
}

}  // namespace
}  // namespace lf::testing
