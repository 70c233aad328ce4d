#include "data/streaming/row_pipeline.h"

#include <algorithm>
#include <numeric>

#include "base/error.h"
#include "data/streaming/mix_flows.h"

namespace lf {
namespace {

/// Which part of every dataset worker `worker` reads: shuffling shuffles the parts, too.
int64_t part_of(const StreamSpec& spec, NumpyGenerator generator, int64_t worker) {
  std::vector<int64_t> parts(spec.workers);
  std::iota(parts.begin(), parts.end(), 0);
  if (spec.buffer_size) generator.shuffle(parts);
  return parts[worker];
}

/// A count split over the workers (IterableDataset.take and skip of a stream in shards).
int64_t share(int64_t count, int64_t workers, int64_t worker) {
  return count / workers + (worker < count % workers ? 1 : 0);
}

std::unique_ptr<RowFlow> mix(const StreamSpec& spec, std::vector<DatasetFlow*> datasets, NumpyGenerator generator) {
  if (datasets.size() == 1) return std::make_unique<ConcatFlow>(std::move(datasets));
  if (spec.mix_strategy == "concat") {
    if (spec.buffer_size) generator.shuffle(datasets);
    return std::make_unique<ConcatFlow>(std::move(datasets));
  }
  const StopRule rule = stop_rule(spec.mix_strategy);
  check_probabilities(spec.probabilities, datasets.size(), rule);
  SourceChoice choice(datasets.size(), spec.probabilities, generator);
  return std::make_unique<InterleaveFlow>(std::move(datasets), std::move(choice), rule);
}

}  // namespace

uint64_t epoch_seed(uint64_t seed, int64_t epoch) {
  if (epoch == 0) return seed;
  const auto drawn = static_cast<int64_t>(NumpyGenerator(seed).next64() >> 1) - epoch;
  return static_cast<uint64_t>(drawn < 0 ? drawn + std::numeric_limits<int64_t>::max() + 1 : drawn);
}

RowPipeline::RowPipeline(const StreamSpec& spec, const OpenRows& open, int64_t epoch, int64_t worker,
                         BadRows& bad_rows) {
  const NumpyGenerator generator(epoch_seed(spec.seed, epoch));
  std::vector<DatasetFlow*> order;
  for (const DatasetAttr& attr : spec.datasets) {
    datasets_.push_back(std::make_unique<DatasetFlow>(static_cast<uint32_t>(datasets_.size()), attr,
                                                      open(attr, part_of(spec, generator, worker)), bad_rows));
    order.push_back(datasets_.back().get());
  }
  flow_ = mix(spec, std::move(order), generator);
  if (spec.buffer_size) {
    flow_ = std::make_unique<ShuffleFlow>(std::move(flow_), *spec.buffer_size, generator,
                                          [this](const ShuffleFlow::Held& rows) { return fetch(rows); });
  }
  if (spec.skip > 0) flow_ = std::make_unique<SkipFlow>(std::move(flow_), share(spec.skip, spec.workers, worker));
  if (spec.take) flow_ = std::make_unique<TakeFlow>(std::move(flow_), share(*spec.take, spec.workers, worker));
}

Json RowPipeline::state() const {
  std::vector<std::vector<int64_t>> wanted(datasets_.size());
  for (const auto& [dataset, row] : flow_->held()) wanted[dataset].push_back(row);
  Json marks = Json::array();
  for (size_t i = 0; i < datasets_.size(); ++i) {
    wanted[i].push_back(datasets_[i]->next_row());
    marks.push_back(datasets_[i]->marks(wanted[i]));
  }
  return {{"flow", flow_->state()}, {"marks", marks}};
}

void RowPipeline::restore(const Json& state) {
  const Json& marks = state.at("marks");
  LF_CHECK(kFormat, marks.size() == datasets_.size(), "a stored stream of {} datasets does not fit {} datasets",
           marks.size(), datasets_.size());
  for (size_t i = 0; i < datasets_.size(); ++i) datasets_[i]->learn(marks[i]);
  flow_->restore(state.at("flow"));
}

/// Each dataset is read once, in its order; the rows come back in the order asked for.
std::vector<FlowRow> RowPipeline::fetch(const ShuffleFlow::Held& rows) {
  std::vector<size_t> order(rows.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return rows[a] < rows[b]; });
  std::vector<FlowRow> out(rows.size());
  for (size_t first = 0; first < order.size();) {
    const uint32_t dataset = rows[order[first]].first;
    LF_CHECK(kFormat, dataset < datasets_.size(), "a stored shuffle buffer names dataset {} of {}", dataset,
             datasets_.size());
    std::vector<int64_t> wanted;
    for (size_t i = first; i < order.size() && rows[order[i]].first == dataset; ++i)
      wanted.push_back(rows[order[i]].second);
    std::vector<FlowRow> found = datasets_[dataset]->fetch(wanted);
    for (FlowRow& row : found) out[order[first++]] = std::move(row);
  }
  return out;
}

}  // namespace lf
