// Keys and values in one growing buffer per layer and sequence: the cache of the chat engine.
#pragma once
#include <cstdint>
#include <vector>

#include "layers/kv_cache.h"

namespace lf {

class DenseKvCache final : public KvCache {
 public:
  explicit DenseKvCache(int64_t layers, int64_t sequences = 1);

  int64_t length(int64_t sequence) const override { return lengths_[static_cast<size_t>(sequence)]; }
  void advance(int64_t sequence, int64_t tokens) override { lengths_[static_cast<size_t>(sequence)] += tokens; }
  std::pair<Tensor, Tensor> append(int64_t layer, int64_t sequence, const Tensor& new_keys,
                                   const Tensor& new_values) override;
  Tensor& state(int64_t layer, int64_t sequence, int64_t slot) override;
  /// Forgets what comes after the first `tokens` of `sequence` (a prompt that shares a prefix with the last one), and
  /// returns how many tokens are left. A recurrent state cannot go back: where there is one, nothing is left unless
  /// everything may stay.
  int64_t truncate(int64_t sequence, int64_t tokens);

 private:
  struct Slot {
    Tensor keys, values;  // K capacity E
    int64_t length = 0;
    std::vector<Tensor> states;
  };
  Slot& slot(int64_t layer, int64_t sequence) { return slots_[layer * sequences_ + sequence]; }

  bool has_states(int64_t sequence);

  int64_t layers_, sequences_;
  std::vector<int64_t> lengths_;  // of each sequence
  std::vector<Slot> slots_;
};

}  // namespace lf
