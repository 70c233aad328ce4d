// Mixture of depths (Raposo et al. 2024, arXiv 2404.02258) as the Python package mixture-of-depth 1.1.8 defines it: a
// router gives every token of a sequence a weight; the tokens with the largest ones go through the block, where they
// see each other only, and their output is multiplied by the weight; the others pass by unchanged.
//
// Of a sequence of s tokens k = max(1, floor(capacity s)) compete, and those above the k-th weight are taken: k - 1 of
// them (all ties below), or the one with the largest weight when k is 1.
#pragma once
#include <memory>

#include "layers/decoder_layer.h"
#include "layers/linear.h"

namespace lf {

/// Share of the tokens that compete for the block when a model is used.
inline constexpr double kDepthCapacity = 0.125;
/// In training it falls from 1 with the number of forward passes so far, this one included; at 0 kDepthCapacity.
double depth_capacity(int64_t passes);
/// The number after `passes`: one more, in larger strides behind the first 1,000.
int64_t next_depth_pass(int64_t passes);

/// Linear D -> 1 with bias, computed in fp32: the weight of a token.
class DepthRouter final : public Linear {
 public:
  explicit DepthRouter(int64_t hidden_size) : Linear(hidden_size, 1, /*has_bias=*/true) {}
};

class MixtureOfDepths final : public DecoderLayer {
 public:
  /// Parameters: router.weight_predictor (a linear layer D -> 1 with bias) and those of `block` below "block".
  /// `window`: the block's sliding window, 0 = none.
  MixtureOfDepths(int64_t hidden_size, int64_t window, std::unique_ptr<DecoderLayer> block);
  std::string_view kind() const override { return "MixtureOfDepths"; }
  DepthRouter& router() { return router_; }

 protected:
  /// Routes over each whole sequence, so a cache may hold nothing yet (kUnsupported otherwise), and no sequence may be
  /// longer than a sliding window (kUnsupported).
  Tensor compute(const Tensor& x, const LayerContext& context) override;

 private:
  struct Chosen {
    Tensor rows;                  // M int64, increasing
    std::vector<int64_t> bounds;  // of sequences with chosen tokens, in M
  };
  Chosen choose(const Tensor& weights, const LayerContext& context) const;
  void check(const LayerContext& context) const;

  DepthRouter router_;
  int64_t window_;
  std::unique_ptr<DecoderLayer> block_;
};

}  // namespace lf
