#include "model/random_weights.h"

#include "io/tensor_file.h"
#include "tensor/rng.h"

namespace lf {

namespace {
/// normal(0, spread) of the numbers that one call of normal_ in fp32 gives, without an fp32 copy of all of them: the
/// generator fills blocks of 16. `scratch` is of kScratch numbers.
constexpr int64_t kBlock = 16, kScratch = kPieceElements + kBlock;
void fill_normal(Tensor& out, double spread, at::Generator& generator, const Tensor& scratch) {
  const Tensor target = out.view({-1});
  for (int64_t at = 0; at < target.numel();) {
    const int64_t left = target.numel() - at;
    const int64_t size = left < kScratch ? left : kPieceElements;
    target.narrow(0, at, size).copy_(scratch.narrow(0, 0, size).normal_(0, spread, generator));
    at += size;
  }
}

}  // namespace

void fill_randomly(Decoder& model, c10::ScalarType dtype, const LoadOptions& options) {
  at::NoGradGuard no_grad;
  at::Generator generator = make_generator(options.seed);
  const Tensor scratch = at::empty({kScratch}, at::kFloat);
  for (const NamedParameter& parameter : model.named_tensors()) {
    Tensor value = at::empty(parameter.tensor->sizes(), at::TensorOptions().dtype(dtype).device(options.device));
    if (const auto* norm = dynamic_cast<Norm*>(parameter.owner); norm && parameter.name.ends_with(".weight")) {
      value.fill_(1 - norm->spec().weight_offset);
    } else if (parameter.owner->initialize(parameter, value)) {
      // the module's own rule
    } else if (value.dim() == 1) {
      value.zero_();
    } else {
      fill_normal(value, model.spec().initializer_range, generator, scratch);
    }
    if (auto* embedding = dynamic_cast<Embedding*>(parameter.owner); embedding && embedding->padding_row()) {
      value[*embedding->padding_row()].zero_();
    }
    *parameter.tensor = value;
  }
}

}  // namespace lf
