// The dtype in which matrix products run (what torch.autocast decides in Python): inside a ComputeDtype scope, Linear
// casts inputs and weights to it; norms, softmax and losses stay in fp32. Thread-local; recomputation re-enters the
// scope it was saved in.
#pragma once
#include <c10/core/ScalarType.h>

#include <optional>

namespace lf {

class ComputeDtype {
 public:
  explicit ComputeDtype(std::optional<c10::ScalarType> dtype);
  ~ComputeDtype();
  ComputeDtype(const ComputeDtype&) = delete;
  ComputeDtype& operator=(const ComputeDtype&) = delete;

  /// The dtype of the innermost scope; nullopt = products run in the dtype of their inputs.
  static std::optional<c10::ScalarType> current();

 private:
  std::optional<c10::ScalarType> previous_;
};

}  // namespace lf
