// Every tool format against its reference texts, and the reading of broken answers.
#include "templates/tool_format.h"

#include <gmock/gmock.h>

#include "base/error.h"
#include "base/registry.h"
#include "support/shared.h"
#include "templates/python_call.h"
#include "templates/tool_format_helpers.h"

namespace lf {
namespace {

FunctionCalls calls_of(const Json& list) {
  FunctionCalls calls;
  for (const Json& call : list)
    calls.push_back({call[0], call[1].is_string() ? call[1].get<std::string>() : python_json(call[1])});
  return calls;
}

std::string text_or_error(const std::function<std::string()>& action) {
  try {
    return action();
  } catch (const Error& error) {
    return "error";
  }
}

std::string expected_text(const Json& value) { return value.is_string() ? value.get<std::string>() : "error"; }

TEST(ToolFormat, texts_calls_and_extraction_equal_the_reference) {
  LF_REQUIRE_SHARED();
  const Json golden = read_json(lf::testing::shared_path("golden/data/tool_formats.json"));
  const std::string today = golden["input"]["date"];
  size_t checks = 0;
  for (const auto& [name, expected] : golden["formats"].items()) {
    const ToolFormatEntry& format = require_entry(all_tool_formats(), name, "tool format");
    SCOPED_TRACE(name);
    for (const auto& [list, text] : expected["tool_formatter"].items()) {
      EXPECT_EQ(text_or_error([&] { return format.tool_text(golden["input"]["tools"][list], today); }),
                expected_text(text));
      ++checks;
    }
    for (const auto& [set, text] : expected["function_formatter"].items()) {
      const FunctionCalls calls = calls_of(golden["input"]["calls"][set]);
      EXPECT_EQ(text_or_error([&] { return format.call_text(calls); }), expected_text(text));
      ++checks;
    }
    for (const Json& row : expected["tool_extractor"]) {
      const std::string text = row["text"];
      const auto calls = format.extract(text);
      SCOPED_TRACE(text);
      EXPECT_EQ(calls.has_value(), row["result"].is_array());
      if (calls && row["result"].is_array()) {
        EXPECT_EQ(*calls, calls_of(row["result"]));
      }
      ++checks;
    }
  }
  EXPECT_EQ(golden["formats"].size(), all_tool_formats().size());
  EXPECT_GT(checks, 200u);
}

TEST(ToolFormat, writes_schema_types_that_are_lists_as_python_does) {
  const Json tools =
      Json::parse(R"([{"name": "f", "parameters": {"properties": {"x": {"type": ["string", "null"]}}}}])");
  const ToolFormatEntry& format = require_entry(all_tool_formats(), "default", "tool format");
  EXPECT_THAT(format.tool_text(tools, ""), ::testing::HasSubstr("  - x (['string', 'null']): \n"));
}

TEST(ToolFormat, finds_calls_around_misleading_tags) {
  auto calls = [](const char* name, const char* text) {
    return require_entry(all_tool_formats(), name, "tool format").extract(text).value_or(FunctionCalls{});
  };
  EXPECT_EQ(calls("qwen3_5",
                  "<tool_call>\n<function=f>\n<parameter=k>\n</function>\n</parameter>\n</function>\n</tool_call>"),
            (FunctionCalls{{"f", R"({"k": "</function>"})"}}));
  EXPECT_EQ(calls("qwen", "sure: <tool_call>{\"name\": \"f\", \"arguments\": {\"t\": \"</tool_call> x\"}}</tool_call>"),
            (FunctionCalls{{"f", R"({"t": "</tool_call> x"})"}}));
  EXPECT_EQ(calls("default", "Action: <b>\nAction Input: {}"), FunctionCalls{});
  EXPECT_EQ(
      calls("minimax2",
            "<minimax:tool_call><invoke name=\"f\"><parameter name=\"n\">1</parameter></invoke></minimax:tool_call>"),
      (FunctionCalls{{"f", R"({"n": 1})"}}));
}

TEST(ToolFormat, never_fails_on_what_a_model_says) {
  const std::vector<std::string> answers = {"",
                                            "\n",
                                            "{",
                                            "[",
                                            "[[",
                                            "<tool_call>",
                                            "<tool_call></tool_call>",
                                            "<tool_call>{}</tool_call>",
                                            "<tool_call>[1]</tool_call>",
                                            "<tool_calls>\n</tool_calls>",
                                            "Action:",
                                            "Action: \nAction Input:",
                                            "Action: f\nAction Input: ",
                                            "<minimax:tool_call>",
                                            "<minimax:tool_call><invoke name=\"</minimax:tool_call>",
                                            "<seed:tool_call><function=>",
                                            "<tool_call><function=f></function>",
                                            "<|tool_call>call:{}<tool_call|>",
                                            "<|tool_call>call:f{<|\"|>}<tool_call|>",
                                            "<|tool_call_start|>[f(]<|tool_call_end|>",
                                            "<|tool_call_start|>" + std::string(5000, '[') + "<|tool_call_end|>",
                                            "{\"name\": 1, \"parameters\": 2}",
                                            "\xff\xfe\n{}"};
  for (const ToolFormatEntry* format : all_tool_formats()) {
    for (const std::string& answer : answers)
      EXPECT_NO_THROW(format->extract(answer)) << format->name << ": " << answer;
  }
}

TEST(PythonCalls, read_the_literals_of_the_language) {
  const auto calls = parse_python_calls("[f(a='it\\'s', b=[1, -2.5, True], c={'k': None}, d=false), g()]");
  ASSERT_TRUE(calls);
  EXPECT_EQ(*calls, (FunctionCalls{{"f", R"({"a": "it's", "b": [1, -2.5, true], "c": {"k": null}, "d": false})"},
                                   {"g", "{}"}}));
  EXPECT_FALSE(parse_python_calls("[f(a=x)]"));
  EXPECT_FALSE(parse_python_calls("[f(a=[null])]"));
  EXPECT_FALSE(parse_python_calls("f(1)"));
  EXPECT_FALSE(parse_python_calls("f() and more"));
}

}  // namespace
}  // namespace lf
