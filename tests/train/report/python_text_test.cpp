#include "train/report/python_text.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/error.h"

namespace lf {
namespace {

TEST(PythonText, rounds_as_python) {
  EXPECT_EQ(python_round(2.675, 2), 2.67);  // the double lies below
  EXPECT_EQ(python_round(0.125, 2), 0.12);  // ties to even
  EXPECT_EQ(python_round(33.333333, 2), 33.33);
  EXPECT_TRUE(std::isnan(python_round(NAN, 2)));
}

TEST(PythonText, json_is_ascii_with_surrogate_pairs) {
  const Json value = {{"路", "é😀\x7f"}};
  EXPECT_EQ(python_json_ascii(value), "{\"\\u8def\": \"\\u00e9\\ud83d\\ude00\x7f\"}");
}

TEST(PythonText, bare_nan_and_infinity_are_read_and_written) {
  const std::string text = R"({"a": NaN, "b": [Infinity, -Infinity], "c": "NaN \" Infinity", "d": 1.5})";
  const Json value = parse_python_json(text, "x");
  EXPECT_TRUE(std::isnan(value["a"].get<double>()));
  EXPECT_EQ(python_json_ascii(value), text);
  EXPECT_THROW(parse_python_json("{\"a\": Nan}", "x"), Error);
  EXPECT_THROW(parse_python_json("{\"a", "x"), Error);
}

TEST(PythonText, strings_are_quoted_as_repr) {
  EXPECT_EQ(python_repr("loss"), "'loss'");
  EXPECT_EQ(python_repr("it's"), "\"it's\"");
  EXPECT_EQ(python_repr("a\nb\x01"), "'a\\nb\\x01'");
}

TEST(PythonText, keys_are_sorted_at_every_depth) {
  const Json value = {{"b", 1}, {"a", {{"d", 1}, {"c", 2}}}};
  EXPECT_EQ(python_json(with_sorted_keys(value)), R"({"a": {"c": 2, "d": 1}, "b": 1})");
}

}  // namespace
}  // namespace lf
