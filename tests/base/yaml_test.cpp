// YAML 1.1 as OmegaConf reads it, and files that want to hurt.
#include "base/yaml.h"

#include <gmock/gmock.h>

#include <cmath>

#include "base/error.h"

namespace lf {
namespace {

using ::testing::HasSubstr;

std::string failure(std::string_view text) {
  try {
    parse_yaml(text, "a.yaml");
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kFormat);
    return error.what();
  }
  return "";
}

struct ScalarCase {
  const char* text;
  ScalarType type;
  double number = 0;
};

class Scalars : public ::testing::TestWithParam<ScalarCase> {};

TEST_P(Scalars, have_the_type_of_yaml_1_1) {
  const ScalarCase& expected = GetParam();
  const ScalarValue value = resolve_scalar(std::string_view(expected.text));
  EXPECT_EQ(value.type, expected.type) << expected.text;
  if (value.type == ScalarType::kBool) {
    EXPECT_EQ(value.boolean, expected.number == 1) << expected.text;
  }
  if (value.type == ScalarType::kInt) {
    EXPECT_EQ(static_cast<double>(value.integer), expected.number) << expected.text;
  }
  if (value.type == ScalarType::kFloat && !std::isnan(expected.number)) {
    EXPECT_EQ(value.number, expected.number) << expected.text;
  }
}

constexpr auto kBool = ScalarType::kBool;
constexpr auto kInt = ScalarType::kInt;
constexpr auto kFloat = ScalarType::kFloat;
constexpr auto kString = ScalarType::kString;
constexpr auto kNull = ScalarType::kNull;

INSTANTIATE_TEST_SUITE_P(Words, Scalars,
                         ::testing::Values(ScalarCase{"yes", kBool, 1}, ScalarCase{"No", kBool, 0},
                                           ScalarCase{"on", kBool, 1}, ScalarCase{"OFF", kBool, 0},
                                           ScalarCase{"True", kBool, 1}, ScalarCase{"false", kBool, 0},
                                           ScalarCase{"tRue", kString}, ScalarCase{"y", kString},
                                           ScalarCase{"n", kString}, ScalarCase{"null", kNull}, ScalarCase{"~", kNull},
                                           ScalarCase{"NULL", kNull}, ScalarCase{"", kNull},
                                           ScalarCase{"None", kString}, ScalarCase{"nope", kString}));
INSTANTIATE_TEST_SUITE_P(
    Numbers, Scalars,
    ::testing::Values(ScalarCase{"12", kInt, 12}, ScalarCase{"-3", kInt, -3}, ScalarCase{"+4", kInt, 4},
                      ScalarCase{"0", kInt, 0}, ScalarCase{"0x1F", kInt, 31}, ScalarCase{"0o17", kInt, 15},
                      ScalarCase{"017", kInt, 15}, ScalarCase{"0b101", kInt, 5}, ScalarCase{"1_000", kInt, 1000},
                      ScalarCase{"08", kString}, ScalarCase{"1e-4", kFloat, 1e-4}, ScalarCase{"1.0e-4", kFloat, 1e-4},
                      ScalarCase{"5.0E+2", kFloat, 500}, ScalarCase{"1e4", kFloat, 1e4}, ScalarCase{".5", kFloat, 0.5},
                      ScalarCase{"5.", kFloat, 5}, ScalarCase{"-.inf", kFloat, -HUGE_VAL},
                      ScalarCase{".NaN", kFloat, NAN}, ScalarCase{"1e", kString}, ScalarCase{"e5", kString},
                      ScalarCase{"1.2.3", kString}, ScalarCase{"-", kString}, ScalarCase{".", kString},
                      ScalarCase{"0x", kString}, ScalarCase{"inf", kString},
                      ScalarCase{"9223372036854775807", kInt, 9223372036854775807.0},
                      ScalarCase{"9223372036854775808", kFloat, 9223372036854775808.0},
                      ScalarCase{"1e999", kFloat, HUGE_VAL}, ScalarCase{"12:30", kString},
                      ScalarCase{"2024-01-31", kString}));

TEST(Yaml, keeps_positions_of_keys_and_values) {
  const YamlNode root = parse_yaml("# comment\nstage: sft\nlist:\n  - a\n  - {b: 2}\n", "a.yaml");
  ASSERT_TRUE(root.is_mapping());
  EXPECT_EQ(root.keys[0].at.line, 2u);
  EXPECT_EQ(root.find("stage")->at.column, 8u);
  const YamlNode& inner = root.find("list")->items[1];
  EXPECT_EQ(inner.find("b")->at.line, 5u);
  EXPECT_EQ(inner.find("b")->at.column, 9u);
}

TEST(Yaml, quoted_scalars_stay_text) {
  const YamlNode root = parse_yaml("a: '1'\nb: 1\nc: \"no\"\nd: |\n  8\n", "a.yaml");
  EXPECT_EQ(resolve_scalar(*root.find("a")).type, ScalarType::kString);
  EXPECT_EQ(resolve_scalar(*root.find("b")).type, ScalarType::kInt);
  EXPECT_EQ(resolve_scalar(*root.find("c")).type, ScalarType::kString);
  EXPECT_EQ(resolve_scalar(*root.find("d")).type, ScalarType::kString);
}

TEST(Yaml, aliases_are_copied_and_merge_keys_fill_gaps) {
  const YamlNode root = parse_yaml("base: &b {x: 1, y: 2}\nuse:\n  <<: *b\n  y: 3\nsame: *b\n", "a.yaml");
  const YamlNode* use = root.find("use");
  EXPECT_EQ(use->find("x")->text, "1");
  EXPECT_EQ(use->find("y")->text, "3");
  EXPECT_EQ(root.find("same")->find("y")->text, "2");
}

TEST(Yaml, a_key_given_twice_is_refused_with_its_place) {
  EXPECT_THAT(failure("a: 1\nb: 2\na: 3\n"), HasSubstr("a.yaml:3:1: the key 'a' appears twice"));
  std::vector<YamlProblem> problems;
  const YamlNode root = parse_yaml("a: 1\na: {x: [1, 2]}\nb: 2\n", "a.yaml", &problems);
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_EQ(root.find("a")->text, "1");
  EXPECT_EQ(root.find("b")->text, "2");
}

TEST(Yaml, tags_are_refused) {
  EXPECT_THAT(failure("a: !!python/object:os.system ls\n"), HasSubstr("a.yaml:1:4: the tag"));
  EXPECT_THAT(failure("a: !mine {b: 1}\n"), HasSubstr("is refused"));
}

TEST(Yaml, a_self_referring_alias_is_refused) {
  EXPECT_THAT(failure("a: &x [1, *x]\n"), HasSubstr("inside the value"));
}

TEST(Yaml, an_alias_bomb_stops_at_the_node_budget) {
  std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before + "," + before + "," + before + "," +
            before + "]\n";
  }
  EXPECT_THAT(failure(text), HasSubstr("more than 100000 values"));
}

