#include "infer/dense_kv_cache.h"

#include "base/error.h"

namespace lf {
namespace {

constexpr int64_t kFirstCapacity = 64;

/// A buffer of at least `needed` tokens that starts with the first `length` tokens of `old`.
Tensor grown(const Tensor& old, const Tensor& like, int64_t length, int64_t needed) {
  if (old.defined() && old.size(1) >= needed) return old;
  int64_t capacity = old.defined() ? old.size(1) : kFirstCapacity;
  while (capacity < needed) capacity *= 2;
  Tensor buffer = at::empty({like.size(0), capacity, like.size(2)}, like.options().requires_grad(false));
  if (length > 0) buffer.narrow(1, 0, length).copy_(old.narrow(1, 0, length));
  return buffer;
}

}  // namespace

DenseKvCache::DenseKvCache(int64_t layers, int64_t sequences)
    : layers_(layers),
      sequences_(sequences),
      lengths_(static_cast<size_t>(sequences)),
      slots_(static_cast<size_t>(layers * sequences)) {}

std::pair<Tensor, Tensor> DenseKvCache::append(int64_t layer, int64_t sequence, const Tensor& new_keys,
                                               const Tensor& new_values) {
  LF_ASSERT(layer < layers_ && sequence < sequences_ && new_keys.dim() == 3);
  Slot& at = slot(layer, sequence);
  const int64_t end = at.length + new_keys.size(1);
  at.keys = grown(at.keys, new_keys, at.length, end);
  at.values = grown(at.values, new_values, at.length, end);
  at.keys.narrow(1, at.length, new_keys.size(1)).copy_(new_keys);
  at.values.narrow(1, at.length, new_values.size(1)).copy_(new_values);
  at.length = end;
  return {at.keys.narrow(1, 0, end), at.values.narrow(1, 0, end)};
}

Tensor& DenseKvCache::state(int64_t layer, int64_t sequence, int64_t number) {
  std::vector<Tensor>& states = slot(layer, sequence).states;
  if (static_cast<int64_t>(states.size()) <= number) states.resize(static_cast<size_t>(number) + 1);
  return states[static_cast<size_t>(number)];
}

bool DenseKvCache::has_states(int64_t sequence) {
  for (int64_t layer = 0; layer < layers_; ++layer) {
    if (!slot(layer, sequence).states.empty()) return true;
  }
  return false;
}

int64_t DenseKvCache::truncate(int64_t sequence, int64_t tokens) {
  int64_t& length = lengths_[static_cast<size_t>(sequence)];
  if (tokens >= length) return length;
  if (has_states(sequence)) tokens = 0;
  for (int64_t layer = 0; layer < layers_; ++layer) {
    Slot& at = slot(layer, sequence);
    at.length = std::min(at.length, tokens);
    at.states.clear();
  }
  return length = tokens;
}

}  // namespace lf
