// The arguments of the `tokenizer` command.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "data/parallel.h"
#include "tokenizer/tokenizer.h"

namespace lf {

inline constexpr std::string_view kTokenizerUsage =
    "tokenizer encode|decode|info|save --model DIR [--input FILE] [options]";

inline constexpr std::string_view kTokenizerHelp =
    "usage: llamafactory-cli tokenizer encode --model DIR [--input FILE]   text to token ids\n"
    "       llamafactory-cli tokenizer decode --model DIR [--input FILE]   token ids to text\n"
    "       llamafactory-cli tokenizer info --model DIR [--json]           what the tokenizer is\n"
    "       llamafactory-cli tokenizer save --model DIR --output DIR       as a folder that transformers loads\n"
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
    "  --threads N             threads at work (default: those of the machine)\n"
    "  --add-tokens A,B  --add-special-tokens A,B  --eos TOKEN   save: with these changes\n";

/// What the arguments of `tokenizer` ask for.
struct TokenizerCommand {
  std::string action, model, input = "-", output, eos;
  std::vector<std::string> add_tokens, add_special_tokens;
  bool jsonl = false, text = false, json = false;
  bool special_tokens = true, split_special_tokens = false, skip_special_tokens = false;
  bool tokens = false, offsets = false;
  TokenizerOptions tokenizer;
  size_t threads = worker_threads();
};

/// kConfig when they do not fit together.
TokenizerCommand parse_tokenizer_command(std::span<const std::string> args);

}  // namespace lf
