#include "cli/tokenizer_options.h"

#include <algorithm>
#include <charconv>
#include <functional>

#include "base/error.h"
#include "base/strings.h"

namespace lf {
namespace {

size_t read_threads(const std::string& value) {
  size_t threads = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), threads);
  LF_CHECK(kConfig, error == std::errc() && end == value.data() + value.size() && threads >= 1 && threads <= 1024,
           "--threads must be a number from 1 to 1024 but is '{}'", printable(value, 40));
  return threads;
}

/// Switches of an action, by name.
bool* find_switch(TokenizerCommand& options, std::string_view name) {
  const bool encode = options.action == "encode";
  if (encode && name == "--jsonl") return &options.jsonl;
  if (encode && name == "--text") return &options.text;
  if (encode && name == "--split-special-tokens") return &options.split_special_tokens;
  if (encode && name == "--tokens") return &options.tokens;
  if (encode && name == "--offsets") return &options.offsets;
  if (options.action == "decode" && name == "--skip-special-tokens") return &options.skip_special_tokens;
  return options.action == "info" && name == "--json" ? &options.json : nullptr;
}

using Value = std::function<std::string()>;

/// Takes an option that has a value; false when the action has none of that name.
bool take_value(TokenizerCommand& options, std::string_view name, const Value& value) {
  const bool saves = options.action == "save";
  const bool streams = options.action == "encode" || options.action == "decode";
  if (name == "--model" || name == "--model-name-or-path") {
    options.model = value();
  } else if (name == "--reading") {
    options.tokenizer.reading = tokenizer_reading(value());
  } else if (streams && name == "--input") {
    options.input = value();
  } else if (streams && name == "--threads") {
    options.threads = read_threads(value());
  } else if (saves && name == "--output") {
    options.output = value();
  } else if (saves && name == "--eos") {
    options.eos = value();
  } else if (saves && name == "--add-tokens") {
    options.add_tokens = split_list(value());
  } else if (saves && name == "--add-special-tokens") {
    options.add_special_tokens = split_list(value());
  } else {
    return false;
  }
  return true;
}

/// Takes an option that is there or not.
bool take_switch(TokenizerCommand& options, std::string_view name) {
  if (options.action == "encode" && name == "--no-special-tokens") {
    options.special_tokens = false;
    return true;
  }
  bool* flag = find_switch(options, name);
  if (flag) *flag = true;
  return flag;
}

void check(const TokenizerCommand& options) {
  LF_CHECK(kConfig, !options.model.empty(), "which tokenizer? --model DIR\nusage: llamafactory-cli {}",
           kTokenizerUsage);
  LF_CHECK(kConfig, options.action != "save" || !options.output.empty(), "which folder? --output DIR");
  LF_CHECK(kConfig, !options.jsonl || !options.text, "--jsonl and --text exclude each other");
}

}  // namespace

TokenizerCommand parse_tokenizer_command(std::span<const std::string> args) {
  static const std::vector<std::string> kActions = {"encode", "decode", "info", "save"};
  LF_CHECK(kConfig, !args.empty(), "what shall be done?\nusage: llamafactory-cli {}", kTokenizerUsage);
  TokenizerCommand options;
  options.action = args[0];
  LF_CHECK(kConfig, std::find(kActions.begin(), kActions.end(), args[0]) != kActions.end(),
           "'{}' is not known{}\nusage: llamafactory-cli {}", printable(args[0], 40), did_you_mean(args[0], kActions),
           kTokenizerUsage);
  for (size_t i = 1; i < args.size(); ++i) {
    const size_t equals = args[i].starts_with("--") ? args[i].find('=') : std::string::npos;
    const std::string name = replace_all(args[i].substr(0, equals), "_", "-");
    const Value value = [&]() -> std::string {
      if (equals != std::string::npos) return args[i].substr(equals + 1);
      LF_CHECK(kConfig, i + 1 < args.size(), "{} needs a value", name);
      return args[++i];
    };
    if (take_value(options, name, value) || take_switch(options, name)) continue;
    LF_CHECK(kConfig, !args[i].starts_with("-") && options.model.empty(),
             "tokenizer {}: '{}' is not an option; --help lists them", options.action, printable(args[i], 60));
    options.model = args[i];
  }
  check(options);
  return options;
}

}  // namespace lf
