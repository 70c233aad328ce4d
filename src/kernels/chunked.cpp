#include "kernels/chunked_impl.h"

namespace lf {

Chunks::Chunks(int64_t tokens)
    : length(std::min(tokens, kChunkTokens)),
      chunks((tokens + length - 1) / length),
      padding(chunks * length - tokens) {}

Tensor Chunks::split(const Tensor& x) const {
  std::vector<int64_t> shape = x.sizes().vec();
  shape[0] = length;
  shape.insert(shape.begin(), chunks);
  const std::array<int64_t, 6> pad = {0, 0, 0, 0, 0, padding};
  Tensor padded = padding == 0 ? x : at::constant_pad_nd(x, at::IntArrayRef(pad).slice(x.dim() == 3 ? 0 : 2), 0);
  return padded.reshape(shape).transpose(1, 2);
}

Tensor Chunks::join(const Tensor& x) const {
  return x.transpose(1, 2).flatten(0, 1).slice(0, 0, chunks * length - padding);
}

Tensor decay_matrix(const Tensor& summed) {
  Tensor difference = summed.unsqueeze(-1) - summed.unsqueeze(-2);
  Tensor later = at::ones({summed.size(-1), summed.size(-1)}, summed.options().dtype(at::kBool)).triu(1);
  return at::exp(difference.masked_fill(later, -std::numeric_limits<double>::infinity()));
}

Tensor repeat_heads(const Tensor& x, int64_t heads) {
  return x.size(1) == heads ? x : x.repeat_interleave(heads / x.size(1), 1);
}

}  // namespace lf
