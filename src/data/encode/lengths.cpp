#include "data/encode/lengths.h"

#include <algorithm>
#include <map>

#include "base/error.h"

namespace lf {

TurnLengths infer_seqlen(int64_t source, int64_t target, int64_t cutoff) {
  int64_t most = 0;
  if (target * 2 < cutoff) {
    most = cutoff;
  } else if (source * 2 < cutoff) {
    most = cutoff - source;
  } else {
    const double share = static_cast<double>(target) / static_cast<double>(source + target);
    most = static_cast<int64_t>(static_cast<double>(cutoff) * share);
  }
  TurnLengths cut;
  cut.target = std::min(most, target);
  cut.source = std::min(std::max<int64_t>(cutoff - cut.target, 0), source);
  return cut;
}

std::vector<std::vector<size_t>> greedy_knapsack(const std::vector<int64_t>& lengths, int64_t capacity) {
  std::map<int64_t, std::vector<size_t>> waiting;  // length -> examples, taken from the back
  for (size_t i = 0; i < lengths.size(); ++i) {
    LF_ASSERT(lengths[i] <= capacity);
    waiting[lengths[i]].push_back(i);
  }
  std::vector<std::vector<size_t>> bins;
  while (!waiting.empty()) {
    std::vector<size_t>& bin = bins.emplace_back();
    int64_t room = capacity;
    for (auto above = waiting.upper_bound(room); above != waiting.begin(); above = waiting.upper_bound(room)) {
      const auto largest = std::prev(above);
      room -= largest->first;
      bin.push_back(largest->second.back());
      largest->second.pop_back();
      if (largest->second.empty()) waiting.erase(largest);
    }
  }
  return bins;
}

}  // namespace lf
