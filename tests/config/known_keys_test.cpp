// The table of keys against upstream's list and against our own option structs.
#include "config/known_keys.h"

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>

#include "base/json.h"
#include "base/strings.h"
#include "config/fields.h"
#include "config/helpers.h"
#include "config/known_values.h"
#include "support/shared.h"

namespace lf {
namespace {

std::string upstream_default(const Json& value) {
  if (value.is_null()) return "null";
  if (value.is_array()) return "";
  if (value.is_string()) return value.get<std::string>();
  return value.is_boolean() ? (value.get<bool>() ? "true" : "false") : value.dump();
}

bool same_default(const KnownKey& key, const std::string& wanted) {
  YamlNode node;
  node.kind = wanted == "null" ? YamlNode::Kind::kNull : YamlNode::Kind::kScalar;
  node.text = wanted;
  return is_default(key, node);
}

TEST(KnownKeys, hold_every_key_of_upstream_with_its_default_and_choices) {
  LF_REQUIRE_SHARED();
  const Json list = read_json(testing::shared_path("compat/arguments.json"));
  std::set<std::pair<std::string, bool>> ours;  // name, belongs to eval
  for (const KnownKey* key : all_known_keys()) ours.insert({std::string(key->name), key->scope == KeyScope::kEvalOnly});
  size_t count = 0;
  for (const Json& row : list["arguments"]) {
    const auto name = row["name"].get<std::string>();
    const bool eval_only = row["parsers"] == Json::array({"eval"});
    EXPECT_TRUE(ours.count({name, eval_only})) << name;
    ++count;
    if (eval_only) continue;
    const KnownKey* key = find_known_key(name);
    ASSERT_NE(key, nullptr) << name;
    EXPECT_TRUE(same_default(*key, upstream_default(row["default"]))) << name << " " << key->default_value;
    const std::vector<std::string> choices = key->choice_list();
    if (row["choices"].is_array() && row["choices"][0].is_string()) {
      EXPECT_EQ(choices, row["choices"].get<std::vector<std::string>>()) << name;
    } else {
      EXPECT_TRUE(choices.empty()) << name;
    }
    EXPECT_EQ(key->type.back() == '?', row["type"].get<std::string>().find("null") != std::string::npos) << name;
  }
  EXPECT_EQ(count + keys::own().size(), all_known_keys().size());
}

TEST(KnownKeys, keys_of_our_own_are_none_of_upstreams_and_say_so) {
  LF_REQUIRE_SHARED();
  const Json list = read_json(testing::shared_path("compat/arguments.json"));
  for (const KnownKey& key : keys::own()) {
    for (const Json& row : list["arguments"]) EXPECT_NE(row["name"], key.name);
  }
  for (const FieldRef& field : default_fields(ConfigKind::kTrain)) {
    const bool own = std::ranges::any_of(keys::own(), [&](const KnownKey& key) { return key.name == field.info.key; });
    EXPECT_EQ(own, std::string(field.info.help).find("not a LLaMA-Factory key") != std::string::npos) << field.info.key;
  }
}

TEST(KnownKeys, options_are_exactly_the_fields_of_the_structs_with_the_same_defaults) {
  std::set<std::string> fields;
  for (const FieldRef& field : default_fields(ConfigKind::kTrain)) {
    fields.insert(std::string(field.info.key));
    const KnownKey* key = find_known_key(field.info.key);
    ASSERT_NE(key, nullptr) << field.info.key;
    EXPECT_EQ(key->rule, KeyRule::kOption) << field.info.key;
    std::string text = field_text(field);
    if (text.size() > 1 && (text[0] == '[' || text[0] == '{' || text[0] == '"')) text = text.substr(1, text.size() - 2);
    if (text.size() > 1 && text[0] == '"') text = text.substr(1, text.size() - 2);
    const bool empty_required = field.info.key == "model_name_or_path";
    if (!empty_required) {
      EXPECT_TRUE(same_default(*key, text.empty() ? "null" : text)) << field.info.key << " " << text;
    }
    EXPECT_FALSE(field.info.help.empty()) << field.info.key;
    EXPECT_FALSE(field.info.topic.empty()) << field.info.key;
  }
  for (const KnownKey* key : all_known_keys()) {
    if (key->rule == KeyRule::kOption) {
      EXPECT_TRUE(fields.count(std::string(key->name))) << key->name;
    } else {
      EXPECT_FALSE(key->note.empty()) << key->name << " needs a reason or a way out";
    }
  }
}

TEST(KnownKeys, choices_available_here_are_some_of_upstreams) {
  for (const FieldRef& field : default_fields(ConfigKind::kTrain)) {
    const std::vector<std::string> upstream = find_known_key(field.info.key)->choice_list();
    if (upstream.empty()) continue;
    EXPECT_FALSE(field.info.choices.empty()) << field.info.key;
    for (std::string_view choice : field.info.choices) {
      EXPECT_THAT(upstream, ::testing::Contains(std::string(choice))) << field.info.key;
    }
  }
}

TEST(KnownKeys, older_names_point_at_options) {
  for (const KnownKey* key : all_known_keys()) {
    if (key->rule != KeyRule::kAlias) continue;
    ASSERT_NE(find_known_key(key->note), nullptr) << key->name;
    EXPECT_EQ(find_known_key(key->note)->rule, KeyRule::kOption) << key->name;
  }
}

TEST(KnownKeys, every_settable_key_of_upstream_passes_at_its_default) {
  LF_REQUIRE_SHARED();
  for (const KnownKey* key : all_known_keys()) {
    if (!takes(ConfigKind::kTrain, *key) || key->rule == KeyRule::kDerived) continue;
    if (key->name == "model_name_or_path" || key->name == "dataset") continue;
    std::string value(key->default_value);
    if (key->type == "str" || key->type == "list") value = value.empty() ? "[]" : '"' + value + '"';
    if (key->type == "str" && value == "[]") value = "''";
    if (key->name == "do_train") value = "true";
    const std::string text =
        fmt::format("model_name_or_path: m\ndo_train: true\ndataset: d\n{}: {}\n", key->name, value);
    if (key->name == "do_train") continue;
    EXPECT_EQ(testing::train_problem(text), "") << key->name;
  }
}

}  // namespace
}  // namespace lf
