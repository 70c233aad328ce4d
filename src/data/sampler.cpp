#include "data/sampler.h"

#include <ATen/CPUGeneratorImpl.h>

#include <numeric>

#include "base/error.h"
#include "base/strings.h"

namespace lf {

BatchSampler::BatchSampler(int64_t rows, SamplerOptions options) : rows_(rows), options_(std::move(options)) {
  LF_CHECK(kConfig, options_.batch_size > 0, "the batch size must be positive but is {}", options_.batch_size);
  LF_CHECK(kUnsupported, options_.strategy == "random" || options_.strategy == "sequential",
           "train_sampling_strategy '{}' is not available yet; use random or sequential", printable(options_.strategy));
}

int64_t BatchSampler::batches_per_epoch() const {
  const int64_t rest = options_.drop_last ? 0 : options_.batch_size - 1;
  return (rows_ + rest) / options_.batch_size;
}

std::vector<int64_t> BatchSampler::order(int64_t epoch) const {
  std::vector<int64_t> order(rows_);
  if (options_.strategy == "sequential") {
    std::iota(order.begin(), order.end(), 0);
    return order;
  }
  const auto seed = static_cast<uint64_t>(options_.seed + epoch);
  const at::Tensor drawn = at::randperm(rows_, at::make_generator<at::CPUGeneratorImpl>(seed), at::kLong);
  std::copy_n(drawn.const_data_ptr<int64_t>(), rows_, order.begin());
  return order;
}

std::vector<int64_t> BatchSampler::batch(int64_t epoch, int64_t batch) const {
  LF_ASSERT(batch >= 0 && batch < batches_per_epoch());
  if (epoch != cached_epoch_) {
    cached_order_ = order(epoch);
    cached_epoch_ = epoch;
  }
  const int64_t first = batch * options_.batch_size;
  return {cached_order_.begin() + first, cached_order_.begin() + std::min(first + options_.batch_size, rows_)};
}

}  // namespace lf
