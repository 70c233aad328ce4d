// tekken.json: Mistral's byte-level vocabulary. Ids of special tokens come first; of the vocabulary as many entries
// count as the stated size leaves room for.
#include <algorithm>

#include "base/files.h"
#include "base/strings.h"
#include "tokenizer/json_view.h"
#include "tokenizer/kinds/kinds.h"
#include "tokenizer/kinds/rank_vocab.h"
#include "tokenizer/vocab.h"

namespace lf {
namespace {

constexpr uint64_t kMaxBytes = uint64_t{256} << 20;

/// What files up to version 7 leave unsaid.
constexpr std::array kOldSpecials = {"<unk>",
                                     "<s>",
                                     "</s>",
                                     "[INST]",
                                     "[/INST]",
                                     "[AVAILABLE_TOOLS]",
                                     "[/AVAILABLE_TOOLS]",
                                     "[TOOL_RESULTS]",
                                     "[/TOOL_RESULTS]",
                                     "[TOOL_CALLS]",
                                     "[IMG]",
                                     "<pad>",
                                     "[IMG_BREAK]",
                                     "[IMG_END]",
                                     "[PREFIX]",
                                     "[MIDDLE]",
                                     "[SUFFIX]",
                                     "[SYSTEM_PROMPT]",
                                     "[/SYSTEM_PROMPT]",
                                     "[TOOL_CONTENT]"};

std::vector<RankSpecial> read_specials(const JsonView& root, TokenId count) {
  std::vector<RankSpecial> specials;
  if (const auto list = root.find("special_tokens")) {
    list->each_item([&](const JsonView& item) {
      const auto id = static_cast<TokenId>(item.at("rank").integer(0, count - 1));
      specials.push_back({std::string(item.at("token_str").string()), id});
    });
  } else {
    for (const char* name : kOldSpecials) specials.push_back({name, static_cast<TokenId>(specials.size())});
  }
  LF_CHECK(kFormat, specials.size() <= static_cast<size_t>(count), "{}: {} special tokens, but there is room for {}",
           root.file(), specials.size(), count);
  for (auto i = static_cast<TokenId>(specials.size()); i < count; ++i)
    specials.push_back({fmt::format("<SPECIAL_{}>", i), i});
  std::sort(specials.begin(), specials.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
  Vocab used;
  for (const RankSpecial& special : specials) {
    LF_CHECK(kFormat, !special.content.empty() && used.insert(special.content, special.id) == Vocab::Insert::kDone,
             "{}: special_tokens: '{}' or its rank {} is given twice", root.file(), printable(special.content),
             special.id);
  }
  return specials;
}

Ranks read_ranks(const JsonView& root, size_t count) {
  Ranks ranks;
  ranks.reserve(count);
  const JsonView vocab = root.at("vocab");
  vocab.each_item([&](const JsonView& item) {
    const int64_t rank = item.at("rank").integer(0, kMaxTokenId);
    if (static_cast<size_t>(rank) >= count) return;
    std::string bytes;
    const JsonView text = item.at("token_bytes");
    LF_CHECK(kFormat, decode_base64(text.string(), bytes) && !bytes.empty(), "{}: needed bytes in base64",
             text.where());
    ranks.emplace_back(std::move(bytes), static_cast<TokenId>(rank));
  });
  LF_CHECK(kFormat, ranks.size() == count, "{}: {} of the first {} ranks are there", vocab.where(), ranks.size(),
           count);
  return ranks;
}

std::optional<std::pair<std::string, TokenId>> named(const std::vector<RankSpecial>& specials,
                                                     const std::string& content, bool wanted) {
  for (const RankSpecial& special : specials) {
    if (wanted && special.content == content) return std::pair(content, special.id);
  }
  return std::nullopt;
}

}  // namespace

ConvertedTokenizer convert_tekken(const std::filesystem::path& file, TokenizerConfig& config) {
  return convert_tekken_text(read_file(file, kMaxBytes), file.string(), config);
}

ConvertedTokenizer convert_tekken_text(std::string text, const std::string& where, TokenizerConfig& config) {
  const JsonFile parsed(text, where);
  const JsonView root = parsed.root();
  const JsonView settings = root.at("config");
  const auto specials = static_cast<TokenId>(settings.at("default_num_special_tokens").integer(0, 1 << 20));
  const int64_t size = settings.at("default_vocab_size").integer(specials + 256, kMaxTokenId);
  RankPipeline pipeline;
  pipeline.pattern = settings.at("pattern").string();
  pipeline.first_id = specials;
  pipeline.specials = read_specials(root, specials);
  for (const auto& [key, token] : {std::pair("bos_token", "<s>"), std::pair("eos_token", "</s>"),
                                   std::pair("unk_token", "<unk>"), std::pair("pad_token", "<pad>")}) {
    if (named(pipeline.specials, token, true)) config.default_token(key, token);
  }
  config.forget_class();
  config.default_flag("split_special_tokens", true);
  config.default_flag("add_bos_token", true);
  pipeline.post_processor =
      bos_eos_template(named(pipeline.specials, config.special_tokens().bos, config.add_bos_token()),
                       named(pipeline.specials, config.special_tokens().eos, config.flag("add_eos_token", false)));
  return {"tekken", rank_tokenizer_json(read_ranks(root, static_cast<size_t>(size - specials)), pipeline, where)};
}

}  // namespace lf
