// MiniCPM 1, 2, 4 and 4.1 (arXiv 2404.06395, 2506.07900), after the code published with the models: the Llama block
// with scaled embeddings, residuals and logits.
#include "base/error.h"
#include "model/arch.h"

namespace lf {

static ModelSpec describe(const Json& config) {
  ModelSpec spec = llama_spec(defaulted(config, {{"tie_word_embeddings", true}}));
  spec.mlp.bias = false;
  set_minicpm_multipliers(config, spec);
  if (const Json* sparse = find_value(config, "sparse_config")) {
    LF_CHECK(kFormat, sparse->is_object(), "config.json: sparse_config must be an object");
    spec.longest_sequence = int_or(*sparse, "dense_len", 8192);
    spec.longest_sequence_reason =
        "from there on sparse_config of config.json asks for InfLLM v2 attention, which is not available (without "
        "sparse_config attention is dense at every length)";
  }
  return spec;
}

extern const ArchEntry entry_minicpm;
constinit const ArchEntry entry_minicpm{.name = "minicpm", .describe = describe};

}  // namespace lf
