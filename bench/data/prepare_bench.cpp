// Speed of preparing a dataset, and memory of streaming one: LF_BENCH_MODEL = folder with tokenizer.json, LF_BENCH_DATA
// = folder with dataset_info.json that names `rows`, LF_BENCH_WORKERS = preprocessing_num_workers, LF_BENCH_TEMPLATE
// (qwen). With LF_BENCH_OUT the prepared data is written there (not timed). bench/data_bench.py runs both against
// LLaMA-Factory.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <fstream>
#include <string>

#include "data/prepare.h"
#include "data/tokenized/tokenized_path.h"

namespace {

std::string setting(const char* name, const std::string& fallback = "") {
  const char* value = std::getenv(name);
  return value ? value : fallback;
}

struct Setup {
  lf::RunConfig config;
  std::unique_ptr<lf::Tokenizer> tokenizer;
  std::unique_ptr<lf::Template> chat_template;
};

Setup make_setup() {
  Setup setup;
  setup.config.data.dataset_dir = setting("LF_BENCH_DATA");
  setup.config.data.dataset = {"rows"};
  setup.config.data.packing = false;
  setup.config.data.preprocessing_num_workers = std::stol(setting("LF_BENCH_WORKERS", "1"));
  setup.config.training.do_train = true;
  setup.tokenizer = lf::load_tokenizer(setting("LF_BENCH_MODEL"));
  setup.chat_template = lf::load_template(setting("LF_BENCH_TEMPLATE", "qwen"));
  setup.chat_template->fix_tokenizer(*setup.tokenizer);
  return setup;
}

/// VmHWM: unlike getrusage's figure it does not count the process that started this one.
double peak_megabytes() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmHWM:")) return std::stod(line.substr(6)) / 1024;
  return 0;
}

void prepare(benchmark::State& state) {
  const Setup setup = make_setup();
  lf::PreparedData data;
  for (auto _ : state) data = lf::prepare_datasets(setup.config, *setup.tokenizer, *setup.chat_template);
  state.counters["rows"] = static_cast<double>(data.train.size());
  state.counters["tokens"] = static_cast<double>(data.train.total_tokens());
  state.counters["peak_mb"] = peak_megabytes();
  if (const std::string out = setting("LF_BENCH_OUT"); !out.empty()) lf::write_tokenized(out, data, setup.config);
}
BENCHMARK(prepare)->Unit(benchmark::kMillisecond)->UseRealTime()->Iterations(1);

void stream(benchmark::State& state) {
  Setup setup = make_setup();
  setup.config.data.streaming = true;
  setup.config.training.max_steps = 1;
  setup.config.training.per_device_train_batch_size = 8;
  int64_t rows = 0;
  for (auto _ : state) {
    const lf::PreparedData data = lf::prepare_datasets(setup.config, *setup.tokenizer, *setup.chat_template);
    const auto loader = lf::make_train_loader(data, setup.config);
    while (const auto batch = loader->next()) rows += batch->rows;
  }
  state.counters["rows"] = static_cast<double>(rows);
  state.counters["peak_mb"] = peak_megabytes();
}
BENCHMARK(stream)->Unit(benchmark::kMillisecond)->UseRealTime()->Iterations(1);

}  // namespace
