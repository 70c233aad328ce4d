// Modules trained in full beside an adapter (PEFT's modules_to_save): a copy of each of their parameters takes the
// place of the original, which is kept for the time the adapter is switched off.
#pragma once
#include <string>
#include <vector>

#include "tensor/module.h"

namespace lf {

class FullCopies {
 public:
  /// Copies every parameter of the modules `names` means. `wide`: as fp32; otherwise in their own type. A head that
  /// shares its weight with a copied embedding (or the reverse) keeps the original from now on, as in PEFT.
  FullCopies(Module& model, const std::vector<std::string>& names, bool wide, bool trainable);

  struct Copy {
    std::string name;  // checkpoint name
    Tensor* slot = nullptr;
    Tensor original, tensor;
  };
  std::vector<Copy>& all() { return copies_; }
  const std::vector<Copy>& all() const { return copies_; }

  void set_enabled(bool enabled);
  /// The copies become the model's weights, in the types of the originals.
  void merge();

 private:
  std::vector<Copy> copies_;
};

}  // namespace lf
