#include "train/estimate/activations.h"

#include <algorithm>
#include <map>
#include <string_view>

#include "base/strings.h"
#include "model/arch.h"

namespace lf {
namespace {

struct Part {  // the weights below one module of a block: "self_attn", "mlp", "mlp.experts.3"
  double kept_input = 0, kept_output = 0, inner = 0;  // inner: width that enters the layer which writes the stream
  bool inner_rows = false;                            // that layer keeps its input
};

struct Name {
  size_t block = 0;
  std::string path;  // of the module: "model.layers.0.self_attn.q_proj"
  std::string part, leaf;
};

class Counter {
 public:
  explicit Counter(const ActivationInput& input)
      : input_(input),
        blocks_(input.spec.names.base.empty() ? input.spec.names.layers + "."
                                              : input.spec.names.base + "." + input.spec.names.layers + "."),
        experts_(int_or(input.config, "num_experts",
                        int_or(input.config, "num_local_experts", int_or(input.config, "n_routed_experts", 1)))),
        used_(int_or(input.config, "num_experts_per_tok", int_or(input.config, "top_k", 1))) {}

  void add(const TensorShape& tensor) {
    Name name;
    if (!take_apart(tensor.name, name)) return;
    const size_t dims = tensor.shape.size();
    if (dims == 1 && tensor.name.ends_with(".weight")) add_norm(name);
    if (dims < 2 || tensor.name.ends_with(".bias")) return;
    const AttentionSpec& attention = input_.spec.attention_of(name.block);
    double in = static_cast<double>(tensor.shape[dims - 1]), to = static_cast<double>(tensor.shape[dims - 2]);
    if (attention.transposed_weights) std::swap(in, to);
    add_linear(parts_[name.block][name.part], name, in, to);
  }

  BlockActivations block(size_t index) const {
    BlockActivations out;
    out.trained = is_trained(index);
    const auto width = static_cast<double>(input_.spec.hidden_size);
    const auto norms = norms_.find(index);
    out.stream = (norms == norms_.end() ? 1 : norms->second) * width;     // what norms keep
    if (input_.spec.layers[index].routed_depth) out.stream += 2 * width;  // chosen rows, and what came of them
    if (input_.narrow_stream && input_.spec.norm.weight_offset != 0) {
      out.wide += out.stream;
    } else {
      out.wide += wide_norms(index) * width;
    }
    const auto found = parts_.find(index);
    if (found == parts_.end()) return out;
    for (const auto& [name, part] : found->second) add_part(index, name, part, out);
    return out;
  }

 private:
  /// A norm of the block itself, or one of heads inside a part.
  void add_norm(const Name& name) {
    const bool own = name.part.empty();
    if (own) ++norms_[name.block];
    if (!input_.wide_weights || !input_.narrow_stream || input_.kept_rows.count(name.path) == 0) return;
    ++(own ? wide_norms_ : wide_head_norms_)[name.block];
  }
  int wide_norms(size_t block) const {
    const auto found = wide_norms_.find(block);
    return found == wide_norms_.end() ? 0 : found->second;
  }

  /// Whether any weight of the block is trained, or carries an adapter.
  bool is_trained(size_t index) const {
    const std::string prefix = fmt::format("{}{}.", blocks_, index);
    const auto found = input_.kept_rows.lower_bound(prefix);
    return found != input_.kept_rows.end() && found->starts_with(prefix);
  }

  /// "model.layers.3.self_attn.q_proj.weight" -> 3, "self_attn", "q_proj"; false for tensors outside of blocks.
  bool take_apart(const std::string& name, Name& out) const {
    if (!name.starts_with(blocks_)) return false;
    std::vector<std::string> words = split(name.substr(blocks_.size()), '.');
    if (words.size() < 2) return false;
    out.block = static_cast<size_t>(std::stoul(words[0]));
    const bool suffixed = words.back() == "weight" || words.back() == "bias";
    const size_t end = words.size() - (suffixed && words.size() > 2 ? 1 : 0);
    out.leaf = words[end - 1];
    out.path = blocks_ + join({words.begin(), words.begin() + static_cast<int64_t>(end)}, ".");
    const bool routed = out.block < input_.spec.layers.size() && input_.spec.layers[out.block].routed_depth;
    const int64_t first = routed && words[1] == "block" ? 2 : 1;
    out.part = join({words.begin() + first, words.begin() + static_cast<int64_t>(end) - 1}, ".");
    return true;
  }

  /// Linear layers whose output goes straight into the stream, and therefore need not be kept.
  bool writes_stream(size_t block, std::string_view name) const {
    if (name == input_.spec.attention_of(block).names.output || name == input_.spec.mlp_of(block).names.down)
      return true;
    for (std::string_view known : {"o_proj", "out_proj", "down_proj", "w2", "output_linear"}) {
      if (name == known) return true;
    }
    return false;
  }

  void add_linear(Part& part, const Name& name, double in, double to) {
    const bool keeps = input_.kept_rows.count(name.path) > 0;
    if (writes_stream(name.block, name.leaf)) {
      part.inner = std::max(part.inner, in);
      part.inner_rows |= keeps;
      return;
    }
    if (keeps) part.kept_input = std::max(part.kept_input, in);  // one input for all of a module's first layers
    part.kept_output += to;
  }

  void add_part(size_t index, const std::string& name, const Part& part, BlockActivations& out) const {
    const bool expert = name.find("experts") != std::string::npos;
    const double share = expert ? static_cast<double>(used_) / static_cast<double>(std::max<int64_t>(1, experts_)) : 1;
    const bool attention = name == input_.spec.block.attention;
    const MlpSpec& mlp = input_.spec.mlp_of(index);
    const bool wide_input = wide_norms(index) > 0;  // what such a norm gives is fp32
    double kept = part.kept_output + (wide_input ? 0 : part.kept_input);
    if (wide_input) out.wide += share * part.kept_input;
    if (attention || part.inner_rows) kept += part.inner;  // attention keeps its result in any case
    // activation(gate), which the product keeps, where the two are not one operation.
    if (!attention && mlp.gated && mlp.activation != Activation::kSilu) kept += part.inner;
    out.compute += share * kept;
    if (attention) add_attention(index, input_.spec.attention_of(index), out);
    const double working = part.kept_output + part.inner + 2 * static_cast<double>(input_.spec.hidden_size);
    out.transient = std::max(out.transient, share * working);
  }

  void add_attention(size_t index, const AttentionSpec& attention, BlockActivations& out) const {
    out.wide += static_cast<double>(attention.heads);  // the sums of exponentials
    if (attention.qk_norm == QkNorm::kNone) return;
    const auto normed = static_cast<double>((attention.heads + attention.kv_heads) * attention.head_dim);
    out.compute += normed;
    if (input_.narrow_products || wide_head_norms_.count(index) > 0) out.wide += normed;
  }

  const ActivationInput& input_;
  std::string blocks_;
  int64_t experts_, used_;
  std::map<size_t, std::map<std::string, Part>> parts_;
  std::map<size_t, int> norms_, wide_norms_, wide_head_norms_;  // wide: fp32 weights on narrower hidden states
};

}  // namespace

std::vector<BlockActivations> block_activations(const ActivationInput& input) {
  Counter counter(input);
  for (const TensorShape& tensor : input.spec.tensors()) counter.add(tensor);
  std::vector<BlockActivations> blocks;
  for (size_t i = 0; i < input.spec.layers.size(); ++i) blocks.push_back(counter.block(i));
  return blocks;
}

}  // namespace lf
