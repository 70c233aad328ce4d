#include "cli/data_arguments.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/error.h"
#include "base/strings.h"
#include "base/yaml.h"
#include "config/fields.h"
#include "config/known_keys.h"
#include "config/parse.h"
#include "data/inspect/sniff.h"
#include "data/source/remote_files.h"
#include "hub/model_files.h"

namespace lf {
namespace {

const std::vector<std::string> kOwnFlags = {"json", "rows", "to", "form", "model", "formatting", "stage", "help"};

/// A YAML file, and not a key with one as its value.
bool is_config_file(const std::string& arg) {
  std::error_code status;
  const bool yaml = arg.ends_with(".yaml") || arg.ends_with(".yml");
  return yaml && (arg.find('=') == std::string::npos || std::filesystem::exists(arg, status));
}

/// Splits "--key value", "--key=value" and "key=value"; everything else is a file.
class DataArgumentParser {
 public:
  explicit DataArgumentParser(std::span<const std::string> args) : args_(args) {}

  DataArguments run() {
    out_.action = args_.empty() ? "" : args_[0];
    const std::vector<std::string> actions = data_actions();
    if (out_.action == "-h" || out_.action == "--help" || out_.action == "help" || args_.empty()) {
      out_.help = true;
      return std::move(out_);
    }
    LF_CHECK(kConfig, std::find(actions.begin(), actions.end(), out_.action) != actions.end(),
             "data {}: not known{}; use validate, preview, stats or convert", printable(out_.action, 40),
             did_you_mean(out_.action, actions));
    read_arguments();
    if (out_.help) return std::move(out_);
    read_config();
    find_datasets();
    return std::move(out_);
  }

 private:
  void read_arguments() {
    for (at_ = 1; at_ < args_.size(); ++at_) {
      const std::string& arg = args_[at_];
      if (arg == "-h" || arg == "--help") {
        out_.help = true;
        return;
      }
      std::error_code status;
      if (arg.starts_with("--"))
        read_flag(arg.substr(2));
      else if (is_config_file(arg) && config_file_.empty())
        config_file_ = arg;
      else if (is_remote(arg) || std::filesystem::exists(arg, status) || arg.find('=') == std::string::npos)
        files_.push_back(arg);
      else
        set(arg.substr(0, arg.find('=')), arg.substr(arg.find('=') + 1));
    }
  }

  void read_flag(const std::string& flag) {
    const size_t equal = flag.find('=');
    const std::string name = replace_all(flag.substr(0, equal), "-", "_");
    if (name == "json") {
      out_.json = true;
      return;
    }
    if (equal != std::string::npos) return set(name, flag.substr(equal + 1));
    const FieldRef* field = find_field(default_fields(ConfigKind::kTrain), name);
    const bool last = at_ + 1 == args_.size() || args_[at_ + 1].starts_with("--");
    if (field && last && std::holds_alternative<bool*>(field->target)) return set(name, "true");
    check_name(name);
    LF_CHECK(kConfig, at_ + 1 < args_.size(), "--{} needs a value", name);
    set(name, args_[++at_]);
  }

  void check_name(const std::string& name) const {
    if (std::find(kOwnFlags.begin(), kOwnFlags.end(), name) != kOwnFlags.end()) return;
    if (find_field(default_fields(ConfigKind::kTrain), name)) return;
    std::vector<std::string> names = kOwnFlags;
    for (const FieldRef& field : default_fields(ConfigKind::kTrain)) names.emplace_back(field.info.key);
    throw_error(ErrorKind::kConfig, "data {}: {} is not an option{}", out_.action, printable(name, 60),
                did_you_mean(name, names));
  }

  void set(const std::string& name, const std::string& value) {
    check_name(name);
    if (name == "rows") return read_rows(value);
    if (name == "to")
      out_.to = value;
    else if (name == "form")
      out_.form = value;
    else if (name == "formatting")
      formatting_ = value;
    else if (name == "model")
      out_.model = value;
    else if (name == "stage")
      read_stage(value);
    else
      keys_.emplace_back(name, value);
  }

  /// Data can be looked at for stages that cannot be trained yet.
  void read_stage(const std::string& value) {
    const std::vector<std::string> stages = find_known_key("stage")->choice_list();
    LF_CHECK(kConfig, std::find(stages.begin(), stages.end(), value) != stages.end(), "--stage {}: not known{}; use {}",
             printable(value, 40), did_you_mean(value, stages), join(stages, ", "));
    stage_ = value;
  }

