// The one decoder: embedding, blocks, final norm, head. Parameters carry Hugging Face's names.
#pragma once
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "layers/decoder_layer.h"
#include "layers/embedding.h"
#include "layers/kv_cache.h"
#include "layers/linear.h"
#include "layers/norm.h"
#include "layers/token_stream.h"
#include "model/spec.h"
#include "tensor/module.h"

namespace lf {

struct ForwardOptions {
  /// Keep only the input of each block and compute the block again in the backward pass. Blocks without trainable
  /// parameters or gradients to pass on are not affected. Ignored when no gradient is being recorded.
  bool gradient_checkpointing = false;
  /// NEFTune (arXiv 2310.05914): uniform noise of magnitude alpha / sqrt(T D) on each embedded sequence of T tokens; 0
  /// = none.
  double embedding_noise = 0;
  /// Mixtures of experts: where the load-balancing loss is gathered.
  std::shared_ptr<RouterLog> routers;
  /// Shifted sparse attention (kernels/shifted_attention.h) while training: group size over sequence length; 0 = none.
  double shift_ratio = 0;
};

class Decoder : public Module {
 public:
  /// Built on the meta device: no memory, no random numbers. Fill it with load_model().
  explicit Decoder(const ModelSpec& spec);
  std::string_view kind() const override { return "Decoder"; }
  const ModelSpec& spec() const { return spec_; }
  /// To be called when embedding and head were given another number of rows (model/resize.h).
  void set_vocab_size(int64_t rows) { spec_.vocab_size = rows; }

  /// Hidden states after the final norm: N D. With a cache, each sequence continues what the cache holds for it.
  Tensor forward(const TokenStream& stream, KvCache* cache = nullptr, const ForwardOptions& options = {});
  /// hidden: N D -> N V, in the dtype of the head's product.
  Tensor logits(const Tensor& hidden);
  /// What the head adds to its product: its bias, and what takes unused tokens out. May be undefined.
  Tensor head_bias();
  /// What the head multiplies: hidden states times spec().logit_multiplier. The softcap comes after the head.
  Tensor head_input(const Tensor& hidden) const;
  /// Whether what a cache holds of `before` tokens is of no use when a sequence grows to `after`: then all of it has to
  /// be computed again (longrope; transformers drops its cache there, too; always in a mixture of depths).
  bool outgrows_cache(int64_t before, int64_t after) const;

  /// Forward passes in training so far, on which the capacity of a mixture of depths depends (depth_capacity()); to be
  /// stored with checkpoints.
  int64_t depth_passes() const { return depth_passes_; }
  void set_depth_passes(int64_t passes) { depth_passes_ = passes; }

  /// "lm_head"; its weight is the embedding's when spec().tied_embeddings.
  Linear& head() { return *lm_head_; }
  Embedding& embedding();
  std::vector<DecoderLayer*> layers();
  /// For this module and everything below it.
  void train(bool training) { set_training_tree(*this, training); }

  /// (checkpoint name, tensor) of all that a checkpoint of the base model holds, in its shapes, as Hugging Face saves
  /// them: a tied head is left out.
  std::vector<std::pair<std::string, Tensor>> state_dict();

 private:
  Tensor unused_bias() const;

  class Backbone;
  ModelSpec spec_;
  int64_t depth_passes_ = 0;
  std::unique_ptr<Backbone> model_;
  std::unique_ptr<Linear> lm_head_;

 public:
  ~Decoder() override;
};

}  // namespace lf
