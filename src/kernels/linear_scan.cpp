#include "kernels/linear_scan.h"

#include "base/error.h"

namespace lf {

/// Tokens at once: with S states for each of D channels a segment holds T D S numbers several times.
static constexpr int64_t kSelectiveSegment = 64;

Tensor gated_recurrence(const Tensor& a, const Tensor& b, std::span<const int64_t> bounds, SequenceStates* states) {
  LF_ASSERT(a.sizes() == b.sizes() && a.dim() == 2);
  ScanStep step = [](const Tensor& state, at::TensorList t, at::TensorList) {
    Tensor h = linear_scan(t[0], t[1], state);
    return ScanSegment{h, h[-1]};
  };
  return segmented_scan(std::move(step), {a, b}, {}, bounds, {{a.size(1)}, 4096}, states);
}

Tensor selective_scan(const SelectiveScanInputs& in, std::span<const int64_t> bounds, SequenceStates* states) {
  LF_ASSERT(in.x.dim() == 2 && in.dt.sizes() == in.x.sizes() && in.b.sizes() == in.c.sizes());
  LF_ASSERT(in.a.size(0) == in.x.size(1) && in.a.size(1) == in.b.size(1));
  const auto out = in.x.scalar_type(), wide = scan_dtype(in.x);
  ScanStep step = [out, wide](const Tensor& state, at::TensorList tokens, at::TensorList shared) {
    Tensor x = tokens[0].to(wide), dt = tokens[1].to(wide), b = tokens[2].to(wide), c = tokens[3].to(wide);
    Tensor decay = at::exp(dt.unsqueeze(-1) * shared[0]), added = (dt * x).unsqueeze(-1) * b.unsqueeze(1);
    Tensor h = linear_scan(decay, added, state);
    Tensor y = at::matmul(h, c.unsqueeze(-1)).squeeze(-1) + x * shared[1];
    return ScanSegment{y.to(out), h[-1]};
  };
  return segmented_scan(std::move(step), {in.x, in.dt, in.b, in.c}, {in.a, in.d}, bounds,
                        {in.a.sizes().vec(), kSelectiveSegment}, states);
}

Tensor selective_scan_reference(const SelectiveScanInputs& in, std::span<const int64_t> bounds) {
  std::vector<Tensor> rows;
  for (size_t s = 0; s + 1 < bounds.size(); ++s) {
    Tensor h = at::zeros(in.a.sizes(), in.dt.options());
    for (int64_t n = bounds[s]; n < bounds[s + 1]; ++n) {
      Tensor dt = in.dt[n].unsqueeze(-1);
      h = at::exp(dt * in.a) * h + dt * in.x[n].unsqueeze(-1) * in.b[n];
      rows.push_back((h * in.c[n]).sum(-1) + in.d * in.x[n]);
    }
  }
  return at::stack(rows);
}

}  // namespace lf
