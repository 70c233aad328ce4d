#include "config/parse.h"

#include <algorithm>
#include <array>
#include <cstdlib>

#include "base/error.h"
#include "base/files.h"
#include "base/strings.h"
#include "config/arguments.h"
#include "config/fields.h"
#include "config/interpolate.h"
#include "config/known_keys.h"
#include "config/known_values.h"
#include "config/problems.h"
#include "config/source.h"
#include "config/validate.h"

namespace lf {
namespace {

constexpr uint64_t kMaxConfigBytes = 1 << 20;

/// Names that other trainers use for our keys.
constexpr std::array<std::pair<std::string_view, std::string_view>, 14> kSynonyms = {{
    {"lr", "learning_rate"},
    {"epochs", "num_train_epochs"},
    {"num_epochs", "num_train_epochs"},
    {"batch_size", "per_device_train_batch_size"},
    {"micro_batch_size", "per_device_train_batch_size"},
    {"grad_accum", "gradient_accumulation_steps"},
    {"max_seq_length", "cutoff_len"},
    {"max_length", "cutoff_len"},
    {"sequence_len", "cutoff_len"},
    {"model", "model_name_or_path"},
    {"base_model", "model_name_or_path"},
    {"lora_r", "lora_rank"},
    {"evaluation_strategy", "eval_strategy"},
    {"datasets", "dataset"},
}};

std::string suggestion(ConfigKind kind, std::string_view key) {
  for (const auto& [other, ours] : kSynonyms) {
    if (other == key) return fmt::format("; did you mean {}?", ours);
  }
  std::vector<std::string> names;
  for (const KnownKey* known : all_known_keys()) {
    const bool useful = known->rule == KeyRule::kOption || known->rule == KeyRule::kAccepted;
    if (takes(kind, *known) && useful) names.emplace_back(known->name);
  }
  std::string near = did_you_mean(key, names);
  if (!near.empty()) return near;
  names.clear();
  for (const KnownKey* known : all_known_keys()) names.emplace_back(known->name);
  return did_you_mean(key, names);
}

bool extra_arguments_allowed() {
  const char* value = std::getenv("ALLOW_EXTRA_ARGS");
  const std::string word = value ? to_lower(value) : "";
  return word == "true" || word == "y" || word == "1";
}

/// Keys that stand for others (spec Q19), rewritten before anything is read.
void rename_aliases(YamlNode& root, Problems& problems) {
  for (size_t i = 0; i < root.keys.size(); ++i) {
    const KnownKey* known = find_known_key(root.keys[i].name);
    if (!known || known->rule != KeyRule::kAlias) continue;
    const std::string target(known->note);
    YamlNode& value = root.items[i];
    const ScalarValue scalar = resolve_scalar(value);
    if (known->type == "bool" && scalar.type != ScalarType::kBool) {
      problems.add(value.at, known->name, fmt::format("{} must be true or false but is {}", known->name, shown(value)));
    }
    const bool set = scalar.type == ScalarType::kBool ? scalar.boolean : scalar.type != ScalarType::kNull;
    YamlNode renamed = value;
    if (known->name == "adafactor" || known->name == "group_by_length") renamed.text = known->name;
    root.keys[i].name.clear();  // skipped when the keys are read
    if (!set || problems.concerns(known->name)) continue;
    if (YamlNode* present = root.find(target)) {
      if (present->text == renamed.text) continue;
      problems.add(value.at, target,
                   fmt::format("{} stands for {}, which is also given with another value", known->name, target));
      continue;
    }
    root.keys.push_back({target, value.at});
    root.items.push_back(std::move(renamed));
  }
}

class Reader {
 public:
  Reader(ConfigKind kind, YamlNode& root, Problems& problems) : root_(root), problems_(problems) {
    config_.kind = kind;
  }

  RunConfig read() {
    const auto environment = interpolate(root_, problems_);
    rename_aliases(root_, problems_);
    const std::vector<FieldRef> fields = fields_of(config_);
    for (size_t i = 0; i < root_.keys.size(); ++i) {
      if (!root_.keys[i].name.empty()) read_key(fields, root_.keys[i], root_.items[i]);
    }
    for (const auto& [key, variables] : environment) {
      if (config_.origins.count(key)) config_.origins[key] += ", environment " + variables;
    }
    return finish();
  }

 private:
  void read_key(const std::vector<FieldRef>& fields, const YamlKey& key, const YamlNode& value) {
    if (problems_.concerns(key.name)) return;
    const YamlPosition at = value.at.line && value.kind != YamlNode::Kind::kNull ? value.at : key.at;
    const FieldRef* field = find_field(fields, key.name);
    const KnownKey* known = find_known_key(key.name);
    if (field)
      read_field(*field, value, at);
    else if (!known)
      unknown(key);
    else if (known->rule == KeyRule::kOtherCommand || takes(config_.kind, *known))
      read_known(*known, value, at);
    else
      wrong_command(*known, key.at);
  }

  void read_field(const FieldRef& field, YamlNode value, YamlPosition at) {
    const std::string key(field.info.key);
    adapt(field, value);
    std::string problem = assign(field, value);
    if (key == "val_size" && value.is_scalar() && resolve_scalar(value).type == ScalarType::kFloat &&
        resolve_scalar(value).number == 1) {
      problem = fmt::format("is {}, the whole set; write 1 for one example or a fraction below 1", value.text);
    }
    if (!problem.empty()) {
      if (field.info.secret) problem = "must be a text";
      problems_.add(at, key, key + " " + problem);
      return;
    }
    note(key, at);
  }

