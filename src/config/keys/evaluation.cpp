// Keys of LLaMA-Factory's EvaluationArguments: name, type, default, choices, commands that take it, what is done here,
// and why or what to use instead. Compared with upstream's list by a test.
#include "config/known_keys.h"

namespace lf::keys {
// clang-format off
static constexpr KnownKey kRows[] = {
    {"task", "str", "<required>", "", kEvalOnly, kOtherCommand, "it belongs to the eval command, which is not available yet"},
    {"task_dir", "str", "evaluation", "", kEvalOnly, kOtherCommand, "it belongs to the eval command, which is not available yet"},
    {"batch_size", "int", "4", "", kEvalOnly, kOtherCommand, "it belongs to the eval command, which is not available yet"},
    {"seed", "int", "42", "", kEvalOnly, kOtherCommand, "it belongs to the eval command, which is not available yet"},
    {"lang", "str", "en", "en|zh", kEvalOnly, kOtherCommand, "it belongs to the eval command, which is not available yet"},
    {"n_shot", "int", "5", "", kEvalOnly, kOtherCommand, "it belongs to the eval command, which is not available yet"},
    {"save_dir", "str?", "null", "", kEvalOnly, kOtherCommand, "it belongs to the eval command, which is not available yet"},
    {"download_mode", "str", "reuse_dataset_if_exists", "reuse_dataset_if_exists|reuse_cache_if_exists|force_redownload", kEvalOnly, kOtherCommand, "it belongs to the eval command, which is not available yet"},
};
// clang-format on
std::span<const KnownKey> evaluation() { return kRows; }
}  // namespace lf::keys
