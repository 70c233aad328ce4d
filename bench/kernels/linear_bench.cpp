// The base product of a linear layer at the shapes of a 0.5B model: fp32 by libtorch, bf16 by libtorch, bf16 through
// fp32 tiles, with and without a low-rank term; forward and input gradient. Counter: GFLOP/s of the base product alone.
#include <benchmark/benchmark.h>

#include "kernels/linear.h"
#include "kernels/linear_impl.h"
#include "tensor/pch.h"

namespace lf {
namespace {

struct Operands {
  explicit Operands(benchmark::State& state, c10::ScalarType dtype)
      : x(at::randn({state.range(0), state.range(1)}).to(dtype)),
        w(at::randn({state.range(2), state.range(1)}).to(dtype)),
        g(at::randn({state.range(0), state.range(2)}).to(dtype)) {}
  Tensor x, w, g;
};

void report(benchmark::State& state) {
  const double flops = 2.0 * static_cast<double>(state.range(0) * state.range(1) * state.range(2));
  state.counters["GFLOP/s"] =
      benchmark::Counter(flops * static_cast<double>(state.iterations()) / 1e9, benchmark::Counter::kIsRate);
}

void libtorch(benchmark::State& state, c10::ScalarType dtype) {
  Operands o(state, dtype);
  for (auto _ : state) benchmark::DoNotOptimize(at::linear(o.x, o.w));
  report(state);
}

void forward(benchmark::State& state, c10::ScalarType dtype) {
  Operands o(state, dtype);
  for (auto _ : state) benchmark::DoNotOptimize(linear_forward(o.x, o.w, Tensor(), nullptr, dtype));
  report(state);
}

void input_gradient(benchmark::State& state, c10::ScalarType dtype) {
  Operands o(state, dtype);
  for (auto _ : state) benchmark::DoNotOptimize(linear_input_gradient(o.g, o.w, nullptr, dtype, dtype));
  report(state);
}

/// Forward and backward with a low-rank term of rank 8 over a frozen base.
void lora_both(benchmark::State& state, c10::ScalarType dtype) {
  Operands o(state, dtype);
  Tensor a = at::randn({8, state.range(1)}).requires_grad_(true),
         b = at::randn({state.range(2), 8}).requires_grad_(true);
  Tensor x = o.x.requires_grad_(true);
  for (auto _ : state) lora_linear(x, o.w, Tensor(), {a, b, 2.0, 0.0}, dtype).backward(o.g);
  report(state);
}

void shapes(benchmark::internal::Benchmark* bench) {
  bench->Args({512, 896, 896})
      ->Args({512, 896, 4864})
      ->Args({512, 4864, 896})
      ->Args({1, 896, 4864})
      ->Args({8, 896, 4864})
      ->Args({16, 896, 4864})
      ->Args({64, 896, 4864});
}

BENCHMARK_CAPTURE(libtorch, fp32, at::kFloat)->Apply(shapes);
BENCHMARK_CAPTURE(libtorch, bf16, at::kBFloat16)->Apply(shapes);
BENCHMARK_CAPTURE(forward, bf16, at::kBFloat16)->Apply(shapes);
BENCHMARK_CAPTURE(input_gradient, bf16, at::kBFloat16)->Apply(shapes);
BENCHMARK_CAPTURE(lora_both, bf16, at::kBFloat16)->Apply(shapes);
BENCHMARK_CAPTURE(lora_both, fp32, at::kFloat)->Apply(shapes);

}  // namespace
}  // namespace lf
