// `data validate | preview | stats | convert`: datasets without training on them.
#include <unistd.h>

#include "base/error.h"
#include "base/log.h"
#include "base/strings.h"
#include "base/terminal.h"
#include "cli/command.h"
#include "cli/data_arguments.h"
#include "data/inspect/conversion.h"
#include "data/inspect/row_view.h"
#include "data/inspect/sniff.h"
#include "data/inspect/statistics.h"
#include "data/inspect/validation.h"
#include "stages/run_tokenizer.h"

namespace lf {
namespace {

constexpr std::string_view kUsage =
    "data validate|preview|stats|convert [CONFIG.yaml | FILE ... | --dataset NAME --dataset_dir DIR] [--model DIR] "
    "[...]";

constexpr std::string_view kSources =
    "  CONFIG.yaml [key=value ...]        the datasets, template, stage and model of a configuration\n"
    "  --dataset NAME --dataset_dir DIR   an entry of DIR/dataset_info.json\n"
    "  FILE ...                           a file, folder, pattern or address; the format is guessed and named\n"
    "  --formatting NAME                  alpaca, sharegpt or openai instead of the guess\n"
    "  --model DIR --template NAME        tokenizer and chat template: tokens as in training (`--model none`: none)\n"
    "  --stage NAME                       pt, sft, rm, dpo, kto or ppo; without it what the dataset is for\n"
    "  --json                             machine-readable\n"
    "  any key of the data group, such as cutoff_len=1024 or --escape_special\n";

std::string help_text(const std::string& action) {
  const auto lines = [](std::string_view usage, std::string_view what) {
    return fmt::format("usage: llamafactory-cli data {}\n{}\n", usage, what);
  };
  std::string text;
  if (action == "validate") {
    text = lines(
        "validate SOURCE [--model DIR --template NAME]",
        "Reads every row and reports all that is wrong: rows that cannot be read or are dropped, missing columns,\n"
        "texts of special tokens, repeated rows, rows that are cut. The exit status is 65 when there is a problem.");
  } else if (action == "preview") {
    text = lines(
        "preview SOURCE [--rows A:B] [--model DIR --template NAME]",
        "Shows rows as training sees them: the conversation, and with a model the tokens, their borders and which\n"
        "of them bear loss.\n"
        "  --rows A:B                         rows A to B, counted from 1 (default 1:5); A alone is one row");
  } else if (action == "stats") {
    text = lines("stats SOURCE [--model DIR --template NAME]",
                 "Rows and their lengths (tokens with a model, else characters), the share that is cut and masked.");
  } else if (action == "convert") {
    text = lines(
        "convert SOURCE --to FILE [--form NAME] [--on_bad_row skip]",
        "Writes a dataset into FILE (.jsonl, .json, .parquet, .arrow) and names the entry of dataset_info.json for "
        "it.\n"
        "  --form NAME                        alpaca, sharegpt, openai, or rows (columns as they are); without it\n"
        "                                     the dataset's own");
  } else {
    text = fmt::format(
        "usage: llamafactory-cli {}\n"
        "  validate   everything that is wrong with a dataset, at once\n"
        "  preview    rows as training sees them: conversation, tokens, loss\n"
        "  stats      rows, lengths, what is cut and masked\n"
        "  convert    into another file type or form\n",
        kUsage);
  }
  return text + std::string(kSources);
}

void print(const std::string& text) { write_fully(STDOUT_FILENO, text); }

/// Makes the encodings of all datasets of a call, with the tokenizer that training would have.
class Encodings {
 public:
  explicit Encodings(const DataArguments& args) : args_(args) {
    if (args.model.empty()) return;
    RunConfig config = args.config;
    config.model.model_folder = args.model;
    run_ = load_run_tokenizer(config);
  }
  std::unique_ptr<RowEncoding> operator()(const DatasetAttr& attr) const {
    return make_encoding(args_.config, run_.tokenizer.get(), run_.chat_template.get(), attr, args_.guess_stage);
  }

 private:
  const DataArguments& args_;
  RunTokenizer run_;
};

int validate(const DataArguments& args) {
  const Encodings encoding_for(args);
  bool ok = true;
  for (const DatasetAttr& attr : args.datasets) {
    const auto encoding = encoding_for(attr);
    const Validation validation = validate_dataset(attr, encoding.get());
    ok = ok && validation.ok();
    print(args.json ? validation_json(validation).dump() + "\n" : validation_text(validation));
  }
  return ok ? 0 : exit_code(ErrorKind::kData);
}

int preview(const DataArguments& args) {
  const Encodings encoding_for(args);
  const ViewStyle style{terminal_is_rich(STDOUT_FILENO), terminal_is_utf8()};
  for (const DatasetAttr& attr : args.datasets) {
    const auto encoding = encoding_for(attr);
    int64_t shown = 0;
    Inspector(attr, encoding.get())
        .each(args.first_row, args.last_row, encoding->encoder != nullptr, [&](const InspectedRow& row) {
          ++shown;
          print(args.json ? row_json(row, encoding.get()).dump(-1, ' ', false, Json::error_handler_t::replace) + "\n"
                          : view_row(row, encoding.get(), style) + "\n");
          return true;
        });
    LF_CHECK(kData, shown > 0, "{}: there is no row {}", describe(attr), args.first_row + 1);
  }
  return 0;
}

int stats(const DataArguments& args) {
  const Encodings encoding_for(args);
  for (const DatasetAttr& attr : args.datasets) {
    const auto encoding = encoding_for(attr);
    const Statistics statistics = dataset_statistics(attr, encoding.get());
    print(args.json ? statistics_json(statistics).dump() + "\n"
                    : statistics_text(statistics, terminal_width(STDOUT_FILENO, 100)));
  }
  return 0;
}

int convert(const DataArguments& args) {
  LF_CHECK(kConfig, !args.to.empty(), "data convert needs --to FILE (.jsonl, .json, .parquet or .arrow)");
  LF_CHECK(kConfig, args.datasets.size() == 1, "data convert takes one dataset at a time, and {} are given",
           args.datasets.size());
  const DatasetAttr& attr = args.datasets.front();
  const Conversion done = convert_dataset(attr, {args.to, args.form, BadRowPolicy::parse(args.config.data.on_bad_row)});
  if (args.json) {
    print(Json{{"written", done.written}, {"dropped", done.dropped}, {"bad", done.bad}, {"entry", done.entry}}.dump() +
          "\n");
  } else {
    print(fmt::format("{}: {} rows written", args.to, done.written));
    if (done.bad > 0) print(fmt::format(", {} bad rows left out", done.bad));
    if (done.dropped > 0)
      print(fmt::format(", {} rows left out that training would drop (first: {})", done.dropped, done.first_dropped));
    print("\n");
    if (!done.entry.is_null()) print("entry of dataset_info.json: " + done.entry.dump() + "\n");
  }
  if (!done.notice.empty()) log_warn("data", "{}", done.notice);
  return 0;
}

int run_data(std::span<const std::string> list) {
  const DataArguments args = parse_data_arguments(list);
  if (args.help) {
    print(help_text(args.action));
    return 0;
  }
  for (const std::string& note : args.notes) log_info("data", "{}", note);
  if (args.action == "validate") return validate(args);
  if (args.action == "preview") return preview(args);
  return args.action == "stats" ? stats(args) : convert(args);
}

}  // namespace

extern const CommandEntry entry_data;
constinit const CommandEntry entry_data{"data", "check, preview, measure, convert datasets", kUsage, run_data};

}  // namespace lf
