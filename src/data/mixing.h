// Which rows of which dataset, in which order: concatenation, interleaving (as the datasets library does it), and the
// split.
#pragma once
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace lf {

/// Row indices into the concatenation of datasets with these lengths. Strategies: concat, interleave_under (until the
/// first is used up), interleave_over (until all are, starting over), interleave_once (until all are, each row once).
/// `probabilities` empty = in turn.
std::vector<int64_t> mix_rows(const std::vector<int64_t>& lengths, const std::string& strategy,
                              const std::vector<double>& probabilities, uint64_t seed);

struct Split {
  std::vector<int64_t> train;
  std::vector<int64_t> validation;
};

/// train_test_split of the datasets library: one permutation; its first ceil(n * val_size) rows (val_size < 1) or
/// val_size rows are the validation part. kData when either part would be empty.
Split split_rows(int64_t rows, double val_size, uint64_t seed);

/// Half-open row ranges that are preprocessed together: batches of `batch_size` inside each of `shards` equal parts.
std::vector<std::pair<int64_t, int64_t>> preprocessing_batches(int64_t rows, int64_t batch_size, int64_t shards);

}  // namespace lf
