// Keys that LLaMA-Factory does not have: our own options. Their help says so.
#include "config/known_keys.h"

namespace lf::keys {
// clang-format off
static constexpr KnownKey kRows[] = {
    {"tokenizer_reading", "str", "as_written", "as_written|transformers4|transformers5", kTrainInfer, kOption, ""},
    {"allow_legacy_bin", "bool", "false", "", kTrainInfer, kOption, ""},
    {"packing_strategy", "str", "upstream", "upstream|best_fit", kTrainInfer, kOption, ""},
    {"on_bad_row", "str", "error", "", kTrainInfer, kOption, ""},
    {"escape_special", "bool", "false", "", kTrainInfer, kOption, ""},
    {"export_gguf", "str", "none", "none|f32|f16|bf16|q8_0", kTrainInfer, kOption, ""},
    {"media_outside", "bool", "false", "", kTrainInfer, kOption, ""},
};
// clang-format on
std::span<const KnownKey> own() { return kRows; }
}  // namespace lf::keys
