// A model family member as plain data: what config.json says, in our words. No torch here; the decoder is built from
// it.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "layers/specs.h"

namespace lf {

class MixerSpec;
class FeedForwardSpec;
class DecoderLayer;
struct LayerPlace;
struct ModelSpec;

/// A tensor of a checkpoint.
struct TensorShape {
  std::string name;  // checkpoint name
  std::vector<int64_t> shape;
};

/// What differs from layer to layer. Absent parts are the model's.
struct LayerSpec {
  bool routed_depth = false;  // mixture of depths: a router chooses the tokens that go through it
  int64_t window = 0;         // a token sees itself and the window-1 before it; 0 = everything before it
  int64_t rope = 0;           // index into ModelSpec::ropes; -1 = no rotary positions in this layer
  std::optional<AttentionSpec> attention;
  std::optional<MlpSpec> mlp;
  std::optional<BlockSpec> block;
  std::shared_ptr<const MixerSpec> mixer;               // instead of attention
  std::shared_ptr<const FeedForwardSpec> feed_forward;  // instead of the dense MLP
  /// Builds the whole layer, for families whose wiring is their own.
  std::function<std::unique_ptr<DecoderLayer>(const ModelSpec&, const LayerPlace&)> build;
};

/// The load-balancing loss of mixtures of experts (layers/router_log.h) as a part of the loss.
struct RouterLossSpec {
  double coefficient = 0;  // 0 = not part of it
  int64_t chosen = 0;      // experts of each token that count
};

/// What parts are called in checkpoints. "" = the model has no such part.
struct ModelNames {
  std::string base = "model";  // prefix of all but the head
  std::string embedding = "embed_tokens";
  std::string positions;  // table of learned positions
  std::string embedding_norm;
  std::string layers = "layers";
  std::string norm = "norm";
  std::string head = "lm_head";
};

struct ModelSpec {
  std::string model_type;
  int64_t vocab_size = 0;
  int64_t hidden_size = 0;
  int64_t max_positions = 0;
  double initializer_range = 0.02;
  std::optional<int64_t> pad_token;  // its embedding row gets no gradient
  bool tied_embeddings = false;
  bool head_bias = false;
  int64_t learned_positions = 0;         // rows of the table `names.positions`, 0 = none
  int64_t learned_positions_offset = 0;  // position p reads row p + offset (OPT: 2)
  int64_t embedding_width = 0;           // of tokens, where it is not hidden_size: project_in, project_out (OPT 350M)
  double embedding_multiplier = 1;       // of token embeddings
  bool embedding_multiplier_rounded = false;  // to the embedding's dtype first (Gemma)
  double logit_multiplier = 1;
  double logit_softcap = 0;            // cap * tanh(logit / cap), 0 = none
  bool normalized_head = false;        // rows of the head are divided by their lengths (Baichuan 2)
  std::vector<int64_t> unused_tokens;  // their logits are -1e30: no probability (Phi-3-small)
  double embedding_dropout = 0;        // in training only
  int64_t longest_sequence = 0;        // tokens; 0 = any length. Longer ones are refused, because:
  std::string longest_sequence_reason;
  /// Tensors below `names.base` that checkpoints hold but that neither run nor train: kept and saved as they are.
  std::vector<TensorShape> carried;
  /// The same for tensors that a checkpoint may hold or not.
  std::vector<TensorShape> carried_if_stored;
  /// Full names of tensors that some checkpoints spell in another way: ours -> theirs.
  std::map<std::string, std::string> other_names;
  RouterLossSpec router_loss;
  ModelNames names;
  NormSpec norm;
  AttentionSpec attention;
  MlpSpec mlp;
  BlockSpec block;
  std::vector<RopeSpec> ropes;  // usually one
  /// What checkpoints hold beside the model, and what is neither loaded nor saved: beginnings of names ("mtp."), or
  /// ends after a star ("*.slope_rate").
  std::vector<std::string> unused_tensors;
  std::vector<LayerSpec> layers;

  RopeSpec& rope() { return ropes.front(); }
  const RopeSpec& rope() const { return ropes.front(); }
  const AttentionSpec& attention_of(size_t layer) const {
    return layers[layer].attention ? *layers[layer].attention : attention;
  }
  const MlpSpec& mlp_of(size_t layer) const { return layers[layer].mlp ? *layers[layer].mlp : mlp; }

  /// Refuses impossible sizes and combinations (kFormat).
  void validate() const;
  /// Every tensor by checkpoint name, in the order of the module tree (a tied head is not listed).
  std::vector<TensorShape> tensors() const;
  int64_t parameter_count() const;
  /// Last name parts of the linear layers in the blocks, in order of first appearance: q_proj, k_proj, ...
  std::vector<std::string> linear_names() const;
  /// Floating-point operations of a forward pass per token at `sequence_length` (multiply and add count as two).
  double forward_flops_per_token(int64_t sequence_length) const;
  /// One "name: value" a line.
  std::string to_string() const;
};

}  // namespace lf
