// One LoRA training step (forward, loss in chunks over the head, backward) of a random Qwen2.5-0.5B shape, per token
// count and dtype.
#include <benchmark/benchmark.h>

#include "layers/linear_adapter.h"
#include "model/decoder.h"
#include "model/loader.h"
#include "tensor/pch.h"
#include "tensor/precision.h"

namespace lf {
namespace {

class PlainLora : public LinearAdapter {
 public:
  PlainLora(int64_t in, int64_t out, int64_t rank)
      : a_((at::randn({rank, in}) * 0.02).requires_grad_(true)),
        b_((at::randn({out, rank}) * 0.02).requires_grad_(true)) {}
  const std::string& set_name() const override { return name_; }
  Tensor apply(const Tensor&, const Tensor& y, bool) const override { return y; }
  std::optional<LowRankView> low_rank() const override { return LowRankView{a_, b_, 2.0, 0.0}; }
  Tensor delta() const override { return at::mm(b_, a_) * 2.0; }

 private:
  std::string name_ = "default";
  Tensor a_, b_;
};

Json qwen_shape() {
  return parse_json(R"({"model_type":"qwen2","vocab_size":151936,"hidden_size":896,"intermediate_size":4864,
    "num_hidden_layers":24,"num_attention_heads":14,"num_key_value_heads":2,"max_position_embeddings":32768,
    "rope_theta":1000000.0,"rms_norm_eps":1e-6,"tie_word_embeddings":true})",
                    "bench");
}

Decoder& model_of(c10::ScalarType dtype) {
  static std::map<c10::ScalarType, LoadedModel> models;
  auto found = models.find(dtype);
  if (found == models.end()) {
    LoadedModel loaded = build_random_model(qwen_shape(), {.dtype = dtype});
    for (auto& [name, module] : loaded.model->named_modules()) {
      auto* linear = dynamic_cast<Linear*>(module);
      if (!linear || name == "lm_head") continue;
      linear->add_adapter(std::make_shared<PlainLora>(linear->in_features(), linear->out_features(), 8));
    }
    found = models.emplace(dtype, std::move(loaded)).first;
  }
  return *found->second.model;
}

void step(benchmark::State& state, c10::ScalarType dtype, bool recompute) {
  Decoder& model = model_of(dtype);
  const int64_t tokens = state.range(0);
  TokenStream stream{at::randint(0, 151936, {tokens}, at::kLong), at::arange(tokens, at::kLong), {0, tokens}, {}};
  for (auto _ : state) {
    ComputeDtype scope(dtype);
    Tensor hidden = model.forward(stream, nullptr, {.gradient_checkpointing = recompute});
    hidden.backward(at::randn_like(hidden));
  }
  state.counters["tokens/s"] =
      benchmark::Counter(static_cast<double>(tokens * state.iterations()), benchmark::Counter::kIsRate);
}

BENCHMARK_CAPTURE(step, bf16_kept, at::kBFloat16, false)
    ->Arg(512)
    ->Arg(1024)
    ->Unit(benchmark::kMillisecond)
    ->Iterations(2)
    ->UseRealTime();
BENCHMARK_CAPTURE(step, bf16_recomputed, at::kBFloat16, true)
    ->Arg(512)
    ->Unit(benchmark::kMillisecond)
    ->Iterations(2)
    ->UseRealTime();
BENCHMARK_CAPTURE(step, fp32_kept, at::kFloat, false)
    ->Arg(512)
    ->Unit(benchmark::kMillisecond)
    ->Iterations(2)
    ->UseRealTime();

}  // namespace
}  // namespace lf
