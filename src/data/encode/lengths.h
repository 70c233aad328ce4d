// Upstream's two rules about lengths: how a prompt and its response share what is left of the cutoff, and which
// examples are packed together.
#pragma once
#include <cstdint>
#include <vector>

namespace lf {

struct TurnLengths {
  int64_t source = 0;
  int64_t target = 0;
};

/// Lengths after cutting; both parts keep their heads.
TurnLengths infer_seqlen(int64_t source, int64_t target, int64_t cutoff);

/// Bins of example indices. Repeatedly the longest that still fits; of equal lengths, the last one first.
/// kInternal when a length is above the capacity.
std::vector<std::vector<size_t>> greedy_knapsack(const std::vector<int64_t>& lengths, int64_t capacity);

}  // namespace lf
