// Keys of LLaMA-Factory's the Megatron Bridge group: name, type, default, choices, commands that take it, what is done
// here, and why or what to use instead. Compared with upstream's list by a test.
#include "config/known_keys.h"

namespace lf::keys {
// clang-format off
static constexpr KnownKey kRows[] = {
    {"tensor_model_parallel_size", "int", "1", "", kTrainOnly, kRefused, "one process trains on one device; leave it out"},
    {"pipeline_model_parallel_size", "int", "1", "", kTrainOnly, kRefused, "one process trains on one device; leave it out"},
    {"expert_model_parallel_size", "int", "1", "", kTrainOnly, kRefused, "one process trains on one device; leave it out"},
    {"context_parallel_size", "int", "1", "", kTrainOnly, kRefused, "one process trains on one device; leave it out"},
    {"virtual_pipeline_model_parallel_size", "int?", "null", "", kTrainOnly, kRefused, "one process trains on one device; leave it out"},
    {"sequence_parallel", "bool", "false", "", kTrainOnly, kRefused, "one process trains on one device; leave it out"},
    {"recompute_granularity", "str?", "null", "", kTrainOnly, kRefused, "one process trains on one device; leave it out"},
    {"recompute_method", "str?", "null", "uniform|block", kTrainOnly, kRefused, "one process trains on one device; leave it out"},
    {"recompute_num_layers", "int?", "null", "", kTrainOnly, kRefused, "one process trains on one device; leave it out"},
    {"account_for_embedding_in_pipeline_split", "bool?", "null", "", kTrainOnly, kRefused, "one process trains on one device; leave it out"},
    {"account_for_loss_in_pipeline_split", "bool?", "null", "", kTrainOnly, kRefused, "one process trains on one device; leave it out"},
    {"bias_activation_fusion", "bool?", "null", "", kTrainOnly, kRefused, "one process trains on one device; leave it out"},
    {"apply_rope_fusion", "bool?", "null", "", kTrainOnly, kRefused, "one process trains on one device; leave it out"},
    {"masked_softmax_fusion", "bool?", "null", "", kTrainOnly, kRefused, "one process trains on one device; leave it out"},
    {"cross_entropy_loss_fusion", "bool?", "null", "", kTrainOnly, kRefused, "one process trains on one device; leave it out"},
    {"moe_grouped_gemm", "bool?", "null", "", kTrainOnly, kRefused, "one process trains on one device; leave it out"},
    {"moe_token_dispatcher_type", "str?", "null", "allgather|alltoall|flex", kTrainOnly, kRefused, "one process trains on one device; leave it out"},
    {"calculate_per_token_loss", "bool?", "null", "", kTrainOnly, kRefused, "one process trains on one device; leave it out"},
    {"use_distributed_optimizer", "bool", "true", "", kTrainOnly, kRefused, "one process trains on one device; leave it out"},
    {"overlap_param_gather", "bool", "true", "", kTrainOnly, kRefused, "one process trains on one device; leave it out"},
    {"overlap_grad_reduce", "bool", "true", "", kTrainOnly, kRefused, "one process trains on one device; leave it out"},
    {"use_packed_sequences", "bool", "false", "", kTrainOnly, kRefused, "one process trains on one device; leave it out"},
    {"mixed_precision", "str", "bf16_mixed", "", kTrainOnly, kRefused, "one process trains on one device; leave it out"},
    {"megatron_pretrained_checkpoint", "str?", "null", "", kTrainOnly, kRefused, "one process trains on one device; leave it out"},
    {"export_hf_on_finish", "bool", "false", "", kTrainOnly, kRefused, "one process trains on one device; leave it out"},
    {"extra_config", "str?", "null", "", kTrainOnly, kRefused, "one process trains on one device; leave it out"},
};
// clang-format on
std::span<const KnownKey> megatron_bridge() { return kRows; }
}  // namespace lf::keys
