#include "data/mixing.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/error.h"
#include "data/source_choice.h"

namespace lf {
namespace {

std::vector<int64_t> offsets_of(const std::vector<int64_t>& lengths) {
  std::vector<int64_t> offsets(lengths.size());
  std::exclusive_scan(lengths.begin(), lengths.end(), offsets.begin(), int64_t{0});
  return offsets;
}

std::vector<int64_t> interleave_drawn(const std::vector<int64_t>& lengths, SourceChoice sources, StopRule stop) {
  const std::vector<int64_t> offsets = offsets_of(lengths);
  std::vector<int64_t> rows, next(lengths.size(), 0);
  std::vector<bool> used_up(lengths.size(), false);
  while (!is_done(used_up, stop)) {
    const size_t source = sources.next();
    if (stop == StopRule::kAllOnce && used_up[source]) continue;
    rows.push_back(offsets[source] + next[source]);
    if (++next[source] == lengths[source]) {
      used_up[source] = true;
      next[source] = 0;
    }
  }
  return rows;
}

/// Whole rounds: as many as the shortest (or, starting over, the longest) dataset has rows.
std::vector<int64_t> interleave_rounds(const std::vector<int64_t>& lengths, StopRule stop) {
  const std::vector<int64_t> offsets = offsets_of(lengths);
  const auto [shortest, longest] = std::minmax_element(lengths.begin(), lengths.end());
  const int64_t rounds = stop == StopRule::kFirst ? *shortest : *longest;
  std::vector<int64_t> rows;
  for (int64_t round = 0; round < rounds; ++round) {
    for (size_t i = 0; i < lengths.size(); ++i) rows.push_back(offsets[i] + round % lengths[i]);
  }
  return rows;
}

}  // namespace

std::vector<int64_t> mix_rows(const std::vector<int64_t>& lengths, const std::string& strategy,
                              const std::vector<double>& probabilities, uint64_t seed) {
  if (strategy == "concat" || lengths.size() == 1) {
    std::vector<int64_t> rows(std::accumulate(lengths.begin(), lengths.end(), int64_t{0}));
    std::iota(rows.begin(), rows.end(), 0);
    return rows;
  }
  const StopRule stop = stop_rule(strategy);
  check_probabilities(probabilities, lengths.size(), stop);
  for (const int64_t length : lengths) LF_CHECK(kData, length > 0, "an empty dataset cannot be interleaved");
  if (probabilities.empty() && stop != StopRule::kAllOnce) return interleave_rounds(lengths, stop);
  return interleave_drawn(lengths, SourceChoice(lengths.size(), probabilities, NumpyGenerator(seed)), stop);
}

Split split_rows(int64_t rows, double val_size, uint64_t seed) {
  const bool fraction = val_size < 1;
  const auto taken = static_cast<int64_t>(fraction ? std::ceil(val_size * static_cast<double>(rows)) : val_size);
  LF_CHECK(kData, taken > 0 && taken < rows,
           "val_size {} keeps {} of {} rows for evaluation; at least one row must be left on each side", val_size,
           taken, rows);
  const std::vector<int64_t> order = NumpyGenerator(seed).permutation(rows);
  return {{order.begin() + taken, order.end()}, {order.begin(), order.begin() + taken}};
}

std::vector<std::pair<int64_t, int64_t>> preprocessing_batches(int64_t rows, int64_t batch_size, int64_t shards) {
  LF_CHECK(kConfig, batch_size > 0, "preprocessing_batch_size must be positive but is {}", batch_size);
  LF_CHECK(kConfig, shards > 0, "preprocessing_num_workers must be positive but is {}", shards);
  shards = std::min(shards, std::max<int64_t>(rows, 1));
  std::vector<std::pair<int64_t, int64_t>> batches;
  for (int64_t shard = 0; shard < shards; ++shard) {
    const int64_t first = rows / shards * shard + std::min(shard, rows % shards);
    const int64_t last = first + rows / shards + (shard < rows % shards ? 1 : 0);
    for (int64_t at = first; at < last; at += batch_size) batches.emplace_back(at, std::min(at + batch_size, last));
  }
  return batches;
}

}  // namespace lf
