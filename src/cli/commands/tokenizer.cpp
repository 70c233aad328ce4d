// `tokenizer encode | decode | info`: a model's tokenizer by itself.
#include <unistd.h>

#include <algorithm>
#include <charconv>

#include "base/error.h"
#include "base/json.h"
#include "base/strings.h"
#include "base/terminal.h"
#include "cli/command.h"
#include "cli/line_batches.h"
#include "cli/tokenizer_lines.h"
#include "data/parallel.h"

namespace lf {
namespace {

constexpr std::string_view kUsage = "tokenizer encode|decode|info --model DIR [--input FILE] [options]";

constexpr std::string_view kHelp =
    "usage: llamafactory-cli tokenizer encode --model DIR [--input FILE]   text to token ids\n"
    "       llamafactory-cli tokenizer decode --model DIR [--input FILE]   token ids to text\n"
    "       llamafactory-cli tokenizer info --model DIR [--json]           what the tokenizer is\n"
    "\n"
    "DIR is a model folder, or a tokenizer file to be read by itself; it may stand without --model.\n"
    "encode writes {\"ids\": [...]} for each line of text, or for each {\"text\": ...} of a JSONL file.\n"
    "decode writes {\"text\": ...} for each {\"ids\": [...]} (or bare list). Lines stay in order.\n"
    "\n"
    "  --input FILE            what is read; standard input without it or with -\n"
    "  --jsonl, --text         how encode reads its input. Without either: as JSONL when the name ends in .jsonl,\n"
    "                          as text when it ends in .txt, and otherwise as JSONL when the first byte is {\n"
    "  --no-special-tokens     encode: leave out what the tokenizer puts round a text (BOS ...)\n"
    "  --split-special-tokens  encode: special tokens in the text are text\n"
    "  --tokens, --offsets     encode: also the token strings; also [begin, end) of each in characters\n"
    "  --skip-special-tokens   decode: leave special tokens out\n"
    "  --reading NAME          as_written (default), transformers4 or transformers5: see docs/TOKENIZERS.md\n"
    "  --threads N             threads at work (default: those of the machine)\n";

struct Options {
  std::string action, model, input = "-";
  bool jsonl = false, text = false, json = false;
  bool special_tokens = true, split_special_tokens = false, skip_special_tokens = false;
  bool tokens = false, offsets = false;
  TokenizerOptions tokenizer;
  size_t threads = worker_threads();
};

size_t read_threads(const std::string& value) {
  size_t threads = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), threads);
  LF_CHECK(kConfig, error == std::errc() && end == value.data() + value.size() && threads >= 1 && threads <= 1024,
           "--threads must be a number from 1 to 1024 but is '{}'", printable(value, 40));
  return threads;
}

/// Switches of an action, by name.
bool* find_switch(Options& options, std::string_view name) {
  const bool encode = options.action == "encode";
  if (encode && name == "--jsonl") return &options.jsonl;
  if (encode && name == "--text") return &options.text;
  if (encode && name == "--split-special-tokens") return &options.split_special_tokens;
  if (encode && name == "--tokens") return &options.tokens;
  if (encode && name == "--offsets") return &options.offsets;
  if (options.action == "decode" && name == "--skip-special-tokens") return &options.skip_special_tokens;
  return options.action == "info" && name == "--json" ? &options.json : nullptr;
}

Options parse(std::span<const std::string> args) {
  static const std::vector<std::string> kActions = {"encode", "decode", "info"};
  LF_CHECK(kConfig, !args.empty(), "what shall be done?\nusage: llamafactory-cli {}", kUsage);
  Options options;
  options.action = args[0];
  LF_CHECK(kConfig, std::find(kActions.begin(), kActions.end(), args[0]) != kActions.end(),
           "'{}' is not known{}\nusage: llamafactory-cli {}", printable(args[0], 40), did_you_mean(args[0], kActions),
           kUsage);
  for (size_t i = 1; i < args.size(); ++i) {
    const size_t equals = args[i].starts_with("--") ? args[i].find('=') : std::string::npos;
    const std::string name = replace_all(args[i].substr(0, equals), "_", "-");
    const auto value = [&]() -> std::string {
      if (equals != std::string::npos) return args[i].substr(equals + 1);
      LF_CHECK(kConfig, i + 1 < args.size(), "{} needs a value", name);
      return args[++i];
    };
    const bool streams = options.action != "info";
    if (name == "--model" || name == "--model-name-or-path") {
      options.model = value();
    } else if (name == "--reading") {
      options.tokenizer.reading = tokenizer_reading(value());
    } else if (streams && name == "--input") {
      options.input = value();
    } else if (streams && name == "--threads") {
      options.threads = read_threads(value());
    } else if (options.action == "encode" && name == "--no-special-tokens") {
      options.special_tokens = false;
    } else if (bool* flag = find_switch(options, name)) {
      *flag = true;
    } else {
      LF_CHECK(kConfig, !args[i].starts_with("-") && options.model.empty(),
               "tokenizer {}: '{}' is not an option; --help lists them", options.action, printable(args[i], 60));
      options.model = args[i];
    }
  }
  LF_CHECK(kConfig, !options.model.empty(), "which tokenizer? --model DIR\nusage: llamafactory-cli {}", kUsage);
  LF_CHECK(kConfig, !options.jsonl || !options.text, "--jsonl and --text exclude each other");
  return options;
}

