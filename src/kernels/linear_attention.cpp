#include "kernels/linear_attention.h"

#include "base/error.h"
#include "kernels/chunked_impl.h"

namespace lf {

namespace {
/// One segment. q, k: T G K; v: T H V; log_decay: T H; state: H K V; all wide.
ScanSegment segment(const Tensor& state, const Tensor& q, const Tensor& k, const Tensor& v, const Tensor& log_decay) {
  const Chunks cut(v.size(0));
  const int64_t groups = k.size(1), repeats = v.size(1) / groups;
  auto grouped = [&](const Tensor& x) { return cut.split(x).unflatten(1, {groups, repeats}); };
  Tensor qs = cut.split(q).unsqueeze(2), ks = cut.split(k).unsqueeze(2);  // M G 1 C K
  Tensor vs = grouped(v), sums = grouped(log_decay).cumsum(-1);           // M G R C V, M G R C
  Tensor total = sums.slice(-1, -1);                                      // M G R 1
  Tensor within = at::matmul(at::matmul(qs, ks.transpose(-1, -2)) * decay_matrix(sums), vs);
  Tensor added = at::matmul((ks * at::exp(total - sums).unsqueeze(-1)).transpose(-1, -2), vs);  // M G R K V
  Tensor queries = qs * at::exp(sums).unsqueeze(-1), decay = at::exp(total).unsqueeze(-1);
  Tensor current = state.unflatten(0, {groups, repeats});
  std::vector<Tensor> across;
  for (int64_t m = 0; m < cut.chunks; ++m) {
    across.push_back(at::matmul(queries[m], current));
    current = current * decay[m] + added[m];
  }
  return {cut.join((within + at::stack(across)).flatten(1, 2)), current.flatten(0, 1)};
}

/// Token by token.
Tensor sequential(const Tensor& q, const Tensor& k, const Tensor& v, const Tensor& log_decay,
                  std::span<const int64_t> bounds) {
  const int64_t heads = v.size(1);
  Tensor queries = repeat_heads(q, heads), keys = repeat_heads(k, heads), decay = at::exp(log_decay);
  std::vector<Tensor> rows;
  for (size_t s = 0; s + 1 < bounds.size(); ++s) {
    Tensor state = at::zeros({heads, k.size(2), v.size(2)}, v.options());
    for (int64_t n = bounds[s]; n < bounds[s + 1]; ++n) {
      state = state * decay[n].view({heads, 1, 1}) + keys[n].unsqueeze(2) * v[n].unsqueeze(1);
      rows.push_back((state * queries[n].unsqueeze(2)).sum(1));
    }
  }
  return at::stack(rows);
}
}  // namespace

Tensor ssd_scan(const SsdInputs& in, std::span<const int64_t> bounds, SequenceStates* states) {
  LF_ASSERT(in.x.dim() == 3 && in.b.dim() == 3 && in.x.size(1) % in.b.size(1) == 0 && in.b.sizes() == in.c.sizes());
  const auto out = in.x.scalar_type(), wide = scan_dtype(in.x);
  ScanStep step = [out, wide](const Tensor& state, at::TensorList tokens, at::TensorList shared) {
    Tensor x = tokens[0].to(wide), dt = tokens[1].to(wide);
    ScanSegment result = segment(state, tokens[3].to(wide), tokens[2].to(wide), x * dt.unsqueeze(-1), dt * shared[0]);
    result.output = (result.output + x * shared[1].unsqueeze(-1)).to(out);
    return result;
  };
  return segmented_scan(std::move(step), {in.x, in.dt, in.b, in.c}, {in.a, in.d}, bounds,
                        {{in.x.size(1), in.b.size(2), in.x.size(2)}}, states);
}

Tensor ssd_scan_reference(const SsdInputs& in, std::span<const int64_t> bounds) {
  Tensor y = sequential(in.c, in.b, in.x * in.dt.unsqueeze(-1), in.dt * in.a, bounds);
  return y + in.x * in.d.unsqueeze(-1);
}

Tensor lightning_attention(const Tensor& q, const Tensor& k, const Tensor& v, const Tensor& slopes,
                           std::span<const int64_t> bounds, SequenceStates* states) {
  LF_ASSERT(q.dim() == 3 && q.sizes() == k.sizes() && v.size(1) == q.size(1) && slopes.size(0) == q.size(1));
  const auto out = v.scalar_type(), wide = scan_dtype(v);
  ScanStep step = [out, wide](const Tensor& state, at::TensorList tokens, at::TensorList shared) {
    Tensor decay = (-shared[0].to(wide)).expand({tokens[0].size(0), shared[0].size(0)});
    ScanSegment result = segment(state, tokens[0].to(wide), tokens[1].to(wide), tokens[2].to(wide), decay);
    result.output = result.output.to(out);
    return result;
  };
  return segmented_scan(std::move(step), {q, k, v}, {slopes}, bounds, {{q.size(1), q.size(2), v.size(2)}}, states);
}

Tensor lightning_attention_reference(const Tensor& q, const Tensor& k, const Tensor& v, const Tensor& slopes,
                                     std::span<const int64_t> bounds) {
  return sequential(q, k, v, (-slopes).expand({q.size(0), slopes.size(0)}), bounds);
}

}  // namespace lf
