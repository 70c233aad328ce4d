#include "kernels/grouped_matmul.h"

#include "base/error.h"
#include "kernels/grouped_matmul_impl.h"
#include "kernels/matmul.h"

namespace lf {

namespace {
using Bounds = std::vector<int64_t>;
constexpr int64_t kRowsForOneThread = 64;  // below so many rows for each expert, experts run side by side

/// Runs body(expert, first row, rows) for experts that have rows: one after the other with all threads inside, or side
/// by side where their products are too small to be shared.
template <class Body>
void for_experts(const Bounds& bounds, bool on_cpu, const Body& body) {
  std::vector<int64_t> busy;
  for (int64_t x = 0; x + 1 < static_cast<int64_t>(bounds.size()); ++x) {
    if (bounds[x + 1] > bounds[x]) busy.push_back(x);
  }
  const auto run = [&](int64_t first, int64_t last) {
    at::NoGradGuard no_grad;
    for (int64_t i = first; i < last; ++i) body(busy[i], bounds[busy[i]], bounds[busy[i] + 1] - bounds[busy[i]]);
  };
  const int64_t count = static_cast<int64_t>(busy.size());
  const bool small = on_cpu && count >= at::get_num_threads() && bounds.back() < kRowsForOneThread * count;
  small ? at::parallel_for(0, count, 1, run) : run(0, count);
}

/// Whether operands and result need no conversion, so that the product may be written in place.
bool direct(const Tensor& a, const Tensor& b, c10::ScalarType compute, c10::ScalarType out) {
  if (a.scalar_type() != compute || b.scalar_type() != compute || out != compute) return false;
  if (!a.is_cpu()) return true;
  return compute == at::kFloat || compute == at::kDouble || (compute == at::kBFloat16 && cpu_has_bf16_products());
}

Tensor counting_sort(const Tensor& ids, ExpertRows& rows) {
  const int64_t slots = ids.numel(), experts = static_cast<int64_t>(rows.bounds.size()) - 1;
  const int64_t* id = ids.const_data_ptr<int64_t>();
  for (int64_t slot = 0; slot < slots; ++slot) {
    LF_CHECK(kInternal, id[slot] >= 0 && id[slot] < experts, "[moe] expert {} of {} was chosen", id[slot], experts);
    ++rows.bounds[id[slot] + 1];
  }
  for (int64_t x = 0; x < experts; ++x) rows.bounds[x + 1] += rows.bounds[x];
  Tensor order = at::empty({slots}, ids.options());
  int64_t* to = order.data_ptr<int64_t>();
  Bounds next(rows.bounds.begin(), rows.bounds.end() - 1);
  for (int64_t slot = 0; slot < slots; ++slot) to[next[id[slot]]++] = slot;
  return order;
}
}  // namespace

ExpertRows sort_by_expert(const Tensor& ids, int64_t experts) {
  ExpertRows rows;
  rows.bounds.assign(experts + 1, 0);
  const int64_t width = std::max<int64_t>(1, ids.size(1));
  rows.order = counting_sort(ids.detach().to(at::kCPU).contiguous(), rows);
  rows.token = rows.order.floor_divide(width);
  rows.position = at::empty_like(rows.order);
  rows.position.scatter_(0, rows.order, at::arange(rows.order.numel(), rows.order.options()));
  for (Tensor* tensor : {&rows.order, &rows.token, &rows.position}) *tensor = tensor->to(ids.device());
  return rows;
}

/// One expert's rows: left right (+ bias), where `multiply` is the same product with conversions.
template <class Multiply>
static void product(Tensor part, const Tensor& left, const Tensor& right, const Tensor& bias, bool in_place,
                    const Multiply& multiply) {
  if (in_place) {
    bias.defined() ? at::addmm_out(part, bias.to(part.scalar_type()), left, right) : at::mm_out(part, left, right);
  } else if (bias.defined()) {
    part.copy_(multiply(at::kFloat).add_(bias));
  } else {
    part.copy_(multiply(part.scalar_type()));
  }
}

/// Each expert's bias to its rows.
static Tensor with_bias(Tensor rows, const Tensor& bias, const Bounds& bounds) {
  if (!bias.defined()) return rows;
  for_experts(bounds, false, [&](int64_t expert, int64_t first, int64_t count) {
    rows.narrow(0, first, count).add_(bias[expert].to(rows.scalar_type()));
  });
  return rows;
}

Tensor grouped_matmul_nt(const Tensor& x, const Tensor& w, const Bounds& bounds, c10::ScalarType compute,
                         c10::ScalarType out, const Tensor& bias) {
  const bool in_place = direct(x, w, compute, out);
  if (in_place && x.is_cuda() && fits_libtorch_grouped(x, w)) {
    return with_bias(libtorch_grouped_nt(x, w, bounds), bias, bounds);
  }
  Tensor y = at::empty({x.size(0), w.size(1)}, x.options().dtype(out));
  for_experts(bounds, x.is_cpu(), [&](int64_t expert, int64_t first, int64_t rows) {
    Tensor left = x.narrow(0, first, rows), right = w.select(0, expert);
    product(y.narrow(0, first, rows), left, right.t(), bias.defined() ? bias[expert] : Tensor(), in_place,
            [&](c10::ScalarType type) { return matmul_nt(left, right, compute, type); });
  });
  return y;
}

Tensor grouped_matmul_nn(const Tensor& g, const Tensor& w, const Bounds& bounds, c10::ScalarType compute,
                         c10::ScalarType out, const Tensor& bias) {
  const bool in_place = direct(g, w, compute, out);
  if (in_place && g.is_cuda() && fits_libtorch_grouped(g, w)) {
    return with_bias(libtorch_grouped_nn(g, w, bounds), bias, bounds);
  }
  Tensor y = at::empty({g.size(0), w.size(2)}, g.options().dtype(out));
  for_experts(bounds, g.is_cpu(), [&](int64_t expert, int64_t first, int64_t rows) {
    Tensor left = g.narrow(0, first, rows), right = w.select(0, expert);
    product(y.narrow(0, first, rows), left, right, bias.defined() ? bias[expert] : Tensor(), in_place,
            [&](c10::ScalarType type) { return matmul_nn(left, right, compute, type); });
  });
  return y;
}

Tensor grouped_matmul_tn(const Tensor& g, const Tensor& x, const Bounds& bounds, c10::ScalarType compute,
                         c10::ScalarType out) {
  const bool in_place = direct(g, x, compute, out);
  if (in_place && g.is_cuda() && fits_libtorch_grouped(g, x)) return libtorch_grouped_tn(g, x, bounds);
  const int64_t experts = static_cast<int64_t>(bounds.size()) - 1;
  Tensor y = at::empty({experts, g.size(1), x.size(1)}, g.options().dtype(out));
  for (int64_t expert = 0; expert < experts; ++expert) {
    if (bounds[expert] == bounds[expert + 1]) y.select(0, expert).zero_();
  }
  for_experts(bounds, g.is_cpu(), [&](int64_t expert, int64_t first, int64_t rows) {
    Tensor part = y.select(0, expert), left = g.narrow(0, first, rows), right = x.narrow(0, first, rows);
    in_place ? at::mm_out(part, left.t(), right) : part.copy_(matmul_tn(left, right, compute, out));
  });
  return y;
}

static Tensor ends(const Bounds& bounds, c10::Device device) {
  std::vector<int32_t> out(bounds.begin() + 1, bounds.end());
  return at::tensor(out, at::TensorOptions(at::kInt)).to(device);
}

/// Older devices have no such kernel: tried once, on a small product.
static bool device_has_grouped(c10::Device device) {
  static const bool has = [&] {
    try {
      const auto options = at::TensorOptions(at::kBFloat16).device(device);
      at::_grouped_mm(at::zeros({16, 16}, options), at::zeros({1, 16, 16}, options), ends({0, 16}, device));
      return true;
    } catch (const std::exception&) {
      return false;
    }
  }();
  return has;
}

bool fits_libtorch_grouped(const Tensor& left, const Tensor& right) {
  constexpr int64_t kMultiple = 8;  // 16 bytes of bf16
  const bool aligned = left.size(-1) % kMultiple == 0 && right.size(-1) % kMultiple == 0 && left.is_contiguous() &&
                       right.is_contiguous() && left.size(0) > 0;
  const bool bf16 = left.scalar_type() == at::kBFloat16 && right.scalar_type() == at::kBFloat16;
  return aligned && bf16 && device_has_grouped(left.device());
}

Tensor libtorch_grouped_nt(const Tensor& x, const Tensor& w, const Bounds& bounds) {
  return at::_grouped_mm(x, w.transpose(1, 2), ends(bounds, x.device()));
}

Tensor libtorch_grouped_nn(const Tensor& g, const Tensor& w, const Bounds& bounds) {
  return at::_grouped_mm(g, w, ends(bounds, g.device()));
}

Tensor libtorch_grouped_tn(const Tensor& g, const Tensor& x, const Bounds& bounds) {
  return at::_grouped_mm(g.t(), x, ends(bounds, g.device()));
}

}  // namespace lf