TEST(Yaml, deep_nesting_is_refused) {
  EXPECT_THAT(failure("a: " + std::string(70, '[') + std::string(70, ']')), HasSubstr("deeper than 64"));
  EXPECT_FALSE(failure("a: " + std::string(100000, '[')).empty());
}

TEST(Yaml, bytes_that_are_not_text_are_refused_with_their_place) {
  EXPECT_THAT(failure("a: 1\nb: \xff\n"), HasSubstr("a.yaml:2:4: the byte 0xff is not UTF-8"));
  EXPECT_THAT(failure(std::string("a: 1\nb: \0x", 10)), HasSubstr("zero byte"));
}

TEST(Yaml, a_second_document_is_refused) {
  EXPECT_THAT(failure("a: 1\n---\nb: 2\n"), HasSubstr("second YAML document"));
}

TEST(Yaml, a_large_file_is_refused_before_it_is_read) {
  EXPECT_THAT(failure(std::string(size_t{5} << 20, ' ')), HasSubstr("at most"));
}

TEST(Yaml, quoting_reads_back_as_the_same_text) {
  for (const char* text :
       {"",          "a",     "no",   "1e-4",  "null",   "a: b", "# x", "-x",   "[1]", "a,b", "tab\there",
        "line\nend", "\"q\"", "ü 中", "<<",    "...",    "---",  "*a",  "&a",   "!t",  "%x",  "@x",
        "`x",        "'x'",   "a #b", " lead", "trail ", "0x1",  "{",   "\x7f", "\x01"}) {
    const YamlNode root = parse_yaml("key: " + yaml_quote(text) + "\n", "a.yaml");
    ASSERT_TRUE(root.find("key")->is_scalar()) << text;
    EXPECT_EQ(root.find("key")->text, text);
    EXPECT_EQ(resolve_scalar(*root.find("key")).type, ScalarType::kString) << text;
  }
}

TEST(Utf8, the_first_bad_byte_is_found) {
  EXPECT_EQ(invalid_utf8("plain ü 中 😀"), std::string_view::npos);
  EXPECT_EQ(invalid_utf8("ab\xc0\xaf"), 2u);        // overlong
  EXPECT_EQ(invalid_utf8("a\xed\xa0\x80"), 1u);     // surrogate
  EXPECT_EQ(invalid_utf8("a\xe4\xb8"), 1u);         // cut short
  EXPECT_EQ(invalid_utf8("\xf4\x90\x80\x80"), 0u);  // beyond Unicode
}

}  // namespace
}  // namespace lf
