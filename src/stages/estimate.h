// What a training run will need, from its configuration alone: parameters, operations, memory. No weights are read.
#pragma once
#include <cstdint>
#include <string>

#include "config/run_config.h"
#include "train/estimate/training_memory.h"

namespace lf {

struct RunEstimate {
  std::string model_type;
  int64_t parameters = 0, trainable = 0;
  double forward_flops = 0, training_flops = 0;  // per token at cutoff_len
  int64_t tokens = 0;                            // of a micro-batch: per_device_train_batch_size * cutoff_len
  bool recompute = false;
  TrainingMemory memory;
  uint64_t cache_bytes_per_token = 0;  // of keys and values, when the model generates
};

/// kConfig, kIo, kFormat, kUnsupported as a run would end with them. Of a model that is only on a hub, its small files
/// are downloaded.
RunEstimate estimate_run(const RunConfig& config);

struct Preflight {
  uint64_t measured = 0;  // highest memory of the process over two updates
  double seconds = 0;     // of the second update
};
/// Loads the model and runs two updates on full micro-batches of random tokens, without data, output or checkpoints.
Preflight run_preflight(const RunConfig& config);

/// Bytes of main memory that this process holds now; since the last reset_peak_memory() at most.
uint64_t resident_memory();
uint64_t peak_memory();

}  // namespace lf
