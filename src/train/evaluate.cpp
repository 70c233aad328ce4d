#include "train/evaluate.h"

#include "base/clock.h"
#include "tensor/precision.h"
#include "train/report/metrics_files.h"

namespace lf {
namespace {

struct Sums {
  double loss = 0, accuracy = 0;
  int64_t rows = 0;
  bool has_accuracy = false;

  void add(const Batch& batch, const LossOutput& output, int64_t normaliser) {
    if (normaliser > 0) loss += output.sum.item<double>() / static_cast<double>(normaliser);
    if (output.added.defined()) loss += output.added.item<double>();
    if (auto found = output.metrics.find("row_accuracy_sum"); found != output.metrics.end()) {
      accuracy += found->second;
      has_accuracy = true;
    }
    rows += batch.rows;
  }
};

}  // namespace

Json evaluate(TrainTask& task, BatchSource& data, const EvaluateOptions& options, Progress* progress) {
  at::NoGradGuard no_grad;
  ComputeDtype precision(options.compute_dtype);
  const Stopwatch clock;
  if (progress) progress->begin_inner(options.prefix, data.epoch_batches().value_or(0));
  task.set_training(false);
  Sums sums;
  int64_t batches = 0;
  data.seek({0, 0});
  while (const std::optional<Batch> batch = data.next()) {
    sums.add(*batch, task.loss(*batch), task.normaliser(*batch));
    ++batches;
    if (progress) progress->update_inner(batches);
  }
  if (progress) progress->end_inner();

  Json metrics;
  const auto rows = static_cast<double>(std::max<int64_t>(sums.rows, 1));
  metrics[options.prefix + "_loss"] =
      static_cast<double>(static_cast<float>(sums.loss / static_cast<double>(std::max<int64_t>(batches, 1))));
  if (sums.has_accuracy) metrics[options.prefix + "_accuracy"] = sums.accuracy / rows;
  const SpeedInput speed{.split = options.prefix,
                         .seconds = clock.seconds(),
                         .samples = static_cast<double>(sums.rows),
                         .steps = static_cast<double>(batches)};
  metrics.update(speed_metrics(speed));
  return metrics;
}

}  // namespace lf
