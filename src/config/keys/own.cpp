// Keys that LLaMA-Factory does not have: our own options. Their help says so.
#include "config/known_keys.h"

namespace lf::keys {
// clang-format off
static constexpr KnownKey kRows[] = {
    {"packing_strategy", "str", "upstream", "upstream|best_fit", kTrainInfer, kOption, ""},
};
// clang-format on
std::span<const KnownKey> own() { return kRows; }
}  // namespace lf::keys
