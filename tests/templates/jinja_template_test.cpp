// The Jinja engine: fixtures rendered by Python jinja2, what is refused, limits, and messages.
#include <gmock/gmock.h>

#include <functional>
#include <thread>

#include "base/error.h"
#include "base/files.h"
#include "support/shared.h"
#include "templates/jinja/template.h"

namespace lf {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

std::tm march_2025() {
  std::tm now{};
  now.tm_year = 125, now.tm_mon = 2, now.tm_mday = 7, now.tm_hour = 14, now.tm_min = 5, now.tm_sec = 9;
  now.tm_isdst = -1;
  std::mktime(&now);
  return now;
}

JinjaOutput render(std::string_view source, const Json& context = Json::object(), const jinja::Limits& limits = {}) {
  return JinjaTemplate::parse(source).render(context, {.now = march_2025(), .limits = limits});
}

std::string text(std::string_view source, const Json& context = Json::object()) { return render(source, context).text; }

std::string error_of(const std::function<void()>& action, ErrorKind kind) {
  try {
    action();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), kind) << error.what();
    return error.what();
  }
  return "no error";
}

std::string parse_error(const std::string& source) {
  return error_of([&] { JinjaTemplate::parse(source); }, ErrorKind::kConfig);
}

std::string render_error(const std::string& source, const Json& context = Json::object(),
                         const jinja::Limits& limits = {}) {
  return error_of([&] { render(source, context, limits); }, ErrorKind::kData);
}

TEST(JinjaFixtures, render_as_in_python) {
  const auto folder = lf::testing::fixture_path("jinja");
  const Json contexts = read_json(folder / "contexts.json"), expected = read_json(folder / "expected.json");
  size_t texts = 0;
  for (const auto& [name, rows] : expected.items()) {
    const std::string source = read_file(folder / "templates" / (name + ".jinja"));
    for (size_t i = 0; i < contexts.size(); ++i) {
      SCOPED_TRACE(name + " context " + std::to_string(i));
      try {
        const JinjaOutput output = render(source, contexts[i]);
        ASSERT_TRUE(rows[i].contains("output")) << "Python fails: " << rows[i];
        EXPECT_EQ(output.text, rows[i]["output"].get<std::string>());
        EXPECT_EQ(Json(output.generations), rows[i]["generations"]);
        ++texts;
      } catch (const Error& error) {
        EXPECT_TRUE(rows[i].contains("error")) << error.what();
      }
    }
  }
  EXPECT_GE(expected.size(), 30u);
  EXPECT_GT(texts, 250u);
}

struct Case {
  const char *source, *expected;
};

class JinjaTexts : public ::testing::TestWithParam<Case> {};

TEST_P(JinjaTexts, are_those_of_python) { EXPECT_EQ(text(GetParam().source), GetParam().expected); }

