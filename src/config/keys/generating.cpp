// Keys of LLaMA-Factory's GeneratingArguments: name, type, default, choices, commands that take it, what is done here,
// and why or what to use instead. Compared with upstream's list by a test.
#include "config/known_keys.h"

namespace lf::keys {
// clang-format off
static constexpr KnownKey kRows[] = {
    {"do_sample", "bool", "true", "", kTrainInfer, kOption, ""},
    {"temperature", "float", "0.95", "", kTrainInfer, kOption, ""},
    {"top_p", "float", "0.7", "", kTrainInfer, kOption, ""},
    {"top_k", "int", "50", "", kTrainInfer, kOption, ""},
    {"num_beams", "int", "1", "", kTrainInfer, kRefused, "use do_sample: false for the likeliest text"},
    {"max_length", "int", "1024", "", kTrainInfer, kOption, ""},
    {"max_new_tokens", "int", "1024", "", kTrainInfer, kOption, ""},
    {"repetition_penalty", "float", "1.0", "", kTrainInfer, kOption, ""},
    {"length_penalty", "float", "1.0", "", kTrainInfer, kRefused, "it only acts on beams; leave it out"},
    {"skip_special_tokens", "bool", "true", "", kTrainInfer, kOption, ""},
};
// clang-format on
std::span<const KnownKey> generating() { return kRows; }
}  // namespace lf::keys
