// Which floating type a machine works in when nobody says: bf16, else fp16, else fp32 (LLaMA-Factory's
// infer_optim_dtype).
#pragma once
#include <c10/core/Device.h>
#include <c10/core/ScalarType.h>

#include <optional>

namespace lf {

/// What the GPU of this machine computes in besides fp32; nothing without a GPU.
struct NarrowTypes {
  bool fp16 = false, bf16 = false;
};
NarrowTypes gpu_narrow_types();

/// The type in which a model of dtype `stored` (nullopt: unknown) is best computed: bf16 where the GPU has it and the
/// model is bf16 or unknown; else fp16 on a GPU; else fp32.
c10::ScalarType optimal_dtype(std::optional<c10::ScalarType> stored, const NarrowTypes& gpu);

/// The type in which `device` holds weights stored as `stored` when `infer_dtype` is auto, and frozen weights in
/// training: as stored; fp16 for bf16 on a GPU that does not have it. (The CPU has both.)
c10::ScalarType held_dtype(c10::ScalarType stored, c10::Device device, const NarrowTypes& gpu);

/// The type in which an exported model is written when `infer_dtype` is auto: as stored; fp32 becomes the narrow type
/// of the machine's GPU and stays without one.
c10::ScalarType exported_dtype(c10::ScalarType stored, const NarrowTypes& gpu);

}  // namespace lf
