// A model family member as plain data: what config.json says, in our words. No torch here; the decoder is built from
// it.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "layers/specs.h"

namespace lf {

struct TensorShape {
  std::string name;  // checkpoint name
  std::vector<int64_t> shape;
};

struct ModelSpec {
  std::string model_type;
  int64_t vocab_size = 0;
  int64_t hidden_size = 0;
  int64_t max_positions = 0;
  double initializer_range = 0.02;
  std::optional<int64_t> pad_token;  // its embedding row gets no gradient
  bool tied_embeddings = false;
  NormSpec norm;
  AttentionSpec attention;
  MlpSpec mlp;
  RopeSpec rope;
  std::vector<LayerSpec> layers;

  /// Refuses impossible sizes and combinations (kFormat).
  void validate() const;
  /// Every parameter by checkpoint name, in the order of the module tree (a tied head is not listed).
  std::vector<TensorShape> tensors() const;
  int64_t parameter_count() const;
  /// Last name parts of the linear layers in the blocks, in order: q_proj, k_proj, ...
  std::vector<std::string> linear_names() const;
  /// Floating-point operations of a forward pass per token at `sequence_length` (multiply and add count as two).
  double forward_flops_per_token(int64_t sequence_length) const;
  /// One "name: value" a line.
  std::string to_string() const;
};

}  // namespace lf
