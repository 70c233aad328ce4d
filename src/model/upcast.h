// `upcast_layernorm`: normalisation weights in fp32.
#pragma once
#include "model/decoder.h"

namespace lf {

/// Every one-dimensional parameter with "norm" or "ln" in its name becomes fp32 (LLaMA-Factory's rule). Returns how
/// many were of another type. To be called before anything is trainable.
int64_t upcast_norms(Decoder& model);

}  // namespace lf
