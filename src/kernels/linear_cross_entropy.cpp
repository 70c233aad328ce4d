// Chunk by chunk: logits, then losses and the gradient in the place of the logits, then the products with it.
#include "kernels/cpu/cross_entropy.h"
#include "kernels/linear_cross_entropy_impl.h"
#include "kernels/matmul.h"

namespace lf {

namespace {
constexpr int64_t kVocabularyTile = 8192;  // rows of the weight widened at once by matmul

c10::ScalarType sum_type(const Tensor& tensor) {
  return tensor.scalar_type() == at::kDouble ? at::kDouble : at::kFloat;
}

/// The same as cpu::cross_entropy_rows from ordinary operations, for other devices and types.
void composed_rows(Tensor& logits, const Tensor& targets, double smoothing, bool gradient, Tensor losses,
                   Tensor correct) {
  const Tensor column = targets.unsqueeze(1);
  Tensor log_probs = at::log_softmax(logits, 1, sum_type(logits));
  Tensor loss = log_probs.gather(1, column).squeeze(1).mul_(-(1 - smoothing));
  if (smoothing > 0) loss = loss - log_probs.mean(1) * smoothing;
  losses.copy_(loss);
  correct.copy_(logits.argmax(1) == targets);
  if (!gradient) return;
  Tensor probs = log_probs.exp_();
  if (smoothing > 0) probs.sub_(smoothing / static_cast<double>(logits.size(1)));
  probs.scatter_add_(1, column, at::full_like(column, -(1 - smoothing), probs.options()));
  logits = probs.to(logits.scalar_type());
}

class ChunkedHead {
 public:
  ChunkedHead(const Tensor& hidden, const Tensor& weight, const Tensor& bias,
              const LinearCrossEntropyKernelOptions& options, const LinearCrossEntropyWanted& wanted)
      : hidden_(hidden), weight_(weight), bias_(bias), options_(options), wanted_(wanted) {
    const bool all_float = hidden.scalar_type() == at::kFloat && weight.scalar_type() == at::kFloat;
    plain_float_ = all_float && options.compute == at::kFloat;
    const bool native =
        plain_float_ || options.compute == at::kDouble || (options.compute == at::kBFloat16 && cpu_has_bf16_products());
    tile_ = hidden.is_cpu() && !native ? kVocabularyTile : std::max<int64_t>(1, weight.size(0));
    fused_rows_ = hidden.is_cpu() && options.compute != at::kDouble;
    const auto sums = hidden.options().dtype(sum_type(hidden));
    if (wanted.hidden) result_.hidden_gradient = at::empty(hidden.sizes(), hidden.options());
    if (wanted.weight) result_.weight_gradient = at::zeros(weight.sizes(), sums);
    if (wanted.bias) result_.bias_gradient = at::zeros({weight.size(0)}, sums);
    result_.tokens.losses = at::empty({hidden.size(0)}, sums);
    result_.tokens.correct = at::empty({hidden.size(0)}, hidden.options().dtype(at::kBool));
  }

  LinearCrossEntropyResult run(const Tensor& targets) {
    const int64_t rows = hidden_.size(0), row_bytes = weight_.size(0) * c10::elementSize(options_.compute);
    const int64_t most = std::max<int64_t>(1, options_.chunk_bytes / std::max<int64_t>(1, row_bytes));
    const int64_t chunks = (rows + most - 1) / most;
    for (int64_t i = 0; i < chunks; ++i) {
      const int64_t begin = rows * i / chunks, end = rows * (i + 1) / chunks;
      chunk(targets.narrow(0, begin, end - begin), begin, end - begin);
    }
    if (wanted_.weight) result_.weight_gradient = result_.weight_gradient.to(weight_.scalar_type());
    if (wanted_.bias) result_.bias_gradient = result_.bias_gradient.to(bias_.scalar_type());
    return std::move(result_);
  }

 private:
  void chunk(const Tensor& targets, int64_t begin, int64_t count) {
    const Tensor x = hidden_.narrow(0, begin, count);
    Tensor logits = matmul_nt(x, weight_, options_.compute, options_.compute);
    if (bias_.defined()) logits.add_(bias_);
    const Tensor slope = cap(logits);
    Tensor losses = result_.tokens.losses.narrow(0, begin, count);
    Tensor correct = result_.tokens.correct.narrow(0, begin, count);
    if (fused_rows_) {
      cpu::cross_entropy_rows(logits, targets.const_data_ptr<int64_t>(), options_.label_smoothing, wanted_.any(),
                              losses.data_ptr<float>(), correct.data_ptr<bool>());
    } else {
      composed_rows(logits, targets, options_.label_smoothing, wanted_.any(), losses, correct);
    }
    if (slope.defined()) logits.mul_(slope);
    if (wanted_.hidden) hidden_gradient(logits, begin, count);
    if (wanted_.weight) weight_gradient(logits, x);
    if (wanted_.bias) result_.bias_gradient.add_(logits.sum(0, false, result_.bias_gradient.scalar_type()));
  }

  /// Logits become cap * tanh(logits / cap), in place; returns the derivative of that where gradients are wanted.
  Tensor cap(Tensor& logits) const {
    if (options_.softcap == 0) return Tensor();
    logits.div_(options_.softcap).tanh_();
    Tensor slope = wanted_.any() ? at::rsub(logits.square(), 1) : Tensor();
    logits.mul_(options_.softcap);
    return slope;
  }

  void hidden_gradient(const Tensor& g, int64_t begin, int64_t count) {
    Tensor out = result_.hidden_gradient.narrow(0, begin, count);
    if (tile_ >= weight_.size(0)) {
      out.copy_(matmul_nn(g, weight_, options_.compute, hidden_.scalar_type()));
      return;
    }
    Tensor sum = at::zeros(out.sizes(), out.options().dtype(at::kFloat));
    for (int64_t v = 0; v < weight_.size(0); v += tile_) {
      const int64_t n = std::min(tile_, weight_.size(0) - v);
      sum.add_(matmul_nn(g.narrow(1, v, n), weight_.narrow(0, v, n), options_.compute, at::kFloat));
    }
    out.copy_(sum);
  }

  void weight_gradient(const Tensor& g, const Tensor& x) {
    if (plain_float_) {
      result_.weight_gradient.addmm_(g.t(), x);
      return;
    }
    for (int64_t v = 0; v < weight_.size(0); v += kVocabularyTile) {
      const int64_t n = std::min(kVocabularyTile, weight_.size(0) - v);
      Tensor part = result_.weight_gradient.narrow(0, v, n);
      part.add_(matmul_tn(g.narrow(1, v, n), x, options_.compute, part.scalar_type()));
    }
  }

  const Tensor &hidden_, &weight_, &bias_;
  const LinearCrossEntropyKernelOptions& options_;
  const LinearCrossEntropyWanted& wanted_;
  bool plain_float_ = false;
  bool fused_rows_ = false;
  int64_t tile_ = 0;
  LinearCrossEntropyResult result_;
};
}  // namespace

LinearCrossEntropyResult linear_cross_entropy_compute(const Tensor& hidden, const Tensor& weight, const Tensor& bias,
                                                      const Tensor& targets,
                                                      const LinearCrossEntropyKernelOptions& options,
                                                      const LinearCrossEntropyWanted& wanted) {
  at::NoGradGuard no_grad;
  const Tensor rows = hidden.contiguous(), labels = targets.contiguous();
  return ChunkedHead(rows, weight, bias, options, wanted).run(labels);
}

}  // namespace lf
