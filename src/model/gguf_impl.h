// Private to the room: what gguf_model.cpp and gguf_hyperparameters.cpp share.
#pragma once
#include "model/gguf_model.h"

namespace lf {

struct GgufFamily {
  std::string_view name;          // model_type
  std::string_view architecture;  // llama.cpp's
  bool interleaved_rope = false;  // llama.cpp rotates neighbours: q and k rows are reordered
  bool one_plus_norm = false;     // norms are stored as 1 + w
  bool sandwich_norms = false;    // norms after attention and feed-forward, too
  int window_pattern = 0;         // every n-th layer sees everything, the others a window; 0: no windows
};

/// Metadata and warnings; no tensors. kUnsupported where llama.cpp computes something else than the configuration says.
GgufModel gguf_hyperparameters(const GgufFamily& family, const Json& config);
/// Divisors of the frequencies for rope type llama3 (rope_freqs.weight), float32; undefined for other types.
Tensor llama3_rope_factors(const Json& config);

}  // namespace lf
