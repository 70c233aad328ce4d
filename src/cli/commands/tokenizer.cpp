// `tokenizer encode | decode | info | save`: a model's tokenizer by itself.
#include <unistd.h>

#include <algorithm>
#include <exception>

#include "base/error.h"
#include "base/json.h"
#include "base/strings.h"
#include "base/terminal.h"
#include "cli/command.h"
#include "cli/line_batches.h"
#include "cli/tokenizer_lines.h"
#include "cli/tokenizer_options.h"
#include "data/parallel.h"
#include "io/output_folder.h"

namespace lf {
namespace {

/// Runs `each` over all lines of the input, on several threads, and writes the results in order. A reader that went
/// away ends the run.
template <class Each>
int run_lines(LineBatches& input, size_t threads, const Each& each) {
  constexpr size_t kBatch = size_t{4} << 20;
  std::vector<std::string_view> lines;
  std::vector<std::string> results;
  std::vector<std::exception_ptr> errors;
  while (input.next(kBatch, lines)) {
    const size_t group = std::max<size_t>(1, lines.size() / (threads * 8));  // lines that are handed out together
    const size_t groups = (lines.size() + group - 1) / group;
    results.assign(groups, "");
    errors.assign(groups, nullptr);
    parallel_for(groups, threads, [&](size_t g) {
      try {
        for (size_t i = g * group; i < std::min(lines.size(), (g + 1) * group); ++i)
          results[g] += each(lines[i], fmt::format("{}:{}", input.name(), input.first_line() + i));
      } catch (...) {
        errors[g] = std::current_exception();
      }
    });
    for (size_t g = 0; g < groups; ++g) {  // what stands before a bad line is written
      if (!write_fully(STDOUT_FILENO, results[g])) return 0;
      if (errors[g]) std::rethrow_exception(errors[g]);
    }
  }
  return 0;
}

int encode(const Tokenizer& tokenizer, const TokenizerCommand& options) {
  LineBatches input(options.input);
  const bool by_name = options.input.ends_with(".jsonl") || options.input.ends_with(".txt");
  const bool jsonl =
      options.jsonl || (!options.text && (by_name ? options.input.ends_with(".jsonl") : input.first_byte() == '{'));
  const EncodeLineOptions line_options{
      .jsonl = jsonl, .special_tokens = options.special_tokens, .tokens = options.tokens, .offsets = options.offsets};
  return run_lines(input, options.threads, [&](std::string_view line, const std::string& place) {
    return encode_line(tokenizer, line, line_options, place);
  });
}

int decode(const Tokenizer& tokenizer, const TokenizerCommand& options) {
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

int info(const Tokenizer& tokenizer, const TokenizerCommand& options) {
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

int save(Tokenizer& tokenizer, const TokenizerCommand& options) {
  tokenizer.add_tokens(options.add_tokens);
  tokenizer.add_special_tokens(options.add_special_tokens);
  if (!options.eos.empty()) tokenizer.set_eos(options.eos);
  OutputFolder folder(options.output);
  for (const auto& [name, text] : tokenizer.files()) folder.write_text(name, text);
  return 0;
}

int run_tokenizer(std::span<const std::string> args) {
  const auto help = [](const std::string& a) { return a == "-h" || a == "--help" || a == "help"; };
  if (std::any_of(args.begin(), args.end(), help)) {
    write_fully(STDOUT_FILENO, kTokenizerHelp);
    return 0;
  }
  TokenizerCommand options = parse_tokenizer_command(args);
  // As written means as the tokenizers library itself (0.23) has it, down to the names of old files' special tokens.
  if (options.tokenizer.reading == TokenizerReading::kAsWritten)
    options.tokenizer.added_token_names = AddedTokenNames::kNormalized;
  const auto tokenizer = load_tokenizer(options.model, options.tokenizer);
  if (options.split_special_tokens) tokenizer->set_split_special_tokens(true);
  if (options.action == "save") return save(*tokenizer, options);
  if (options.action == "encode") return encode(*tokenizer, options);
  if (options.action == "decode") return decode(*tokenizer, options);
  return info(*tokenizer, options);
}

}  // namespace

extern const CommandEntry entry_tokenizer;
constinit const CommandEntry entry_tokenizer{"tokenizer", "text to token ids and back", kTokenizerUsage, run_tokenizer};

}  // namespace lf