/// Runs `each` over all lines of the input, on several threads, and writes the results in order. A reader that went
/// away ends the run.
template <class Each>
int run_lines(LineBatches& input, size_t threads, const Each& each) {
  constexpr size_t kBatch = size_t{4} << 20;
  std::vector<std::string_view> lines;
  std::vector<std::string> results;
  while (input.next(kBatch, lines)) {
    const size_t group = std::max<size_t>(1, lines.size() / (threads * 8));  // lines that are handed out together
    const size_t groups = (lines.size() + group - 1) / group;
    results.assign(groups, "");
    parallel_for(groups, threads, [&](size_t g) {
      for (size_t i = g * group; i < std::min(lines.size(), (g + 1) * group); ++i)
        results[g] += each(lines[i], fmt::format("{}:{}", input.name(), input.first_line() + i));
    });
    for (const std::string& result : results) {
      if (!write_fully(STDOUT_FILENO, result)) return 0;
    }
  }
  return 0;
}

int encode(const Tokenizer& tokenizer, const Options& options) {
  LineBatches input(options.input);
  const bool by_name = options.input.ends_with(".jsonl") || options.input.ends_with(".txt");
  const bool jsonl = options.jsonl || (!options.text && (by_name ? options.input.ends_with(".jsonl")
                                                                 : input.first_byte() == '{'));
  const EncodeLineOptions line_options{.jsonl = jsonl,
                                       .special_tokens = options.special_tokens,
                                       .tokens = options.tokens,
                                       .offsets = options.offsets};
  return run_lines(input, options.threads, [&](std::string_view line, const std::string& place) {
    return encode_line(tokenizer, line, line_options, place);
  });
}

int decode(const Tokenizer& tokenizer, const Options& options) {
  LineBatches input(options.input);
  return run_lines(input, options.threads, [&](std::string_view line, const std::string& place) {
    return decode_line(tokenizer, line, options.skip_special_tokens, place);
  });
}

Json special_tokens_json(const Tokenizer& tokenizer) {
  Json tokens = Json::object();
  const SpecialTokens& named = tokenizer.special_tokens();
  for (const auto& [name, token] : {std::pair("bos", named.bos), std::pair("eos", named.eos),
                                    std::pair("unk", named.unk), std::pair("pad", named.pad)}) {
    if (token.empty()) continue;
    const auto id = tokenizer.token_to_id(token);
    tokens[name] = {{"token", token}, {"id", id ? Json(*id) : Json()}};
  }
  return tokens;
}

int info(const Tokenizer& tokenizer, const Options& options) {
  Json info;
  info["kind"] = std::string(tokenizer.kind());
  info["size"] = tokenizer.size();
  info["special_tokens"] = special_tokens_json(tokenizer);
  info["additional_special_tokens"] = tokenizer.special_tokens().additional;
  info["add_bos_token"] = tokenizer.add_bos_token();
  info["split_special_tokens"] = tokenizer.split_special_tokens();
  info["chat_template"] = !tokenizer.chat_template().empty();
  std::string text = python_json(info, 2) + "\n";
  if (!options.json) {
    text = fmt::format("kind: {}\nsize: {}\n", tokenizer.kind(), tokenizer.size());
    for (const auto& [name, token] : info["special_tokens"].items())
      text += fmt::format("{}: {} ({})\n", name, printable(token["token"].get<std::string>()), token["id"].dump());
    std::vector<std::string> more;
    for (const std::string& token : tokenizer.special_tokens().additional) more.push_back(printable(token));
    text += "additional special tokens: " + (more.empty() ? "none" : join(more, " ")) + "\n";
    const auto yes_no = [](bool yes) { return yes ? "yes" : "no"; };
    text += fmt::format("BOS is put in front: {}\nspecial tokens in text are split: {}\nchat template: {}\n",
                        yes_no(tokenizer.add_bos_token()), yes_no(tokenizer.split_special_tokens()),
                        yes_no(!tokenizer.chat_template().empty()));
  }
  write_fully(STDOUT_FILENO, text);
  return 0;
}

int run_tokenizer(std::span<const std::string> args) {
  const auto help = [](const std::string& a) { return a == "-h" || a == "--help" || a == "help"; };
  if (std::any_of(args.begin(), args.end(), help)) {
    write_fully(STDOUT_FILENO, kHelp);
    return 0;
  }
  const Options options = parse(args);
  const auto tokenizer = load_tokenizer(options.model, options.tokenizer);
  if (options.split_special_tokens) tokenizer->set_split_special_tokens(true);
  if (options.action == "encode") return encode(*tokenizer, options);
  return options.action == "decode" ? decode(*tokenizer, options) : info(*tokenizer, options);
}

}  // namespace

extern const CommandEntry entry_tokenizer;
constinit const CommandEntry entry_tokenizer{"tokenizer", "text to token ids and back", kUsage, run_tokenizer};

}  // namespace lf
