// From the text of a tokenizer.json to the pipeline.
#include "base/log.h"
#include "base/strings.h"
#include "tokenizer/hf_tokenizer.h"
#include "tokenizer/models/models.h"

namespace lf {
namespace {

constexpr size_t kMaxAdded = 1 << 20;

AddedToken read_added_token(const JsonView& item) {
  AddedToken token;
  token.content = item.at("content").string();
  token.special = item.boolean_or("special", false);
  token.single_word = item.boolean_or("single_word", false);
  token.lstrip = item.boolean_or("lstrip", false);
  token.rstrip = item.boolean_or("rstrip", false);
  token.normalized = item.boolean_or("normalized", !token.special);
  return token;
}

}  // namespace

HfTokenizer::HfTokenizer(std::string json, const std::string& file, TokenizerConfig config, std::string kind,
                         ReadingEffects effects)
    : ConfiguredTokenizer(std::move(config)), json_(std::move(json)), kind_(std::move(kind)), effects_(effects) {
  if (json_.starts_with("\xEF\xBB\xBF")) json_.erase(0, 3);
  const JsonFile parsed(json_, file);
  build(parsed.root());
  add_config_tokens();
  prepare_added();
  added_.set_split_special(config_.split_special_tokens());
}

void HfTokenizer::build(const JsonView& root) {
  if (const auto spec = root.find("normalizer")) normalizer_ = make_normalizer(*spec);
  if (const auto spec = root.find("pre_tokenizer")) pre_tokenizer_ = make_pre_tokenizer(*spec);
  if (const auto spec = root.find("post_processor")) post_processor_ = make_post_processor(*spec);
  if (const auto spec = root.find("decoder")) decoder_ = make_decoder(*spec);
  if (const auto spec = root.find("truncation")) truncation_.emplace(*spec);
  if (const auto spec = root.find("padding")) padding_.emplace(*spec);
  model_ = effects_.exact_scores ? make_exact_unigram(root.at("model")) : make_model(root.at("model"));
  if (pre_tokenizer_ && model_->read_raw_bytes() && !pre_tokenizer_->leave_bytes_raw()) {
    model_ = make_model(root.at("model"));  // no ByteLevel at the end: the model sees letters after all
  }
  if (pre_tokenizer_ && !pre_tokenizer_->append_matchers(matchers_)) matchers_.clear();
  model_->prepare();
  if (const auto list = root.find("added_tokens")) read_added_tokens(*list);
}

/// Ids follow from the vocabulary and the order of the list, as in the reference; a file that says otherwise is warned
/// about.
void HfTokenizer::read_added_tokens(const JsonView& list) {
  LF_CHECK(kFormat, list.array().size() <= kMaxAdded, "{}: {} tokens, at most {} are read", list.where(),
           list.array().size(), kMaxAdded);
  size_t other_ids = 0;
  added_.begin_list(model_->vocab());
  list.each_item([&](const JsonView& item) {
    const AddedToken token = read_added_token(item);
    if (token.content.empty()) return;
    const int64_t wanted = item.at("id").integer(0, kMaxTokenId);
    const TokenId id = added_.add(token, model_->vocab());
    if (id != wanted && ++other_ids == 1) {
      log_warn("tokenizer", "{}: '{}' gets the id {}, not {}", item.where(), printable(token.content), id, wanted);
    }
  });
  if (other_ids > 1)
    log_warn("tokenizer", "{}: {} more tokens get other ids than the file says", list.where(), other_ids - 1);
}

/// What transformers adds from tokenizer_config.json: the flags of added_tokens_decoder count, and named tokens are
/// special.
void HfTokenizer::add_config_tokens() {
  for (const auto& [id, token] : config_.added_tokens()) add(token);
  for (AddedToken token : config_.all_special()) {
    if (const auto id = added_.find(token.content)) token = *added_.at(*id);
    token.special = true;
    add(token);
  }
}

}  // namespace lf
