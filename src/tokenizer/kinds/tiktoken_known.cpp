// Published tiktoken files: the pattern that cuts words and the special tokens stand in their publishers' code, not in
// the files. A file is known by its number of ranks.
#include "base/log.h"
#include "tokenizer/kinds/kinds.h"
#include "tokenizer/published_patterns.h"

namespace lf {
namespace {

using Specials = std::vector<std::pair<std::string, TokenId>>;

constexpr std::string_view kO200k =
    R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
constexpr std::string_view kCl100k =
    R"('(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]|\s+(?!\S)|\s)";
constexpr std::string_view kP50k = R"('(?:[sdmt]|ll|ve|re)| ?\p{L}++| ?\p{N}++| ?[^\s\p{L}\p{N}]++|\s++$|\s+(?!\S)|\s)";
constexpr std::string_view kKimi =
    R"([\p{Han}]+|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]*[\p{Ll}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]+[\p{Ll}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";

void number_from(Specials& out, TokenId first, std::initializer_list<const char*> names) {
  for (const char* name : names) out.emplace_back(name, first++);
}

Specials llama3_specials() {
  Specials all;
  number_from(all, 128000,
              {"<|begin_of_text|>", "<|end_of_text|>", "<|reserved_special_token_0|>", "<|reserved_special_token_1|>",
               "<|reserved_special_token_2|>", "<|reserved_special_token_3|>", "<|start_header_id|>",
               "<|end_header_id|>", "<|reserved_special_token_4|>", "<|eot_id|>"});
  for (TokenId i = 5; i < 251; ++i) all.emplace_back(fmt::format("<|reserved_special_token_{}|>", i), 128005 + i);
  return all;
}

Specials llama4_specials() {
  Specials all;
  number_from(all, 200000,
              {"<|begin_of_text|>", "<|end_of_text|>", "<|fim_prefix|>", "<|fim_middle|>", "<|fim_suffix|>",
               "<|header_start|>", "<|header_end|>", "<|eom|>", "<|eot|>", "<|step|>"});
  return all;
}

Specials qwen_specials() {
  Specials all;
  number_from(all, 151643, {"<|endoftext|>", "<|im_start|>", "<|im_end|>"});
  for (TokenId i = 0; i < 205; ++i) all.emplace_back(fmt::format("<|extra_{}|>", i), 151646 + i);
  return all;
}

Specials kimi_specials() {
  Specials all;
  for (TokenId i = 163584; i < 163840; ++i) all.emplace_back(fmt::format("<|reserved_token_{}|>", i), i);
  return all;
}

}  // namespace

KnownTiktoken known_tiktoken(size_t ranks, const std::filesystem::path& file) {
  switch (ranks) {
    case 128000:
      return {std::string(kLlama3Pattern), llama3_specials()};
    case 200000:
      return {std::string(kO200k), llama4_specials()};
    case 151643:
      return {std::string(kQwenPattern), qwen_specials()};
    case 151329:
      return {std::string(kLlama3Pattern), {}};  // GLM-4; its special tokens stand in tokenizer_config.json
    case 163584:
      return {std::string(kKimi), kimi_specials()};
    case 199998:
      return {std::string(kO200k), {{"<|endoftext|>", 199999}, {"<|endofprompt|>", 200018}}};
    case 100256:
      return {std::string(kCl100k),
              {{"<|endoftext|>", 100257},
               {"<|fim_prefix|>", 100258},
               {"<|fim_middle|>", 100259},
               {"<|fim_suffix|>", 100260},
               {"<|endofprompt|>", 100276}}};
    case 50280:
    case 50256:
      return {std::string(kP50k), {{"<|endoftext|>", 50256}}};
    default:
      break;
  }
  log_warn("tokenizer",
           "{}: a tiktoken file with {} ranks is not known; words are cut as Llama 3 does. A tiktoken_spec.json beside "
           "it with \"pat_str\" and \"special_tokens\" says otherwise",
           file.string(), ranks);
  return {std::string(kLlama3Pattern), {}};
}

}  // namespace lf