  /// Values whose YAML type differs from what they mean.
  static void adapt(const FieldRef& field, YamlNode& value) {
    const ScalarValue scalar = resolve_scalar(value);
    if (scalar.type == ScalarType::kBool && !field.info.choices.empty()) {
      const bool has_no = field.info.choices.front() == "no";
      if (has_no && !scalar.boolean) value.text = "no";
      if (field.info.key == "include_num_input_tokens_seen" && scalar.boolean) value.text = "all";
    }
    if (field.info.key == "resume_from_checkpoint" && scalar.type == ScalarType::kBool)
      value.text = scalar.boolean ? "true" : "false";
    if (field.info.key == "report_to" && value.kind == YamlNode::Kind::kNull) {
      value.kind = YamlNode::Kind::kScalar;
      value.text = "none";
    }
    if (field.info.key == "report_to" && value.is_scalar() && value.text == "all") value.text = "tensorboard";
  }

  void read_known(const KnownKey& known, const YamlNode& value, YamlPosition at) {
    const std::string problem = check_known_value(known, value);
    if (!problem.empty()) {
      problems_.add(
          at, known.name,
          fmt::format("{} {}", known.name, known.secret ? "must be a text and is not available yet" : problem));
      return;
    }
    note(std::string(known.name), at);
    if (known.rule == KeyRule::kAccepted)
      config_.accepted[std::string(known.name)] = known.secret ? "******" : value.text;
  }

  void unknown(const YamlKey& key) {
    const std::string shown = printable(key.name, 60);
    if (extra_arguments_allowed()) {
      config_.warnings.push_back(
          fmt::format("{}: {} is not a key and is ignored (ALLOW_EXTRA_ARGS)", problems_.place(key.at), shown));
      return;
    }
    problems_.add(key.at, key.name, fmt::format("{} is not a key{}", shown, suggestion(config_.kind, key.name)));
  }

  void wrong_command(const KnownKey& known, YamlPosition at) {
    const char* reason = config_.kind == ConfigKind::kInfer
                             ? "is a key for training; chat and export take none of those, so leave it out here"
                             : "is a key for chat and export; leave it out here";
    problems_.add(at, known.name, fmt::format("{} {}", known.name, reason));
  }

  void note(const std::string& key, YamlPosition at) {
    given_[key] = at;
    config_.origins[key] = problems_.place(at);
  }

  RunConfig finish() {
    validate(config_, given_, problems_);
    problems_.throw_if_any();
    config_.written_cutoff_len = config_.data.cutoff_len;
    config_.written_packing = config_.data.packing;
    post_process(config_);
    add_warnings(config_);
    return std::move(config_);
  }

  RunConfig config_;
  YamlNode& root_;
  Problems& problems_;
  GivenKeys given_;
};

RunConfig parse_tree(ConfigKind kind, YamlNode root, std::span<const std::string> args, Problems& problems) {
  apply_arguments(kind, args, root, problems);
  return Reader(kind, root, problems).read();
}

}  // namespace

RunConfig parse_config_text(ConfigKind kind, std::string_view text, std::string_view where,
                            std::span<const std::string> args) {
  Problems problems(where);
  const bool json = to_lower(where).ends_with(".json");
  YamlNode root = json ? parse_json_source(text, where, problems) : parse_yaml_source(text, where, problems);
  if (root.keys.empty()) problems.throw_if_any();  // a file that cannot be read has no keys to speak about
  return parse_tree(kind, std::move(root), args, problems);
}

RunConfig parse_run_config(ConfigKind kind, std::span<const std::string> args) {
  if (args.empty() || !is_config_file(args[0])) {
    YamlNode root;
    root.kind = YamlNode::Kind::kMapping;
    Problems problems("");
    return parse_tree(kind, std::move(root), args, problems);
  }
  RunConfig config = parse_config_text(kind, read_file(args[0], kMaxConfigBytes), args[0], args.subspan(1));
  config.config_file = args[0];
  return config;
}

ConfigKind detect_config_kind(std::span<const std::string> args) {
  Problems ignored("");
  YamlNode root;
  root.kind = YamlNode::Kind::kMapping;
  const bool file = !args.empty() && is_config_file(args[0]);
  try {
    if (file) {
      const std::string text = read_file(args[0], kMaxConfigBytes);
      root = to_lower(args[0]).ends_with(".json") ? parse_json_source(text, "", ignored)
                                                  : parse_yaml_source(text, "", ignored);
    }
    apply_arguments(ConfigKind::kTrain, args.subspan(file ? 1 : 0), root, ignored);
  } catch (const Error&) {
    return ConfigKind::kTrain;
  }
  bool inference = false;
  for (const YamlKey& key : root.keys) {
    const KnownKey* known = find_known_key(key.name);
    if (known && known->scope == KeyScope::kTrainOnly) return ConfigKind::kTrain;
    inference = inference || key.name == "model_name_or_path";
  }
  return inference && !root.find("dataset") ? ConfigKind::kInfer : ConfigKind::kTrain;
}

}  // namespace lf
