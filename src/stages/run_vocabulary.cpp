#include "stages/run_vocabulary.h"

#include "base/error.h"
#include "base/log.h"
#include "base/strings.h"
#include "model/arch.h"
#include "model/mixture_of_depths.h"
#include "tensor/rng.h"

namespace lf {
namespace {

constexpr std::string_view kAdvice = "resize_vocab: true adds rows";

std::string shown(const Tokenizer& tokenizer, int64_t id) {
  const auto token = tokenizer.id_to_token(static_cast<TokenId>(id));
  return token ? fmt::format("'{}' (id {})", printable(*token, 60), id) : fmt::format("id {}", id);
}

/// Up to five tokens of [rows, size).
std::string without_rows(const Tokenizer& tokenizer, int64_t rows) {
  constexpr int64_t kShown = 5;
  const auto size = static_cast<int64_t>(tokenizer.size());
  std::vector<std::string> names;
  for (int64_t id = rows; id < std::min(size, rows + kShown); ++id) names.push_back(shown(tokenizer, id));
  return join(names, ", ") + (size - rows > kShown ? ", ..." : "");
}

NewRowInit chosen_init(const RunConfig& config) {
  const NewRowInit init = new_row_init(config.model.init_special_tokens);
  if (init == NewRowInit::kNoise || config.model.new_special_tokens_config) return init;
  log_warn("model", "init_special_tokens='{}' requires new_special_tokens_config. Falling back to 'noise_init'",
           config.model.init_special_tokens);
  return NewRowInit::kNoise;
}

std::vector<NewToken> new_tokens(const Tokenizer& tokenizer, const VocabularyPlan& plan) {
  std::vector<NewToken> out;
  for (const std::string& text : plan.new_tokens) {
    const auto id = tokenizer.token_to_id(text);
    LF_ASSERT(id.has_value());
    NewToken token{.id = *id, .text = text, .description = std::nullopt};
    for (const auto& [name, description] : plan.descriptions) {
      if (name != text) continue;
      const std::vector<TokenId> ids = tokenizer.encode(description);
      token.description.emplace(ids.begin(), ids.end());
    }
    out.push_back(std::move(token));
  }
  return out;
}

}  // namespace

void check_vocabulary(const std::filesystem::path& folder, const Tokenizer& tokenizer, const VocabularyPlan& plan) {
  const int64_t rows = describe_model(read_json(folder / "config.json")).vocab_size;
  const auto size = static_cast<int64_t>(tokenizer.size());
  if (plan.resize || size <= rows) return;
  const auto eos = tokenizer.eos_id();
  LF_CHECK(kConfig, !eos || *eos < rows,
           "the end-of-sequence token {} has no row: the model's embedding has {} rows, the tokenizer {} entries; {}",
           shown(tokenizer, eos.value_or(0)), rows, size, kAdvice);
  log_warn("model", "the tokenizer has {} entries, but the model's embedding has {} rows: {} cannot be used ({})", size,
           rows, without_rows(tokenizer, rows), kAdvice);
}

VocabularySizes grow_vocabulary(LoadedModel& loaded, const Tokenizer& tokenizer, const VocabularyPlan& plan,
                                const RunConfig& config) {
  const int64_t rows = embedding_rows(*loaded.model);
  if (!plan.resize) return {rows, rows};
  return resize_vocabulary(loaded, {.tokens = static_cast<int64_t>(tokenizer.size()),
                                    .new_tokens = new_tokens(tokenizer, plan),
                                    .init = chosen_init(config),
                                    .seed = derived_seed(static_cast<uint64_t>(config.training.seed), "resize_vocab")});
}

FinetuningOptions with_vocabulary_trained(const RunConfig& config, const VocabularyPlan& plan, Decoder& model) {
  FinetuningOptions options = config.finetuning;
  const bool continued = !config.model.adapters().empty() && !options.create_new_adapter;
  if (!plan.resize || options.finetuning_type != "lora" || continued || !options.additional_target.empty())
    return options;
  options.additional_target = vocabulary_modules(model);
  log_warn("model", "Vocab has been resized, add {} to trainable params.", join(options.additional_target, ","));
  return options;
}

Json config_changes(const std::filesystem::path& folder, const VocabularySizes& sizes, bool converted) {
  Json changes = Json::object();
  if (sizes.after == sizes.before && !converted) return changes;
  const Json config = read_json(folder / "config.json");
  if (sizes.after != sizes.before) changes = vocabulary_overrides(config, sizes.after);
  if (converted) changes["architectures"] = {routed_class_name(config.value("model_type", ""))};
  return changes;
}

void require_rows(const Tensor& ids, int64_t rows, const Tokenizer& tokenizer) {
  if (ids.numel() == 0) return;
  const int64_t largest = ids.max().item<int64_t>();
  LF_CHECK(kData, largest < rows, "{} is used, but the model's embedding has {} rows; {}", shown(tokenizer, largest),
           rows, kAdvice);
}

}  // namespace lf
