#include "io/tensor_file.h"

#include "io/mapped_file.h"

namespace lf {

Tensor copied_in_pieces(const Tensor& from, c10::ScalarType dtype, c10::Device device) {
  at::NoGradGuard no_grad;
  Tensor out = at::empty(from.sizes(), from.options().dtype(dtype).device(device).requires_grad(false));
  if (!from.is_contiguous()) return out.copy_(from);
  const Tensor source = from.detach().view({-1}), target = out.view({-1});
  const auto bytes = [&](int64_t elements) { return static_cast<uint64_t>(elements) * from.element_size(); };
  const auto address = [&](int64_t element) {
    return static_cast<const char*>(source.const_data_ptr()) + bytes(element);
  };
  const int64_t total = source.numel();
  for (int64_t at = 0; at < total; at += kPieceElements) {
    const int64_t size = std::min(kPieceElements, total - at);
    if (at + size < total)
      prefetch_mapped_pages(address(at + size), bytes(std::min(kPieceElements, total - at - size)));
    target.narrow(0, at, size).copy_(source.narrow(0, at, size));
    if (from.is_cpu()) drop_mapped_pages(address(at), bytes(size));
  }
  return out;
}

Tensor TensorFile::copy(std::string_view name, c10::ScalarType dtype, c10::Device device) const {
  return copied_in_pieces(tensor(name), dtype, device);
}

}  // namespace lf
