#include "kernels/gated_delta_rule.h"

#include "base/error.h"
#include "kernels/chunked_impl.h"

namespace lf {

namespace {
/// One segment. q, k: T G K; v: T H V; g, beta: T H; state: H K V; all wide.
ScanSegment segment(const Tensor& state, const Tensor& q, const Tensor& k, const Tensor& v, const Tensor& g,
                    const Tensor& beta) {
  const Chunks cut(v.size(0));
  const int64_t groups = k.size(1), repeats = v.size(1) / groups;
  auto grouped = [&](const Tensor& x) { return cut.split(x).unflatten(1, {groups, repeats}); };
  Tensor qs = cut.split(q).unsqueeze(2), ks = cut.split(k).unsqueeze(2);       // M G 1 C K
  Tensor vs = grouped(v), sums = grouped(g).cumsum(-1), step = grouped(beta);  // M G R C V, M G R C
  Tensor decay = decay_matrix(sums), total = sums.slice(-1, -1);
  Tensor keys_t = ks.transpose(-1, -2), grown = at::exp(sums).unsqueeze(-1);
  // (I + strictly lower part of beta k k^T decay) [u w] = beta [v, k e^sum]
  Tensor lower = (step.unsqueeze(-1) * at::matmul(ks, keys_t) * decay).tril(-1);
  Tensor right = at::cat({vs, (ks * grown)}, -1) * step.unsqueeze(-1);
  Tensor solved = at::linalg_solve_triangular(lower, right, /*upper=*/false, /*left=*/true, /*unitriangular=*/true);
  Tensor u = solved.slice(-1, 0, v.size(2)), w = solved.slice(-1, v.size(2));
  Tensor scores = at::matmul(qs, keys_t) * decay, queries = qs * grown;
  Tensor keys = (ks * at::exp(total - sums).unsqueeze(-1)).transpose(-1, -2), kept = at::exp(total).unsqueeze(-1);
  Tensor current = state.unflatten(0, {groups, repeats});
  std::vector<Tensor> outputs;
  for (int64_t m = 0; m < cut.chunks; ++m) {
    Tensor corrected = u[m] - at::matmul(w[m], current);
    outputs.push_back(at::matmul(queries[m], current) + at::matmul(scores[m], corrected));
    current = current * kept[m] + at::matmul(keys[m], corrected);
  }
  return {cut.join(at::stack(outputs).flatten(1, 2)), current.flatten(0, 1)};
}
}  // namespace

Tensor gated_delta_rule(const GatedDeltaInputs& in, std::span<const int64_t> bounds, SequenceStates* states) {
  LF_ASSERT(in.q.dim() == 3 && in.q.sizes() == in.k.sizes() && in.v.size(1) % in.k.size(1) == 0);
  const auto out = in.v.scalar_type(), wide = scan_dtype(in.v);
  ScanStep step = [out, wide](const Tensor& state, at::TensorList t, at::TensorList) {
    Tensor q = l2_norm(t[0].to(wide)) / std::sqrt(static_cast<double>(t[0].size(2)));
    ScanSegment result = segment(state, q, l2_norm(t[1].to(wide)), t[2].to(wide), t[3].to(wide), t[4].to(wide));
    result.output = result.output.to(out);
    return result;
  };
  return segmented_scan(std::move(step), {in.q, in.k, in.v, in.g, in.beta}, {}, bounds,
                        {{in.v.size(1), in.k.size(2), in.v.size(2)}}, states);
}

Tensor gated_delta_rule_reference(const GatedDeltaInputs& in, std::span<const int64_t> bounds) {
  const int64_t heads = in.v.size(1);
  Tensor q = repeat_heads(l2_norm(in.q), heads) / std::sqrt(static_cast<double>(in.q.size(2)));
  Tensor k = repeat_heads(l2_norm(in.k), heads), decay = at::exp(in.g);
  std::vector<Tensor> rows;
  for (size_t s = 0; s + 1 < bounds.size(); ++s) {
    Tensor state = at::zeros({heads, k.size(2), in.v.size(2)}, in.v.options());
    for (int64_t n = bounds[s]; n < bounds[s + 1]; ++n) {
      state = state * decay[n].view({heads, 1, 1});
      Tensor returned = (state * k[n].unsqueeze(2)).sum(1);
      Tensor moved = (in.v[n] - returned) * in.beta[n].unsqueeze(1);
      state = state + k[n].unsqueeze(2) * moved.unsqueeze(1);
      rows.push_back((state * q[n].unsqueeze(2)).sum(1));
    }
  }
  return at::stack(rows);
}

Tensor l2_norm(const Tensor& x, double eps) { return x * at::rsqrt((x * x).sum(-1, true) + eps); }

}  // namespace lf
