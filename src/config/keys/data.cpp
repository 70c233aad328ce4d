// Keys of LLaMA-Factory's DataArguments: name, type, default, choices, commands that take it, what is done here, and
// why or what to use instead. Compared with upstream's list by a test.
#include "config/known_keys.h"

namespace lf::keys {
// clang-format off
static constexpr KnownKey kRows[] = {
    {"template", "str?", "null", "", kTrainInfer, kOption, ""},
    {"dataset", "str?", "null", "", kTrainInfer, kOption, ""},
    {"eval_dataset", "str?", "null", "", kTrainInfer, kOption, ""},
    {"dataset_dir", "str", "data", "", kTrainInfer, kOption, ""},
    {"media_dir", "str?", "null", "", kTrainInfer, kOption, ""},
    {"cutoff_len", "int", "2048", "", kTrainInfer, kOption, ""},
    {"train_on_prompt", "bool", "false", "", kTrainInfer, kOption, ""},
    {"mask_history", "bool", "false", "", kTrainInfer, kOption, ""},
    {"streaming", "bool", "false", "", kTrainInfer, kOption, ""},
    {"buffer_size", "int", "16384", "", kTrainInfer, kOption, ""},
    {"mix_strategy", "str", "concat", "concat|interleave_under|interleave_over|interleave_once", kTrainInfer, kOption, ""},
    {"interleave_probs", "str?", "null", "", kTrainInfer, kOption, ""},
    {"overwrite_cache", "bool", "false", "", kTrainInfer, kOption, ""},
    {"preprocessing_batch_size", "int", "1000", "", kTrainInfer, kOption, ""},
    {"preprocessing_num_workers", "int?", "null", "", kTrainInfer, kOption, ""},
    {"max_samples", "int?", "null", "", kTrainInfer, kOption, ""},
    {"eval_num_beams", "int?", "null", "", kTrainInfer, kRefused, "evaluation by generation comes later; use do_eval with an evaluation set, and chat"},
    {"ignore_pad_token_for_loss", "bool", "true", "", kTrainInfer, kOption, ""},
    {"val_size", "float", "0.0", "", kTrainInfer, kOption, ""},
    {"eval_on_each_dataset", "bool", "false", "", kTrainInfer, kOption, ""},
    {"packing", "bool?", "null", "", kTrainInfer, kOption, ""},
    {"neat_packing", "bool", "false", "", kTrainInfer, kOption, ""},
    {"tool_format", "str?", "null", "", kTrainInfer, kOption, ""},
    {"default_system", "str?", "null", "", kTrainInfer, kOption, ""},
    {"enable_thinking", "bool?", "true", "", kTrainInfer, kOption, ""},
    {"preserve_thinking", "bool", "false", "", kTrainInfer, kOption, ""},
    {"tokenized_path", "str?", "null", "", kTrainInfer, kOption, ""},
    {"data_shared_file_system", "bool", "false", "", kTrainInfer, kAccepted, "data is prepared in one process"},
};
// clang-format on
std::span<const KnownKey> data() { return kRows; }
}  // namespace lf::keys
