#include "train/estimate/activations.h"

#include <algorithm>
#include <map>
#include <string_view>

#include "base/strings.h"
#include "model/arch.h"

namespace lf {
namespace {

constexpr std::string_view kBlocks = "model.layers.";

/// Linear layers whose output goes straight into the stream, and therefore need not be kept.
bool writes_stream(std::string_view name) {
  for (std::string_view known : {"o_proj", "out_proj", "down_proj", "dense", "dense_4h_to_h", "c_proj", "fc2", "fc_out",
                                 "w2", "wo", "output_linear"}) {
    if (name == known) return true;
  }
  return false;
}

struct Part {  // the weights below one module of a block: "self_attn", "mlp", "mlp.experts.3"
  double kept_input = 0, kept_output = 0, inner = 0;  // inner: width that enters the layer which writes the stream
  double query = 0, key = 0;
  bool inner_rows = false;  // that layer keeps its input
  bool gated = false, query_norm = false, key_norm = false, trained = false;
};

struct Name {
  size_t block = 0;
  std::string part, leaf;
};

/// "model.layers.3.self_attn.q_proj.weight" -> 3, "self_attn", "q_proj"; false for other tensors.
bool take_apart(const std::string& name, Name& out) {
  if (!name.starts_with(kBlocks)) return false;
  std::vector<std::string> words = split(name.substr(kBlocks.size()), '.');
  if (words.size() < 3) return false;
  out.block = static_cast<size_t>(std::stoul(words[0]));
  const bool suffixed = words.back() == "weight" || words.back() == "bias";
  const size_t end = words.size() - (suffixed ? 1 : 0);
  out.leaf = words[end - 1];
  out.part = join({words.begin() + 1, words.begin() + static_cast<int64_t>(end) - 1}, ".");
  return true;
}

class Counter {
 public:
  explicit Counter(const ActivationInput& input)
      : input_(input),
        experts_(int_or(input.config, "num_experts",
                        int_or(input.config, "num_local_experts", int_or(input.config, "n_routed_experts", 1)))),
        used_(int_or(input.config, "num_experts_per_tok", int_or(input.config, "top_k", 1))) {
    const std::string given = string_or(input.config, "hidden_act", "silu");
    silu_ = string_or(input.config, "hidden_activation", given) == "silu";
  }

  void add(const TensorShape& tensor) {
    Name name;
    if (!take_apart(tensor.name, name)) return;
    Part& part = parts_[name.block][name.part];
    const size_t dims = tensor.shape.size();
    if (dims == 1) {
      part.query_norm |= name.leaf == "q_norm";
      part.key_norm |= name.leaf == "k_norm";
      return;
    }
    if (dims < 2 || tensor.name.ends_with(".bias")) return;
    add_linear(part, name, static_cast<double>(tensor.shape[dims - 1]), static_cast<double>(tensor.shape[dims - 2]));
  }

  BlockActivations block(size_t index) const {
    BlockActivations out;
    const auto width = static_cast<double>(input_.spec.hidden_size);
    out.stream = 2 * width;  // what the two norms keep
    const auto found = parts_.find(index);
    if (found == parts_.end()) return out;
    for (const auto& [name, part] : found->second) add_part(name, part, out);
    return out;
  }

 private:
  void add_linear(Part& part, const Name& name, double in, double to) {
    const std::string path = std::string(kBlocks) + std::to_string(name.block) + "." + name.part + "." + name.leaf;
    const bool keeps = input_.kept_rows.count(path) > 0;
    part.trained |= keeps;
    if (writes_stream(name.leaf)) {
      part.inner = std::max(part.inner, in);
      part.inner_rows |= keeps;
      return;
    }
    if (keeps) part.kept_input = std::max(part.kept_input, in);  // one input for all of a module's first layers
    part.kept_output += to;
    part.gated |= name.leaf.find("gate") != std::string::npos;
    if (name.leaf == "q_proj") part.query = to;
    if (name.leaf == "k_proj") part.key = to;
  }

  void add_part(const std::string& name, const Part& part, BlockActivations& out) const {
    const bool expert = name.find("experts") != std::string::npos;
    const double share = expert ? static_cast<double>(used_) / static_cast<double>(std::max<int64_t>(1, experts_)) : 1;
    const bool attention = part.query > 0;
    double kept = part.kept_input + part.kept_output;
    if (attention || part.inner_rows) kept += part.inner;  // attention keeps its result in any case
    if (part.gated && !silu_) kept += part.inner;          // gelu(gate), which the product keeps
    out.compute += share * kept;
    if (attention) out.wide += part.query / std::max(1.0, head_width());  // one sum of exponentials a head
    const double normed = (part.query_norm ? part.query : 0) + (part.key_norm ? part.key : 0);
    out.compute += normed;
    if (input_.composed_head_norms) out.wide += normed;
    const double working = part.kept_output + part.inner + 2 * static_cast<double>(input_.spec.hidden_size);
    out.transient = std::max(out.transient, share * working);
    out.trained |= part.trained;
  }

  double head_width() const {
    const int64_t heads = int_or(input_.config, "num_attention_heads", 1);
    return static_cast<double>(
        int_or(input_.config, "head_dim", input_.spec.hidden_size / std::max<int64_t>(1, heads)));
  }

  const ActivationInput& input_;
  int64_t experts_, used_;
  bool silu_ = true;
  std::map<size_t, std::map<std::string, Part>> parts_;
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
