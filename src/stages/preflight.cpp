// Two updates on full micro-batches of random tokens: what an estimate is compared with.
#include "base/clock.h"
#include "base/log.h"
#include "data/batch.h"
#include "stages/estimate.h"
#include "stages/local_models.h"
#include "stages/run_setup.h"
#include "stages/run_tokenizer.h"
#include "stages/trainable_model.h"
#include "tensor/rng.h"
#include "train/step.h"
#include "train/trainer.h"

namespace lf {
namespace {

/// `rows` sequences of `length` random tokens; every token bears loss.
Batch random_batch(int64_t rows, int64_t length, int64_t vocabulary) {
  Batch batch;
  const int64_t tokens = rows * length;
  batch.ids = at::randint(vocabulary, {tokens}, at::kLong);
  batch.positions = at::arange(length, at::kLong).repeat({rows});
  batch.targets = at::randint(vocabulary, {tokens}, at::kLong);
  for (int64_t row = 0; row <= rows; ++row) batch.bounds.push_back(row * length);
  for (int64_t row = 1; row <= rows; ++row) batch.targets[row * length - 1] = kIgnoreLabel;
  batch.row_bounds = batch.bounds;
  batch.target_count = batch.label_count = tokens - rows;
  batch.rows = rows;
  batch.padded_tokens = tokens;
  return batch;
}

}  // namespace

Preflight run_preflight(const RunConfig& given) {
  const RunConfig config = with_local_models(given);
  const TrainingOptions& training = config.training;
  seed_default_generators(static_cast<uint64_t>(training.seed));
  const RunTokenizer run = load_run_tokenizer(config);
  TrainableModel model(config, run);
  CausalLmTask task(model.decoder(), *run.tokenizer, model, task_options(config, model.decoder().spec()));
  const std::unique_ptr<Optimizer> optimizer = optimizer_of(training, model.trainable());
  std::vector<Batch> batches;
  for (int64_t i = 0; i < std::min<int64_t>(2, training.gradient_accumulation_steps); ++i) {
    batches.push_back(
        random_batch(training.per_device_train_batch_size, config.data.cutoff_len, model.decoder().spec().vocab_size));
  }
  Preflight out;
  for (int update = 0; update < 2; ++update) {
    const Stopwatch clock;
    run_step(task, batches, *optimizer,
             {.max_grad_norm = training.max_grad_norm, .compute_dtype = training_compute_dtype(config)});
    out.seconds = clock.seconds();
  }
  out.measured = peak_memory();
  return out;
}

}  // namespace lf