INSTANTIATE_TEST_SUITE_P(
    table, JinjaTexts,
    ::testing::Values(
        Case{"a\n  {% if true %}\n  b\n  {% endif %}\nc\n", "a\n  b\nc"}, Case{"a {{- 1 -}} b", "a1b"},
        Case{"  {%+ if true %}x{% endif %}", "  x"}, Case{"{% raw %}{{ x }}{% endraw %}", "{{ x }}"},
        Case{"{# c #}x{#- d -#} y", "xy"}, Case{"{{ 7 // 2 }} {{ -7 // 2 }} {{ -7 % 3 }}", "3 -4 2"},
        Case{"{{ -2 ** 2 }} {{ 2 ** 3 ** 2 }}", "4 64"},
        Case{"{% set n = 2 %}{{ (-2) ** n }} {{ (-2) ** 2 }} {{ n ** n }}", "-4 4 4"},
        Case{"{{ {}[([],)] }}|{{ {}[[]] is defined }}", "|False"},
        Case{"{{ range(4)[2::-2] }} {{ range(9)[1:7:3] }}", "range(2, -1, -2) range(1, 7, 3)"},
        Case{"{{ 1 < 2 < 3 }} {{ 3 > 2 > 2 }}", "True False"},
        Case{"{{ 0.1 + 0.2 }} {{ 1e16 }} {{ 100.0 }}", "0.30000000000000004 1e+16 100.0"},
        Case{"{{ [1, 'a', none, (1,)] }}", "[1, 'a', None, (1,)]"}, Case{"{{ {'a': {1: 2}} }}", "{'a': {1: 2}}"},
        Case{"{{ 'it\\'s' ~ [\"it's\"] }}", "it's[\"it's\"]"}, Case{"{{ missing }}|{{ missing is defined }}", "|False"},
        Case{"{{ {1: 2, 16: 0, 8: 1}.keys() - [1] }} {{ {}.keys() - missing }}", "{16, 8} set()"},
        Case{"{{ 's'|tojson(indent=[], separators=(1, 2)) }} {{ [[], {}]|tojson(separators='+-') }}", "\"s\" [[]+{}]"},
        Case{"{{ 1|tojson(indent=1, separators=(1, 2)) }} {{ {}|tojson(indent=1, separators=(1, 2)) }}", "1 {}"},
        Case{"{{ 1 or s|nope }} {{ 0 and 1 is nope }}", "1 0"},
        Case{"{{ 'ab' - {'a': 1}.keys() }} {{ ([3, 1] - {}.items())|sort }}", "{'b'} [1, 3]"},
        Case{"{{ {'b': 1, 2: 0, 1.5: {'z': 1, 1: 2}}|pprint }}", "{1.5: {1: 2, 'z': 1}, 2: 0, 'b': 1}"},
        Case{"{{ [3, 'nan'|float, 1, 2]|sort }}", "[3, nan, 1, 2]"},
        Case{"{{ 'aé漢🗼'[::-1] }} {{ 'aé漢🗼'|length }}", "🗼漢éa 4"},
        Case{"{{ 'straße ΑΣ'.upper() }} {{ 'ΑΣ ΣΑΣ'.lower() }}", "STRASSE ΑΣ ας σας"},
        Case{"{% for i in [1, 2] %}{% continue %}{% else %}e{% endfor %}", "e"},
        Case{"{% for i in [1] %}{% set x = i %}{% endfor %}{{ x }}", ""},
        Case{"{% set ns = namespace(n=0) %}{% for i in [1, 2] %}{% set ns.n = ns.n + i %}{% endfor %}{{ ns.n }}", "3"},
        Case{"{% macro m(a, b=a) %}{{ a }}{{ b }}{% endmacro %}{{ m(1) }}{{ m(1, b=2) }}", "1112"},
        Case{"{{ {'b': 'é<', 'a': [1.0, none]}|tojson }}", "{\"b\": \"é<\", \"a\": [1.0, null]}"},
        Case{"{{ [1]|tojson(indent=2) }}", "[\n  1\n]"}, Case{"{{ strftime_now('%d %b %Y') }}", "07 Mar 2025"},
        Case{"{{ {}.update }}{{ [].append is defined }}", "False"}, Case{"{{ 'x'.__class__ }}", ""},
        Case{"{{ '%s=%05.1f' % ('a', 2.25) }} {{ '{:>4}|{!r}'.format(1, 'x') }}", "a=002.2    1|'x'"}));

TEST(Jinja, gives_the_ranges_of_generation_blocks_in_characters) {
  const JinjaOutput output = render("é{% generation %}ab{% endgeneration %}-{% generation %}漢{% endgeneration %}");
  EXPECT_EQ(output.text, "éab-漢");
  EXPECT_EQ(output.generations, (std::vector<std::pair<size_t, size_t>>{{1, 3}, {4, 5}}));
}

TEST(Jinja, keeps_the_order_of_keys) {
  EXPECT_EQ(text("{{ d|tojson }}{% for k in d %}{{ k }}{% endfor %}", {{"d", {{"z", 1}, {"a", 2}}}}),
            "{\"z\": 1, \"a\": 2}za");
}

