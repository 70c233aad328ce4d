// tiktoken files: "base64 rank" lines.
#include <algorithm>
#include <charconv>
#include <fstream>

#include "base/files.h"
#include "base/log.h"
#include "base/strings.h"
#include "tokenizer/kinds/kinds.h"
#include "tokenizer/kinds/rank_vocab.h"
#include "tokenizer/unicode.h"
#include "tokenizer/vocab.h"

namespace lf {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kMaxBytes = uint64_t{256} << 20;

bool read_number(std::string_view text, TokenId& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() && number >= 0 && number <= kMaxTokenId;
}

/// tiktoken_spec.json beside the file, when it is there and meant for it.
bool read_spec(const fs::path& file, RankPipeline& pipeline) {
  const fs::path path = file.parent_path() / "tiktoken_spec.json";
  std::error_code error;
  if (!fs::exists(path, error)) return false;
  const Json spec = read_json(path);
  const std::string where = path.string();
  LF_CHECK(kFormat, spec.is_object() && spec.contains("pat_str") && spec["pat_str"].is_string(),
           "{}: needed an object with \"pat_str\"", where);
  pipeline.pattern = spec["pat_str"];
  if (!spec.contains("special_tokens") || spec["special_tokens"].is_null()) return true;
  LF_CHECK(kFormat, spec["special_tokens"].is_object(), "{}: special_tokens: needed an object", where);
  for (const auto& [token, id] : spec["special_tokens"].items()) {
    LF_CHECK(kFormat, id.is_number_integer() && id >= 0 && id <= kMaxTokenId && !token.empty(),
             "{}: special_tokens: '{}' has no valid id", where, printable(token));
    pipeline.specials.push_back({token, id.get<TokenId>()});
  }
  return true;
}

/// Tokens of the configuration come first; known ones fill the ids that are left.
void add_specials(const TokenizerConfig& config, const KnownTiktoken& known, RankPipeline& pipeline) {
  for (const auto& [id, token] : config.added_tokens()) pipeline.specials.push_back({token.content, id, token.special});
  const auto taken = [&](const auto& special) {
    return std::any_of(pipeline.specials.begin(), pipeline.specials.end(), [&](const RankSpecial& other) {
      return other.id == special.second || other.content == special.first;
    });
  };
  std::vector<RankSpecial> more;
  for (const auto& special : known.specials) {
    if (!taken(special)) more.push_back({special.first, special.second});
  }
  pipeline.specials.insert(pipeline.specials.end(), more.begin(), more.end());
}

void check_specials(const Ranks& ranks, std::vector<RankSpecial>& specials, const std::string& where) {
  std::sort(specials.begin(), specials.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
  Vocab used;
  for (const auto& [bytes, rank] : ranks) used.insert(bytes, rank);
  for (const RankSpecial& special : specials) {
    const auto text = used.text(special.id);
    LF_CHECK(kFormat, !text, "{}: the special token '{}' has the id {}, which is a rank", where,
             printable(special.content), special.id);
    LF_CHECK(kFormat, used.insert("\xFF" + special.content, special.id) == Vocab::Insert::kDone,
             "{}: the special token '{}' or its id {} is given twice", where, printable(special.content), special.id);
  }
}

std::optional<std::pair<std::string, TokenId>> special_of(const RankPipeline& pipeline, const std::string& content,
                                                          bool wanted) {
  for (const RankSpecial& special : pipeline.specials) {
    if (wanted && special.content == content) return std::pair(content, special.id);
  }
  return std::nullopt;
}

}  // namespace

Ranks read_tiktoken(std::string_view text, const std::string& where) {
  Ranks ranks;
  size_t line_number = 0;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    const std::string_view line = trim(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    ++line_number;
    if (line.empty()) continue;
    const size_t space = line.find(' ');
    std::string bytes;
    TokenId rank = 0;
    const bool good = space != std::string_view::npos && decode_base64(line.substr(0, space), bytes) &&
                      !bytes.empty() && read_number(trim(line.substr(space)), rank);
    LF_CHECK(kFormat, good, "{}:{}: needed a token in base64 and its rank but found '{}'", where, line_number,
             printable(line, 60));
    ranks.emplace_back(std::move(bytes), rank);
  }
  LF_CHECK(kFormat, !ranks.empty(), "{}: there are no ranks", where);
  return ranks;
}

bool looks_like_tiktoken(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::string line(256, '\0');
  in.read(line.data(), static_cast<std::streamsize>(line.size()));
  line.resize(static_cast<size_t>(in.gcount()));
  const size_t end = line.find('\n');
  if (end == std::string::npos) return false;
  const std::string_view first = trim(std::string_view(line).substr(0, end));
  const size_t space = first.find(' ');
  std::string bytes;
  TokenId rank = 0;
  return space != std::string_view::npos && decode_base64(first.substr(0, space), bytes) &&
         read_number(trim(first.substr(space)), rank);
}

ConvertedTokenizer convert_tiktoken(const fs::path& file, TokenizerConfig& config) {
  const std::string where = file.string();
  const Ranks ranks = read_tiktoken(read_file(file, kMaxBytes), where);
  RankPipeline pipeline;
  if (!read_spec(file, pipeline)) {
    const KnownTiktoken known = known_tiktoken(ranks.size(), file);
    pipeline.pattern = known.pattern;
    add_specials(config, known, pipeline);
  }
  LF_CHECK(kFormat, is_valid_utf8(pipeline.pattern), "{}: the pattern is not UTF-8", where);
  check_specials(ranks, pipeline.specials, where);
  config.forget_class();
  pipeline.post_processor =
      bos_eos_template(special_of(pipeline, config.special_tokens().bos, config.add_bos_token()),
                       special_of(pipeline, config.special_tokens().eos, config.flag("add_eos_token", false)));
  return {"tiktoken", rank_tokenizer_json(ranks, pipeline, where)};
}

}  // namespace lf
