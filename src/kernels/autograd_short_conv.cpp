// One pass over the stream for each tap; taps that would reach over a bound are masked. Keeps x alone.
#include <torch/csrc/autograd/custom_function.h>

#include "base/error.h"
#include "kernels/short_conv.h"

namespace lf {

namespace {
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// N fp: 1 where the token `distance` before belongs to the same sequence, else 0. N 1.
Tensor reach_mask(const std::vector<int64_t>& bounds, int64_t distance, const Tensor& like) {
  Tensor mask = at::ones({bounds.back()}, at::kFloat);
  float* values = mask.data_ptr<float>();
  for (size_t s = 0; s + 1 < bounds.size(); ++s) {
    std::fill(values + bounds[s], values + std::min(bounds[s] + distance, bounds[s + 1]), 0.0f);
  }
  return mask.to(like.options()).unsqueeze(1);
}

/// Row n becomes row n - distance (rows before the first: zero); a negative distance shifts the other way.
Tensor shifted(const Tensor& x, int64_t distance) {
  const int64_t keep = std::max<int64_t>(0, x.size(0) - std::abs(distance));
  Tensor out = at::zeros_like(x);
  if (distance > 0) {
    out.slice(0, x.size(0) - keep).copy_(x.slice(0, 0, keep));
  } else {
    out.slice(0, 0, keep).copy_(x.slice(0, x.size(0) - keep));
  }
  return out;
}

/// Before the activation. x: N C, taps: W C, both wide.
Tensor convolve(const Tensor& x, const Tensor& taps, const Tensor& bias, const std::vector<int64_t>& bounds) {
  const int64_t width = taps.size(0);
  Tensor y = x * taps[width - 1];
  if (bias.defined()) y.add_(bias);
  for (int64_t distance = 1; distance < width; ++distance) {
    y.addcmul_(shifted(x, distance).mul_(reach_mask(bounds, distance, x)), taps[width - 1 - distance]);
  }
  return y;
}

Tensor taps_of(const Tensor& weight, c10::ScalarType wide) { return weight.squeeze(1).t().to(wide).contiguous(); }

class ShortConv : public torch::autograd::Function<ShortConv> {
 public:
  static Tensor forward(AutogradContext* ctx, const Tensor& x, const Tensor& weight, const std::optional<Tensor>& bias,
                        const std::vector<int64_t>& bounds, bool silu) {
    const auto wide = scan_dtype(x);
    ctx->save_for_backward({x, weight, bias.value_or(Tensor())});
    ctx->saved_data["bounds"] = bounds;
    ctx->saved_data["silu"] = silu;
    Tensor y = convolve(x.to(wide), taps_of(weight, wide), bias ? bias->to(wide) : Tensor(), bounds);
    return (silu ? at::silu_(y) : y).to(x.scalar_type());
  }

  static variable_list backward(AutogradContext* ctx, variable_list gradients) {
    const variable_list saved = ctx->get_saved_variables();
    const Tensor &weight = saved[1], &bias = saved[2];
    const auto bounds = ctx->saved_data["bounds"].toIntVector();
    const auto wide = scan_dtype(saved[0]);
    Tensor x = saved[0].to(wide), taps = taps_of(weight, wide), g = gradients[0].to(wide);
    if (ctx->saved_data["silu"].toBool()) {
      g = at::silu_backward(g, convolve(x, taps, bias.defined() ? bias.to(wide) : Tensor(), bounds));
    }
    const int64_t width = taps.size(0);
    Tensor dx = g * taps[width - 1], dtaps = at::empty_like(taps);
    dtaps[width - 1].copy_((g * x).sum(0));
    for (int64_t distance = 1; distance < width; ++distance) {
      Tensor reached = g * reach_mask(bounds, distance, x);
      dtaps[width - 1 - distance].copy_((reached * shifted(x, distance)).sum(0));
      dx.add_(shifted(reached.mul_(taps[width - 1 - distance]), -distance));
    }
    variable_list out{dx.to(saved[0].scalar_type()), dtaps.t().unsqueeze(1).to(weight.scalar_type())};
    out.push_back(bias.defined() ? g.sum(0).to(bias.scalar_type()) : Tensor());
    out.resize(5);
    return out;
  }
};

/// With states: each sequence is put behind the inputs that it continues.
Tensor continued(const Tensor& x, const Tensor& weight, const Tensor& bias, std::span<const int64_t> bounds,
                 const ShortConvOptions& options, SequenceStates& states) {
  const int64_t kept = weight.size(2) - 1;
  std::vector<Tensor> outputs;
  for (size_t s = 0; s + 1 < bounds.size(); ++s) {
    Tensor& state = states[s];
    if (!state.defined()) state = at::zeros({kept, x.size(1)}, x.options().requires_grad(false));
    Tensor all = at::cat({state.to(x.scalar_type()), x.slice(0, bounds[s], bounds[s + 1])});
    const std::array<int64_t, 2> whole = {0, all.size(0)};
    outputs.push_back(short_conv(all, weight, bias, whole, options).slice(0, kept));
    state = all.slice(0, all.size(0) - kept).detach().clone();
  }
  return at::cat(outputs);
}
}  // namespace

Tensor short_conv(const Tensor& x, const Tensor& weight, const Tensor& bias, std::span<const int64_t> bounds,
                  const ShortConvOptions& options, SequenceStates* states) {
  LF_ASSERT(x.dim() == 2 && weight.dim() == 3 && weight.size(0) == x.size(1) && weight.size(1) == 1);
  LF_ASSERT(bounds.back() == x.size(0) && (!states || states->size() + 1 == bounds.size()));
  if (states) return continued(x, weight, bias, bounds, options, *states);
  return ShortConv::apply(x, weight, bias.defined() ? std::optional<Tensor>(bias) : std::nullopt,
                          std::vector<int64_t>(bounds.begin(), bounds.end()), options.silu);
}

Tensor short_conv_reference(const Tensor& x, const Tensor& weight, const Tensor& bias, std::span<const int64_t> bounds,
                            const ShortConvOptions& options) {
  const int64_t width = weight.size(2);
  std::vector<Tensor> rows;
  for (size_t s = 0; s + 1 < bounds.size(); ++s) {
    for (int64_t n = bounds[s]; n < bounds[s + 1]; ++n) {
      Tensor row = bias.defined() ? bias : at::zeros({x.size(1)}, x.options());
      for (int64_t back = 0; back < width && n - back >= bounds[s]; ++back) {
        row = row + x[n - back] * weight.select(1, 0).select(1, width - 1 - back);
      }
      rows.push_back(options.silu ? at::silu(row) : row);
    }
  }
  return at::stack(rows);
}

}  // namespace lf