TEST(Jinja, errors_name_line_and_text) {
  EXPECT_THAT(parse_error("a\n{% if x %}\nb"), AllOf(HasSubstr("line 3"), HasSubstr("endif")));
  EXPECT_THAT(parse_error("{{ 'x }}"), HasSubstr("line 1"));
  EXPECT_THAT(parse_error("\n\n{{ x ? }}"), AllOf(HasSubstr("line 3"), HasSubstr("?")));
  EXPECT_THAT(parse_error("{{ x|nope }}"), HasSubstr("No filter named 'nope'"));
  EXPECT_THAT(parse_error("{{ x or 1 is nope }}"), HasSubstr("No test named 'nope'"));
  EXPECT_THAT(parse_error("{% break %}"), HasSubstr("loop"));
  EXPECT_THAT(parse_error("{{ {[]: 1}|length }}"), HasSubstr("hashed"));
  EXPECT_THAT(parse_error("\xff"), HasSubstr("UTF-8"));
  EXPECT_THAT(
      render_error("a\n{{ m.x.y }}", {{"m", Json::object()}}),
      AllOf(HasSubstr("line 2"), HasSubstr("'dict object' has no attribute 'x'"), HasSubstr("near: {{ m.x.y }}")));
  EXPECT_THAT(render_error("\n{{ raise_exception('roles must alternate') }}"),
              AllOf(HasSubstr("line 2"), HasSubstr("roles must alternate")));
  EXPECT_THAT(render_error("{{ 1|tojson(separators=(1, ':')) }}"), HasSubstr("separators must be two strings"));
  EXPECT_THAT(render_error("{{ [1]|tojson(indent=1, separators=(1, ':')) }}"), HasSubstr("two strings"));
  EXPECT_THAT(render_error("{{ {1: 2}|tojson(indent=1, separators=(',', 1)) }}"), HasSubstr("two strings"));
  EXPECT_THAT(render_error("{{ 's'|tojson(separators=',') }}"), HasSubstr("separators must be two strings"));
  EXPECT_THAT(render_error("{{ [1]|sort(reverse=none) }}"), HasSubstr("reverse must be an integer, not NoneType"));
  EXPECT_THAT(render_error("{{ 1 + 'a' }}"), HasSubstr("unsupported operand type(s) for +: 'int' and 'str'"));
  EXPECT_THAT(render_error("{{ 9223372036854775807 + 1 }}"), HasSubstr("64 bits"));
}

TEST(Jinja, errors_of_sets) {
  const std::string set = "{% set s = {1: 2}.keys() - [] %}";
  EXPECT_THAT(render_error(set + "{{ s - [1] }}"), HasSubstr("unsupported operand type(s) for -: 'set' and 'list'"));
  EXPECT_THAT(render_error(set + "{{ s - missing }}"), HasSubstr("'missing' is undefined"));
  EXPECT_THAT(render_error("{{ missing - {}.keys() }}"), HasSubstr("'missing' is undefined"));
  EXPECT_THAT(render_error("{{ {}.values() - [] }}"), HasSubstr("for -: 'dict_values' and 'list'"));
  EXPECT_THAT(render_error("{{ {1: []}.items() - [] }}"), HasSubstr("unhashable type: 'list'"));
  EXPECT_THAT(render_error(set + "{{ {s: 1} }}"), HasSubstr("unhashable type: 'set'"));
  EXPECT_THAT(render_error(set + "{{ s|last }}"), HasSubstr("'set' object is not reversible"));
  EXPECT_THAT(render_error(set + "{{ s|tojson }}"), HasSubstr("Object of type set is not JSON serializable"));
  EXPECT_THAT(render_error(set + "{{ s.add(1) }}"), HasSubstr("access to attribute 'add' of 'set' object is unsafe."));
  EXPECT_THAT(render_error(set + "{% for k in s %}{{ s.intersection_update([]) }}{% endfor %}"),
              HasSubstr("Set changed size during iteration"));
  EXPECT_THAT(error_of([] { render("{{ {}.keys().mapping }}"); }, ErrorKind::kUnsupported), HasSubstr("mapping"));
}

