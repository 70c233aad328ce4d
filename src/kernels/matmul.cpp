#include "kernels/matmul.h"

#include "kernels/cpu/mixed_gemm.h"
#include "kernels/linear_impl.h"

namespace lf {

static bool detect_bf16_products() {
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512bf16")) return true;
  unsigned eax = 7, ebx = 0, ecx = 0, edx = 0;
  __asm__ volatile("cpuid" : "+a"(eax), "=b"(ebx), "+c"(ecx), "=d"(edx));
  constexpr unsigned kAmxBf16 = 1u << 22;
  return __builtin_cpu_supports("avx512f") && (edx & kAmxBf16) != 0;
#else
  return false;
#endif
}

bool cpu_has_bf16_products() {
  static const bool has = detect_bf16_products();
  return has;
}

/// Whether the product is better done through fp32 tiles: a CPU, and something to widen or round.
static bool use_tiles(const Tensor& a, const Tensor& b, c10::ScalarType compute) {
  if (!a.is_cpu()) return false;
  const bool all_float = a.scalar_type() == at::kFloat && b.scalar_type() == at::kFloat && compute == at::kFloat;
  if (all_float || compute == at::kDouble) return false;
  return compute != at::kBFloat16 || !cpu_has_bf16_products();
}

static bool rounds(c10::ScalarType compute) { return compute == at::kBFloat16; }

Tensor matmul_nt(const Tensor& x, const Tensor& w, c10::ScalarType compute, c10::ScalarType out) {
  if (use_tiles(x, w, compute)) return cpu::mixed_nt(x.contiguous(), w.contiguous(), Tensor(), rounds(compute), out);
  return at::mm(x.to(compute), w.to(compute).t()).to(out);
}

Tensor matmul_nn(const Tensor& g, const Tensor& w, c10::ScalarType compute, c10::ScalarType out) {
  if (use_tiles(g, w, compute)) return cpu::mixed_nn(g.contiguous(), w.contiguous(), rounds(compute), out);
  return at::mm(g.to(compute), w.to(compute)).to(out);
}

Tensor matmul_tn(const Tensor& g, const Tensor& x, c10::ScalarType compute, c10::ScalarType out) {
  if (use_tiles(g, x, compute)) return cpu::mixed_tn(g.contiguous(), x.contiguous(), rounds(compute), out);
  return at::mm(g.to(compute).t(), x.to(compute)).to(out);
}

static cpu::LowRankTerm widened_term(const LowRankProduct& product, bool rounded) {
  return {cpu::widened(product.left.contiguous(), rounded), cpu::widened(product.right.contiguous(), rounded),
          product.scale};
}

Tensor linear_forward(const Tensor& x, const Tensor& w, const Tensor& bias, const LowRankProduct* low_rank,
                      c10::ScalarType compute) {
  if (use_tiles(x, w, compute)) {
    cpu::LowRankTerm term;
    if (low_rank) term = widened_term(*low_rank, rounds(compute));
    return cpu::mixed_nt(x.contiguous(), w.contiguous(), bias, rounds(compute), compute, low_rank ? &term : nullptr);
  }
  Tensor y = at::linear(x.to(compute), w.to(compute), bias.defined() ? bias.to(compute) : Tensor());
  if (low_rank) y.addmm_(low_rank->left.to(compute), low_rank->right.to(compute).t(), 1, low_rank->scale);
  return y;
}

Tensor linear_input_gradient(const Tensor& g, const Tensor& w, const LowRankProduct* low_rank, c10::ScalarType compute,
                             c10::ScalarType out) {
  if (use_tiles(g, w, compute)) {
    cpu::LowRankTerm term;
    if (low_rank) term = widened_term(*low_rank, rounds(compute));
    return cpu::mixed_nn(g.contiguous(), w.contiguous(), rounds(compute), out, low_rank ? &term : nullptr);
  }
  Tensor dx = at::mm(g.to(compute), w.to(compute));
  if (low_rank) dx.addmm_(low_rank->left.to(compute), low_rank->right.to(compute), 1, low_rank->scale);
  return dx.to(out);
}

}  // namespace lf
