// Decoding with a cache, sequence by sequence: what several kinds of attention share.
#pragma once
#include <vector>

#include "layers/context.h"

namespace lf {

/// Which sequence of the cache the stream's s-th sequence continues.
inline int64_t cached_sequence(const TokenStream& stream, size_t s) {
  return stream.cache_sequences.empty() ? static_cast<int64_t>(s) : stream.cache_sequences[s];
}

/// Appends the new keys and values of every sequence and joins attend(queries t H E, keys K T E, values K T F) -> t H F
/// over the sequences. q: N H E, k: N K E, v: N K F.
template <typename Attend>
Tensor over_cached_sequences(const LayerContext& context, int64_t layer, const Tensor& q, const Tensor& k,
                             const Tensor& v, Attend attend) {
  const TokenStream& stream = *context.stream;
  std::vector<Tensor> outputs;
  for (size_t s = 0; s + 1 < stream.bounds.size(); ++s) {
    const int64_t begin = stream.bounds[s], end = stream.bounds[s + 1];
    auto [keys, values] =
        context.cache->append(layer, cached_sequence(stream, s), k.slice(0, begin, end).transpose(0, 1),
                              v.slice(0, begin, end).transpose(0, 1));
    outputs.push_back(attend(q.slice(0, begin, end), keys, values));
  }
  return outputs.size() == 1 ? outputs.front() : at::cat(outputs, 0);
}

}  // namespace lf
