// Recurrences at the widths of small hybrids (Qwen3.5 0.8B, Falcon-H1 0.5B, Mamba 130M): one long sequence, and a pack
// of short ones; forward, and forward with backward. Counter: tokens/s.
#include <benchmark/benchmark.h>

#include "kernels/gated_delta_rule.h"
#include "kernels/linear_attention.h"
#include "kernels/linear_scan.h"
#include "kernels/short_conv.h"
#include "tensor/pch.h"

namespace lf {
namespace {

using Run = Tensor (*)(const std::vector<Tensor>&, std::span<const int64_t>);
using Shapes = std::vector<std::vector<int64_t>>;

Tensor gated_delta(const std::vector<Tensor>& t, std::span<const int64_t> bounds) {
  return gated_delta_rule({t[0], t[1], t[2], -t[3].abs(), at::sigmoid(t[4])}, bounds);
}
Tensor ssd(const std::vector<Tensor>& t, std::span<const int64_t> bounds) {
  return ssd_scan({t[0], t[1].abs(), t[2], t[3], -t[4].abs(), t[5]}, bounds);
}
Tensor selective(const std::vector<Tensor>& t, std::span<const int64_t> bounds) {
  return selective_scan({t[0], t[1].abs(), -t[4].abs(), t[2], t[3], t[5]}, bounds);
}
Tensor conv(const std::vector<Tensor>& t, std::span<const int64_t> bounds) {
  return short_conv(t[0], t[1], t[2], bounds, {.silu = true});
}

void measure(benchmark::State& state, Run run, const Shapes& widths, size_t streams) {
  const int64_t tokens = state.range(0), sequences = state.range(1);
  std::vector<Tensor> inputs;
  for (size_t i = 0; i < widths.size(); ++i) {
    std::vector<int64_t> shape = widths[i];
    if (i < streams) shape.insert(shape.begin(), tokens);
    inputs.push_back(at::randn(shape) * 0.1);
  }
  std::vector<int64_t> bounds;
  for (int64_t s = 0; s <= sequences; ++s) bounds.push_back(tokens * s / sequences);
  const bool backward = state.range(2) != 0;
  if (backward) {
    for (Tensor& input : inputs) input.requires_grad_(true);
  }
  for (auto _ : state) {
    Tensor out = run(inputs, bounds);
    if (backward) out.backward(out.detach());
  }
  state.counters["tokens/s"] =
      benchmark::Counter(static_cast<double>(tokens * state.iterations()), benchmark::Counter::kIsRate);
}

void cases(benchmark::internal::Benchmark* bench) {
  bench->ArgNames({"tokens", "sequences", "backward"})->Unit(benchmark::kMillisecond);
  for (int64_t sequences : {1, 16}) bench->Args({1024, sequences, 0})->Args({1024, sequences, 1});
}

BENCHMARK_CAPTURE(measure, gated_delta_rule, gated_delta, Shapes({{16, 128}, {16, 128}, {16, 128}, {16}, {16}}), 5)
    ->Apply(cases);
BENCHMARK_CAPTURE(measure, ssd_scan, ssd, Shapes({{24, 64}, {24}, {1, 128}, {1, 128}, {24}, {24}}), 4)->Apply(cases);
BENCHMARK_CAPTURE(measure, selective_scan, selective, Shapes({{1536}, {1536}, {16}, {16}, {1536, 16}, {1536}}), 4)
    ->Apply(cases);
BENCHMARK_CAPTURE(measure, short_conv, conv, Shapes({{1792}, {1792, 1, 4}, {1792}}), 1)->Apply(cases);

}  // namespace
}  // namespace lf
