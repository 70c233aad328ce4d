// From a model folder on disk (LF_BENCH_MODEL) to a decoder with weights, and to the first hidden states of 16 tokens.
#include <benchmark/benchmark.h>

#include <cstdlib>

#include "model/loader.h"
#include "tensor/pch.h"
#include "tensor/precision.h"

namespace lf {
namespace {

void load(benchmark::State& state) {
  const char* folder = std::getenv("LF_BENCH_MODEL");
  if (!folder) return state.SkipWithError("set LF_BENCH_MODEL to a model folder");
  for (auto _ : state) benchmark::DoNotOptimize(load_model(folder).model.get());
}

void load_and_run(benchmark::State& state) {
  const char* folder = std::getenv("LF_BENCH_MODEL");
  if (!folder) return state.SkipWithError("set LF_BENCH_MODEL to a model folder");
  at::NoGradGuard no_grad;
  TokenStream stream{at::arange(16, at::kLong), at::arange(16, at::kLong), {0, 16}, {}};
  for (auto _ : state) {
    ComputeDtype scope(at::kBFloat16);
    benchmark::DoNotOptimize(load_model(folder).model->forward(stream));
  }
}

BENCHMARK(load)->Unit(benchmark::kMillisecond);
BENCHMARK(load_and_run)->Unit(benchmark::kMillisecond)->Iterations(2);

}  // namespace
}  // namespace lf