  /// "3", "3:9" (both counted from 1 and included), "3:", ":9".
  void read_rows(const std::string& text) {
    const auto number = [&](std::string_view part, int64_t otherwise) {
      if (part.empty()) return otherwise;
      int64_t value = 0;
      const auto [end, status] = std::from_chars(part.data(), part.data() + part.size(), value);
      LF_CHECK(kConfig, status == std::errc{} && end == part.data() + part.size() && value >= 1,
               "--rows must be like 3, 3:9, 3: or :9 (from 1) but is '{}'", printable(text, 40));
      return value;
    };
    const std::string_view view = text;
    const size_t colon = view.find(':');
    out_.first_row = number(view.substr(0, colon), 1) - 1;
    const int64_t page = out_.first_row + (colon == std::string::npos ? 1 : 5);
    out_.last_row = colon == std::string::npos ? page : number(view.substr(colon + 1), page);
    LF_CHECK(kConfig, out_.last_row > out_.first_row, "--rows {}: the last row stands before the first",
             printable(text, 40));
  }

  void read_config() {
    if (!config_file_.empty()) {
      std::vector<std::string> all = {config_file_};
      for (const auto& [key, value] : keys_) all.push_back(key + "=" + value);
      out_.config = parse_run_config(ConfigKind::kTrain, all);
      out_.guess_stage = false;
      if (out_.model.empty()) out_.model = out_.config.model.model_name_or_path;
    } else {
      const std::vector<FieldRef> fields = fields_of(out_.config);
      for (const auto& [key, value] : keys_) assign_key(fields, key, value);
    }
    if (!stage_.empty()) {
      out_.config.finetuning.stage = stage_;
      out_.guess_stage = false;
    }
    if (out_.model == "none") out_.model.clear();
    if (out_.model.empty() || is_local_model(out_.model)) return;
    const ModelOptions& model = out_.config.model;
    out_.model = find_model({.key = "--model", .name = out_.model, .revision = model.model_revision, .weights = false},
                            {.cache_dir = model.cache_dir.value_or(""),
                             .hf_hub_token = model.hf_hub_token.value_or(""),
                             .ms_hub_token = model.ms_hub_token.value_or("")})
                     .string();
  }

  static void assign_key(const std::vector<FieldRef>& fields, const std::string& key, const std::string& value) {
    YamlNode node;
    node.kind = YamlNode::Kind::kScalar;
    node.text = value;
    const std::string problem = assign(*find_field(fields, key), node);
    LF_CHECK(kConfig, problem.empty(), "{} {}", key, problem);
  }

  void find_datasets() {
    const DataOptions& data = out_.config.data;
    if (!files_.empty()) {
      for (const std::string& file : files_) out_.datasets.push_back(guess(file));
    } else {
      std::vector<std::string> names = data.dataset;
      names.insert(names.end(), data.eval_dataset.begin(), data.eval_dataset.end());
      LF_CHECK(
          kConfig, !names.empty(),
          "data {}: which data? Give a file, a configuration with dataset:, or --dataset NAME --dataset_dir FOLDER",
          out_.action);
      const DatasetInfo info = DatasetInfo::find(out_.config);
      for (const std::string& name : names) out_.datasets.push_back(info.entry(name));
    }
  }

  DatasetAttr guess(const std::string& file) {
    if (out_.action == "convert" && out_.form == "rows") return attr_of_file(file);
    DatasetAttr attr = sniff_format(file);
    if (!formatting_.empty()) attr.formatting = formatting_;
    if (const auto& media = out_.config.data.media_dir) attr.media_dir = *media;
    attr.media_outside = out_.config.data.media_outside;
    out_.notes.push_back(fmt::format("{}: read as {} (entry of dataset_info.json: {})", describe(attr), attr.formatting,
                                     entry_of(attr).dump()));
    return attr;
  }

  std::span<const std::string> args_;
  size_t at_ = 0;
  DataArguments out_;
  std::string config_file_, formatting_, stage_;
  std::vector<std::string> files_;
  std::vector<std::pair<std::string, std::string>> keys_;
};

}  // namespace

std::vector<std::string> data_actions() { return {"validate", "preview", "stats", "convert"}; }

DataArguments parse_data_arguments(std::span<const std::string> args) { return DataArgumentParser(args).run(); }

}  // namespace lf