TEST(Jinja, refuses_what_loads_other_templates_by_name) {
  for (const char* tag :
       {"include 'x'", "import 'x' as y", "from 'x' import y", "extends 'x'", "block x", "autoescape true"})
    EXPECT_THAT(parse_error("{% " + std::string(tag) + " %}"), HasSubstr("is not supported in chat templates"));
  EXPECT_THAT(parse_error("{% blok %}"), HasSubstr("unknown tag 'blok'"));
}

struct Greedy {
  const char *source, *message;
};

class JinjaLimits : public ::testing::TestWithParam<Greedy> {};

TEST_P(JinjaLimits, stop_greedy_templates) {
  EXPECT_THAT(render_error(GetParam().source), HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    table, JinjaLimits,
    ::testing::Values(
        Greedy{"{% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}{% endfor %}", "1000000 steps"},
        Greedy{"{{ 'a' * 9999999 }}", "bytes"}, Greedy{"{{ [0] * 9999999 }}", "items"},
        Greedy{"{{ range(100001) }}", "Range too big"},
        Greedy{"{% set ns = namespace(x='aaaaaaaa') %}{% for i in range(99) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}",
               "bytes"},
        Greedy{"{% for i in range(60000) %}{{ 'x' * 100 }}{% endfor %}", "writes more than"},
        Greedy{"{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "nested deeper than 100"},
        Greedy{"{% set ns = namespace(x=[]) %}{% for i in range(999) %}{% set ns.x = [ns.x] %}{% endfor %}",
               "nested deeper"},
        Greedy{"{% set ns = namespace(x=[1]) %}{% for i in range(90) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ "
               "ns.x }}",
               "steps"},
        Greedy{
            "{% set ns = namespace(x=[1]) %}{% for i in range(999) %}{% set ns.x = ns.x|map('string') %}{% endfor %}",
            "nested deeper"},
        Greedy{"{{ '%999999999d' % 1 }}", "bytes"}, Greedy{"{{ '{:>999999999}'.format(1) }}", "bytes"},
        Greedy{"{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %}", "nested deeper than 100"}));

TEST(Jinja, bounds_nesting_while_parsing) {
  EXPECT_THAT(parse_error("{{ " + std::string(2000, '(') + "1" + std::string(2000, ')') + " }}"),
              HasSubstr("nested deeper"));
  std::string sum = "1";
  for (int i = 0; i < 3000; ++i) sum += " + 1";
  EXPECT_THAT(parse_error("{{ " + sum + " }}"), HasSubstr("levels"));
  std::string ifs;
  for (int i = 0; i < 3000; ++i) ifs += "{% if 1 %}";
  EXPECT_THAT(parse_error(ifs), HasSubstr("nested deeper"));
}

TEST(Jinja, renders_on_many_threads_at_once) {
  const JinjaTemplate shared = JinjaTemplate::parse("{% for i in range(50) %}{{ 'é' ~ i|string }}{% endfor %}");
  const std::string expected = shared.render(Json::object(), {.now = march_2025()}).text;
  std::vector<std::thread> threads;
  std::vector<std::string> texts(4);
  for (auto& out : texts)
    threads.emplace_back([&] {
      for (int i = 0; i < 20; ++i) out = shared.render(Json::object(), {.now = march_2025()}).text;
    });
  for (std::thread& thread : threads) thread.join();
  for (const std::string& out : texts) EXPECT_EQ(out, expected);
}

TEST(Jinja, a_loop_may_hold_itself) {
  EXPECT_EQ(text("{% set ns = namespace(x=0) %}{% for i in [ns, ns]|map(attribute='x') %}{% set ns.x = loop %}"
                 "{{ loop.changed(loop) }}{% endfor %}{{ ns.x.index }}"),
            "TrueFalse2");
}

TEST(Jinja, a_namespace_may_hold_itself) {
  EXPECT_EQ(text("{% set ns = namespace(a=1) %}{% set ns.me = ns %}{{ ns.me.me.a }} {{ ns }}"),
            "1 <Namespace {'a': 1, 'me': <Namespace {...}>}>");
}

}  // namespace
}  // namespace lf
