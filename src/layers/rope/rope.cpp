// Frequencies follow transformers' modeling_rope_utils, in fp32 and with its order of operations, so that angles agree
// to the last bit even far from the start.
#include "layers/rope/rope.h"

#include <numbers>

#include "base/error.h"
#include "kernels/rope.h"

namespace lf {

namespace {
/// 0/E, 2/E, 4/E, ...
Tensor exponents(int64_t head_dim) { return at::arange(0, head_dim, 2, at::kFloat) / static_cast<double>(head_dim); }

Tensor plain_frequencies(double theta, int64_t head_dim) { return 1.0 / at::pow(theta, exponents(head_dim)); }

/// NTK-aware base for a sequence longer than the trained length; the base is fp32, as there it is a tensor.
Tensor dynamic_frequencies(const RopeSpec& spec, int64_t head_dim, int64_t length) {
  Tensor seen = at::scalar_tensor(static_cast<float>(std::max(length, spec.max_positions)), at::kFloat);
  Tensor stretch = seen * spec.factor / static_cast<double>(spec.max_positions) - (spec.factor - 1.0);
  const double power = static_cast<double>(head_dim) / static_cast<double>(head_dim - 2);
  return 1.0 / at::pow(stretch.pow(power) * spec.theta, exponents(head_dim));
}

/// The dimension that turns `rotations` times over the trained length (YaRN, arXiv 2309.00071).
double correction_dim(const RopeSpec& spec, double rotations, int64_t head_dim) {
  const double length = static_cast<double>(spec.original_max_positions);
  return head_dim * std::log(length / (rotations * 2 * std::numbers::pi)) / (2 * std::log(spec.theta));
}

Tensor yarn_frequencies(const RopeSpec& spec, int64_t head_dim) {
  double low = correction_dim(spec, spec.beta_fast, head_dim), high = correction_dim(spec, spec.beta_slow, head_dim);
  if (spec.truncate) {
    low = std::floor(low);
    high = std::ceil(high);
  }
  low = std::max(low, 0.0);
  high = std::min(high, static_cast<double>(head_dim - 1));
  if (low == high) high += 0.001;
  Tensor ramp = ((at::arange(head_dim / 2, at::kFloat) - low) / (high - low)).clamp(0, 1);
  Tensor positions = at::pow(spec.theta, exponents(head_dim));
  Tensor keep = 1 - ramp;
  return 1.0 / (positions * spec.factor) * (1 - keep) + 1.0 / positions * keep;
}

double mscale_of(double factor, double mscale) { return factor <= 1 ? 1.0 : 0.1 * mscale * std::log(factor) + 1.0; }

double yarn_attention_factor(const RopeSpec& spec) {
  if (spec.attention_factor) return *spec.attention_factor;
  if (spec.mscale.value_or(0) != 0 && spec.mscale_all_dim.value_or(0) != 0) {
    return mscale_of(spec.factor, *spec.mscale) / mscale_of(spec.factor, *spec.mscale_all_dim);
  }
  return mscale_of(spec.factor, 1.0);
}

/// Llama 3.1: long wavelengths are stretched by the factor, short ones kept, those between blended.
Tensor llama3_frequencies(const RopeSpec& spec, int64_t head_dim) {
  Tensor frequency = plain_frequencies(spec.theta, head_dim);
  const double length = static_cast<double>(spec.original_max_positions);
  const double low_wave = length / spec.low_freq_factor, high_wave = length / spec.high_freq_factor;
  Tensor wave = 2 * std::numbers::pi / frequency;
  Tensor scaled = at::where(wave > low_wave, frequency / spec.factor, frequency);
  Tensor smooth = (length / wave - spec.low_freq_factor) / (spec.high_freq_factor - spec.low_freq_factor);
  Tensor blended = (1 - smooth) * scaled / spec.factor + smooth * scaled;
  Tensor medium = (wave < high_wave).logical_not().logical_and((wave > low_wave).logical_not());
  return at::where(medium, blended, scaled);
}
/// LongRoPE (arXiv 2402.13753): every pair of dimensions has a factor of its own, one set for short sequences and one
/// for long.
Tensor longrope_frequencies(const RopeSpec& spec, int64_t width, int64_t length) {
  const std::vector<double>& factors = length > spec.original_max_positions ? spec.long_factor : spec.short_factor;
  LF_ASSERT(static_cast<int64_t>(factors.size()) == width / 2);
  return 1.0 / (at::tensor(factors, at::kFloat) * at::pow(spec.theta, exponents(width)));
}

double longrope_attention_factor(const RopeSpec& spec) {
  if (spec.attention_factor) return *spec.attention_factor;
  if (spec.factor <= 1.0) return 1.0;
  return std::sqrt(1.0 + std::log(spec.factor) / std::log(static_cast<double>(spec.original_max_positions)));
}

bool depends_on_length(RopeScaling scaling) {
  return scaling == RopeScaling::kDynamic || scaling == RopeScaling::kLongrope || scaling == RopeScaling::kNtkSteps;
}

/// 2^ceil(log2(length / base) + 1) - 1, at least 1: 1 up to `base`, 3 up to twice as much, then 7, 15, ...
double step_of(int64_t length, int64_t base) {
  const double context = std::log2(static_cast<double>(length) / static_cast<double>(base)) + 1;
  return std::max(std::exp2(std::ceil(context)) - 1, 1.0);
}
}  // namespace

Tensor rotate(const Tensor& x, const RopeTable& table) {
  const int64_t width = 2 * table.cos.size(1);
  if (width < x.size(-1)) {
    return at::cat({rotate(x.slice(-1, 0, width), table), x.slice(-1, width)}, -1);
  }
  if (!table.interleaved) return apply_rope(x, table.cos, table.sin);
  auto regrouped = [](const Tensor& t, int64_t rows, int64_t columns) {
    return t.reshape({t.size(0), t.size(1), rows, columns}).transpose(-1, -2).reshape(t.sizes());
  };
  Tensor halves = apply_rope(regrouped(x, width / 2, 2), table.cos, table.sin);
  return regrouped(halves, 2, width / 2);
}

Rope::Rope(const RopeSpec& spec, int64_t head_dim)
    : spec_(spec),
      width_(spec.width > 0 ? spec.width
                            : static_cast<int64_t>(static_cast<double>(head_dim) * spec.rotated_fraction)) {
  if (spec_.scaling == RopeScaling::kYarn) attention_factor_ = yarn_attention_factor(spec_);
  if (spec_.scaling == RopeScaling::kLongrope) attention_factor_ = longrope_attention_factor(spec_);
  at::NoGradGuard no_grad;
  frequencies_ = inverse_frequencies(0);
}

int64_t Rope::stepped_length(int64_t length) const { return std::max(length, spec_.max_positions); }

/// The first Qwen's and TeleChat's rule: theta times step^(W / (W - 2)).
Tensor Rope::stepped_frequencies(int64_t length, bool training) const {
  if (length == 0 || (training && !spec_.steps_in_training)) return plain_frequencies(spec_.theta, width_);
  const double power = static_cast<double>(width_) / static_cast<double>(width_ - 2);
  const double step = step_of(stepped_length(length), spec_.original_max_positions);
  return plain_frequencies(spec_.theta * std::pow(step, power), width_);
}

double Rope::attention_factor(int64_t length) const {
  if (spec_.scaling == RopeScaling::kLongrope) {
    const auto& own = length > spec_.original_max_positions ? spec_.long_mscale : spec_.short_mscale;
    return own.value_or(attention_factor_);
  }
  if (spec_.scaling != RopeScaling::kNtkSteps || !spec_.length_mscale) return attention_factor_;
  return mscale_of(static_cast<double>(stepped_length(length)) / spec_.max_positions, 1.0);
}

Tensor Rope::inverse_frequencies(int64_t length, bool training) const {
  switch (spec_.scaling) {
    case RopeScaling::kNone:
      return plain_frequencies(spec_.theta, width_);
    case RopeScaling::kLinear:
      return plain_frequencies(spec_.theta, width_) / spec_.factor;
    case RopeScaling::kDynamic:
      return length > spec_.max_positions ? dynamic_frequencies(spec_, width_, length)
                                          : plain_frequencies(spec_.theta, width_);
    case RopeScaling::kYarn:
      return yarn_frequencies(spec_, width_);
    case RopeScaling::kLlama3:
      return llama3_frequencies(spec_, width_);
    case RopeScaling::kLongrope:
      return longrope_frequencies(spec_, width_, length);
    case RopeScaling::kNtkSteps:
      return stepped_frequencies(length, training);
  }
  return Tensor();
}

bool Rope::outgrown(int64_t before, int64_t after) const {
  if (spec_.scaling == RopeScaling::kNtkSteps) {
    const int64_t base = spec_.original_max_positions;
    return before > 0 && step_of(stepped_length(before), base) != step_of(stepped_length(after), base);
  }
  return spec_.scaling == RopeScaling::kLongrope && before > 0 && before <= spec_.original_max_positions &&
         after > spec_.original_max_positions;
}

RopeTable Rope::table(const Tensor& positions, c10::ScalarType dtype, bool training) {
  at::NoGradGuard no_grad;
  Tensor frequencies = frequencies_;
  double factor = attention_factor_;
  if (depends_on_length(spec_.scaling) && positions.numel() > 0) {
    const int64_t length = positions.max().item<int64_t>() + 1;
    frequencies = inverse_frequencies(length, training);
    factor = attention_factor(length);
  }
  Tensor angles = positions.to(at::kFloat).unsqueeze(1) * frequencies.to(positions.device()).unsqueeze(0);
  auto rounded = [&](const Tensor& x) { return (x * factor).to(dtype).to(at::kFloat).contiguous(); };
  return {rounded(angles.cos()), rounded(angles.sin()), spec_.interleaved};
}

}  // namespace lf
