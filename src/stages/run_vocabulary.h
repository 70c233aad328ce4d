// The vocabulary of a run: that the model has a row for every token, grown where the configuration wants it.
#pragma once
#include "config/run_config.h"
#include "model/resize.h"
#include "stages/run_tokenizer.h"

namespace lf {

/// Before weights are loaded, from config.json. kConfig when the end-of-sequence token has no row and none will be
/// made; a warning when other tokens have none (some models are published like that).
void check_vocabulary(const std::filesystem::path& folder, const Tokenizer& tokenizer, const VocabularyPlan& plan);

/// resize_vocab with init_special_tokens on a loaded model. Does nothing unless plan.resize.
VocabularySizes grow_vocabulary(LoadedModel& loaded, const Tokenizer& tokenizer, const VocabularyPlan& plan,
                                const RunConfig& config);

/// The finetuning options, with embedding and head in additional_target where new tokens are to be learned by a fresh
/// LoRA adapter and the key says nothing else (upstream's rule).
FinetuningOptions with_vocabulary_trained(const RunConfig& config, const VocabularyPlan& plan, Decoder& model);

/// What config.json of `folder` has to say otherwise about a vocabulary that grew and, when `converted`, about blocks
/// that got routers (mixture_of_depths: convert); an empty object when nothing changed.
Json config_changes(const std::filesystem::path& folder, const VocabularySizes& sizes, bool converted = false);

/// kData naming the token when one of `ids` (int64, on the CPU) has no row among `rows`.
void require_rows(const Tensor& ids, int64_t rows, const Tokenizer& tokenizer);

}  // namespace lf
