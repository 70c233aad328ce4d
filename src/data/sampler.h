// Which rows make up batch b of epoch e. A pure function of (options, epoch, batch), so a run resumes anywhere without
// replay.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace lf {

struct SamplerOptions {
  std::string strategy = "random";  // random: torch.randperm(rows) of a generator seeded with seed + epoch; sequential
  int64_t seed = 42;
  int64_t batch_size = 1;
  bool drop_last = false;  // leave out a last batch that is not full
};

class BatchSampler {
 public:
  /// kConfig when batch_size < 1; kUnsupported for other strategies.
  BatchSampler(int64_t rows, SamplerOptions options);

  int64_t rows() const { return rows_; }
  int64_t batches_per_epoch() const;
  /// Row indices of one batch. batch < batches_per_epoch().
  std::vector<int64_t> batch(int64_t epoch, int64_t batch) const;
  /// The whole order of an epoch.
  std::vector<int64_t> order(int64_t epoch) const;

 private:
  int64_t rows_;
  SamplerOptions options_;
  mutable int64_t cached_epoch_ = -1;
  mutable std::vector<int64_t> cached_order_;
};

}  // namespace lf
