#include "train/report/model_card.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <map>

#include "base/strings.h"
#include "io/atomic_file.h"
#include "train/report/environment.h"
#include "train/report/python_text.h"

namespace lf {
namespace {

constexpr const char* kComment =
    "\n<!-- This model card has been generated automatically according to the information the Trainer had access to. "
    "You\n"
    "should probably proofread and complete it, then remove this comment. -->\n";

/// A YAML scalar as PyYAML writes it: plain when it reads back as this very string, else quoted.
std::string yaml_scalar(const std::string& text) {
  static constexpr std::string_view kWords[] = {"null", "true", "false", "yes", "no", "on", "off", "~", "y", "n"};
  const std::string lower = to_lower(text);
  bool plain = !text.empty() && std::find(std::begin(kWords), std::end(kWords), lower) == std::end(kWords);
  bool number = true;
  bool control = false;
  for (const char c : text) {
    number = number && (std::isdigit(static_cast<unsigned char>(c)) ||
                        std::string_view("+-._eExX:").find(c) != std::string_view::npos);
    control = control || static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
  }
  plain = plain && !number && std::string_view("-?:,[]{}#&*!|>'\"%@` ").find(text[0]) == std::string_view::npos;
  plain = plain && text.find(": ") == std::string::npos && text.find(" #") == std::string::npos;
  plain = plain && text.back() != ':' && text.back() != ' ';
  if (control) return python_json(Json(text));
  return plain ? text : "'" + replace_all(text, "'", "''") + "'";
}

std::vector<std::string> tags_of(const ModelCard& card) {
  if (!card.adapter) return {"llama-factory", card.finetuning_type, "generated_from_trainer"};
  std::vector<std::string> tags = {"llama-factory", card.finetuning_type, "transformers"};
  if (!card.base_model.empty()) tags.push_back("base_model:adapter:" + card.base_model);
  std::sort(tags.begin(), tags.end());
  return tags;
}

std::string introduction(const ModelCard& card) {
  std::string text = fmt::format("\n# {}\n\n", card.model_name);
  if (card.base_model.empty()) {
    text += "This model was trained from scratch on ";
  } else {
    text += fmt::format("This model is a fine-tuned version of [{0}](https://huggingface.co/{0}) on ", card.base_model);
  }
  if (card.datasets.empty()) return text + "an unknown dataset.";
  if (card.datasets.size() == 1) return text + fmt::format("the {} dataset.", card.datasets[0]);
  for (size_t i = 0; i + 1 < card.datasets.size(); ++i)
    text += fmt::format("{}the {}", i ? ", " : "", card.datasets[i]);
  return text + fmt::format(" and the {} datasets.", card.datasets.back());
}

/// Numbers with more than 4 decimals are shown with 4.
std::string shown(const Json& value) {
  const std::string text = python_value_str(value);
  const size_t dot = text.find('.');
  if (!value.is_number_float() || dot == std::string::npos || text.size() - dot - 1 <= 4) return text;
  return fmt::format("{:.4f}", value.get<double>());
}

/// "accuracy_top" -> "Accuracy Top"; Python's capitalize() lowers the rest of each word.
std::string heading_of(std::string_view key) {
  std::vector<std::string> words = split(key, '_');
  for (std::string& word : words) {
    word = to_lower(word);
    if (!word.empty()) word[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(word[0])));
  }
  return join(words, " ");
}

bool is_speed(std::string_view key) {
  return key == "runtime" || key == "samples_per_second" || key == "steps_per_second";
}

std::string without_eval(const std::string& key) { return key.starts_with("eval_") ? key.substr(5) : key; }

using Row = std::vector<std::pair<std::string, std::string>>;

/// Heading and value of each figure of the last evaluation.
std::vector<std::pair<std::string, Json>> last_evaluation(const Json& history) {
  std::vector<std::pair<std::string, Json>> results;
  for (size_t i = history.size(); i-- > 1;) {
    if (!history[i].contains("eval_loss")) continue;
    for (auto it = history[i].begin(); it != history[i].end(); ++it) {
      const std::string key = without_eval(it.key());
      if (!is_speed(key) && key != "epoch" && key != "step") results.emplace_back(heading_of(key), *it);
    }
    break;
  }
  return results;
}

/// The figures of the last evaluation that the hub knows by name.
std::vector<std::string> metric_tags(const Json& history) {
  static constexpr std::string_view kKnown[] = {"accuracy",  "bleu",      "f1",     "matthews_correlation",
                                                "pearsonr",  "precision", "recall", "rouge",
                                                "sacrebleu", "spearmanr", "wer"};
  std::vector<std::string> tags;
  for (const auto& [heading, value] : last_evaluation(history)) {
    const std::string tag = replace_all(to_lower(heading), " ", "_");
    if (std::find(std::begin(kKnown), std::end(kKnown), tag) != std::end(kKnown)) tags.push_back(tag);
  }
  return tags;
}

std::string evaluation_results(const Json& history) {
  std::vector<std::string> lines;
  for (const auto& [heading, value] : last_evaluation(history)) {
    lines.push_back(fmt::format("- {}: {}", heading, shown(value)));
  }
  return lines.empty() ? "" : "\nIt achieves the following results on the evaluation set:\n" + join(lines, "\n");
}

std::string front_matter(const ModelCard& card) {
  std::string text = fmt::format("---\nlibrary_name: {}\nlicense: other\n", card.adapter ? "peft" : "transformers");
  if (!card.base_model.empty()) text += fmt::format("base_model: {}\n", yaml_scalar(card.base_model));
  text += "tags:\n";
  for (const std::string& tag : tags_of(card)) text += fmt::format("- {}\n", yaml_scalar(tag));
  const std::vector<std::string> metrics = metric_tags(card.log_history);
  if (!metrics.empty()) text += "metrics:\n- " + join(metrics, "\n- ") + "\n";
  if (card.adapter && card.causal_lm) text += "pipeline_tag: text-generation\n";
  return text + fmt::format("model-index:\n- name: {}\n  results: []\n---\n", yaml_scalar(card.model_name));
}

Row table_row(const Json& entry, const Json& training_loss) {
  Row row = {{"Training Loss", shown(training_loss)},
             {"Epoch", shown(entry.value("epoch", Json()))},
             {"Step", shown(entry.value("step", Json()))}};
  for (auto it = entry.begin(); it != entry.end(); ++it) {
    const std::string& key = it.key();
    if (key == "total_flos" || key == "epoch" || key == "step" || is_speed(without_eval(key))) continue;
    const size_t cut = key.find('_');
    const std::string rest = cut == std::string::npos ? "" : key.substr(cut + 1);
    row.emplace_back(key == "eval_loss" ? "Validation Loss" : heading_of(rest), shown(*it));
  }
  return row;
}

/// Rows of the table: one for each evaluation before the end of the training. False when training has not ended.
bool table_rows(const Json& history, std::vector<Row>& rows) {
  Json training_loss = "No log";
  for (const Json& entry : history) {
    if (entry.contains("train_runtime") && entry.contains("train_loss")) return true;
    if (entry.contains("loss")) training_loss = entry["loss"];
    if (entry.contains("eval_loss")) rows.push_back(table_row(entry, training_loss));
  }
  return false;
}

std::string markdown_table(const std::vector<Row>& rows) {
  if (rows.empty()) return "";
  std::vector<std::string> columns;
  std::map<std::string, size_t> widths;
  for (const Row& row : rows) {
    for (const auto& [name, text] : row) {
      if (!widths.contains(name)) {
        columns.push_back(name);
        widths[name] = name.size();
      }
      widths[name] = std::max(widths[name], text.size());
    }
  }
  std::string head;
  std::string rule;
  std::string body;
  for (const std::string& name : columns) {
    head += fmt::format("| {:<{}}", name, widths[name] + 1);
    rule += "|:" + std::string(widths[name], '-') + ":";
  }
  for (const Row& row : rows) {
    for (const std::string& name : columns) {
      const auto cell = std::find_if(row.begin(), row.end(), [&](const auto& item) { return item.first == name; });
      body += fmt::format("| {:<{}}", cell == row.end() ? "" : cell->second, widths[name] + 1);
    }
    body += "|\n";
  }
  return head + "|\n" + rule + "|\n" + body;
}

/// OptimizerNames member of a value: mostly its upper case.
std::string optimizer_member(const std::string& optim) {
  static const std::map<std::string, std::string> kOthers = {
      {"adamw_bnb_8bit", "ADAMW_BNB"},       {"lion_32bit", "LION"},
      {"paged_adamw_32bit", "PAGED_ADAMW"},  {"paged_ademamix_32bit", "PAGED_ADEMAMIX"},
      {"paged_lion_32bit", "PAGED_LION"},    {"rmsprop_bnb_8bit", "RMSPROP_8BIT"},
      {"rmsprop_bnb_32bit", "RMSPROP_32BIT"}};
  if (auto found = kOthers.find(optim); found != kOthers.end()) return found->second;
  std::string upper = optim;
  for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return upper;
}

std::string optimizer_line(const ModelCard& card) {
  const std::string args = card.optim_args.empty() ? "No additional optimizer arguments" : card.optim_args;
  const std::string name = "OptimizerNames." + optimizer_member(card.optim);
  if (to_lower(card.optim).find("adam") == std::string::npos) {
    return fmt::format("Use {} and the args are:\n{}", name, args);
  }
  return fmt::format("Use {} with betas=({},{}) and epsilon={} and optimizer_args={}", name,
                     python_float(card.adam_beta1), python_float(card.adam_beta2), python_float(card.adam_epsilon),
                     args);
}

/// Warm-up steps are whole numbers, or a ratio when below one.
std::string warmup_text(double steps) {
  return steps >= 1 ? std::to_string(static_cast<int64_t>(steps)) : python_float(steps);
}

std::string hyperparameters(const ModelCard& card) {
  std::string text = "\nThe following hyperparameters were used during training:\n";
  auto add = [&](const char* name, const std::string& value) { text += fmt::format("- {}: {}\n", name, value); };
  add("learning_rate", python_float(card.learning_rate));
  add("train_batch_size", std::to_string(card.train_batch_size));
  add("eval_batch_size", std::to_string(card.eval_batch_size));
  add("seed", std::to_string(card.seed));
  if (card.world_size > 1) {
    add("distributed_type", "multi-GPU");
    add("num_devices", std::to_string(card.world_size));
  }
  const int64_t accumulation = card.gradient_accumulation_steps;
  if (accumulation > 1) add("gradient_accumulation_steps", std::to_string(accumulation));
  const int64_t total = card.train_batch_size * card.world_size * accumulation;
  if (total != card.train_batch_size) add("total_train_batch_size", std::to_string(total));
  if (card.world_size > 1) add("total_eval_batch_size", std::to_string(card.eval_batch_size * card.world_size));
  if (!card.optim.empty()) add("optimizer", optimizer_line(card));
  add("lr_scheduler_type", card.lr_scheduler_type);
  if (card.warmup_steps != 0) add("lr_scheduler_warmup_steps", warmup_text(card.warmup_steps));
  if (card.max_steps > 0)
    add("training_steps", std::to_string(card.max_steps));
  else
    add("num_epochs", python_float(card.num_train_epochs));
  if (card.fp16) add("mixed_precision_training", "Native AMP");
  if (card.label_smoothing_factor != 0) add("label_smoothing_factor", python_float(card.label_smoothing_factor));
  return text;
}

std::string frameworks(const ModelCard& card) {
  std::string text = "\n### Framework versions\n\n";
  for (const auto& [name, version] : card.frameworks.empty() ? framework_versions() : card.frameworks) {
    text += fmt::format("- {} {}\n", name, version);
  }
  return text;
}

}  // namespace

std::string model_card_text(const ModelCard& card) {
  std::string text = front_matter(card) + kComment + introduction(card) + evaluation_results(card.log_history) + "\n";
  for (const char* section : {"Model description", "Intended uses & limitations", "Training and evaluation data"}) {
    text += fmt::format("\n## {}\n\nMore information needed\n", section);
  }
  text += "\n## Training procedure\n\n### Training hyperparameters\n" + hyperparameters(card);
  std::vector<Row> rows;
  if (table_rows(card.log_history, rows)) text += "\n### Training results\n\n" + markdown_table(rows) + "\n";
  text += frameworks(card);
  if (card.adapter) text.pop_back();  // PEFT rewrites the card line by line and leaves no newline at its end
  return text;
}

void write_model_card(const std::filesystem::path& folder, const ModelCard& card) {
  create_folder(folder);
  write_file_durably(folder / "README.md", model_card_text(card));
}

}  // namespace lf
