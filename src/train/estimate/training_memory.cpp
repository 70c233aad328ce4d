#include "train/estimate/training_memory.h"

#include <algorithm>

namespace lf {
namespace {

uint64_t rounded(double bytes) { return static_cast<uint64_t>(std::max(0.0, bytes)); }

class Accounts {
 public:
  explicit Accounts(const TrainingMemoryInput& in) : in_(in), tokens_(static_cast<double>(in.tokens)) {}

  double row() const { return tokens_ * static_cast<double>(in_.hidden_size) * in_.stream_bytes; }

  /// Blocks below the first trained weight record nothing.
  bool records(size_t index) const {
    if (in_.embedding_trained) return true;
    for (size_t i = 0; i <= index; ++i) {
      if (in_.blocks[i].trained) return true;
    }
    return false;
  }
  /// What the first `count` blocks leave for the backward pass: with gradient checkpointing, their outputs.
  double left_by(size_t count, bool recompute) const {
    double sum = 0;
    for (size_t i = 0; i < count; ++i) sum += !records(i) ? 0 : recompute ? row() : in_.blocks[i].kept;
    return sum;
  }
  double all_left(bool recompute) const { return left_by(in_.blocks.size(), recompute); }
  /// At most while block `i` runs backward, beyond what the blocks below it left.
  double backward(size_t i, bool recompute) const {
    const BlockMemory& block = in_.blocks[i];
    return row() + (recompute ? std::max(block.forward_peak, block.kept + block.backward_peak)
                              : block.kept + block.backward_peak);
  }
  /// The most that any block takes while the forward pass runs, with what the blocks below it left.
  double forward_pass() const {
    double most = 0;
    for (size_t i = 0; i < in_.blocks.size(); ++i)
      most = std::max(most, row() + left_by(i, in_.recompute) + in_.blocks[i].forward_peak);
    return most;
  }
  /// Gradients of the blocks are taken to be equally large: those of the blocks above are there already.
  double backward_pass() const {
    double most = 0, above = head_gradient();
    const double whole = static_cast<double>(in_.gradients), share = block_gradient();
    for (size_t i = in_.blocks.size(); i-- > 0 && records(i);) {
      const double there = in_.accumulates ? whole + head_gradient() : above;
      most = std::max(most, there + left_by(i, in_.recompute) + backward(i, in_.recompute));
      above += in_.blocks[i].trained ? share : 0;
    }
    return most;
  }
  double block_gradient() const {
    const auto trained = std::count_if(in_.blocks.begin(), in_.blocks.end(), [](const auto& b) { return b.trained; });
    const double outside = (in_.embedding_trained && !in_.tied ? table() : 0) + head_gradient();
    return std::max(0.0, static_cast<double>(in_.gradients) - outside) /
           static_cast<double>(std::max<int64_t>(1, trained));
  }
  /// What the final norm keeps, and the hidden states the loss reads.
  double top() const { return 2 * row(); }
  double table() const { return 4.0 * static_cast<double>(in_.vocab_size) * static_cast<double>(in_.hidden_size); }
  double head_gradient() const { return in_.head_trained ? table() : 0; }

 private:
  const TrainingMemoryInput& in_;
  double tokens_;
};

}  // namespace

double backward_share(const TrainingMemoryInput& in) {
  const Accounts accounts(in);
  double blocks = 0;
  for (size_t i = 0; i < in.blocks.size(); ++i) blocks += accounts.records(i) ? 1 : 0;
  return in.blocks.empty() ? 1 : blocks / static_cast<double>(in.blocks.size());
}

std::pair<std::string, uint64_t> TrainingMemory::peak() const {
  const auto most = std::max_element(moments.begin(), moments.end(),
                                     [](const auto& a, const auto& b) { return a.second < b.second; });
  if (most == moments.end()) return {};
  return {most->first, most->second + allocator};
}

TrainingMemory training_memory(const TrainingMemoryInput& in) {
  const Accounts accounts(in);
  TrainingMemory out;
  out.process = in.process;
  out.weights = in.stored - std::min(in.replaced, in.stored);
  out.trainable = in.trainable;
  out.gradients = in.gradients;
  out.optimizer = rounded(in.optimizer_ratio * static_cast<double>(in.trainable));
  double most = 0;
  for (size_t i = 0; i < in.blocks.size(); ++i) most = std::max(most, accounts.backward(i, true));
  out.activations_kept = rounded(accounts.all_left(false) + accounts.top());
  out.activations_recompute = rounded(accounts.all_left(true) + accounts.top() + most);
  const double head = accounts.head_gradient();
  out.logits = rounded(in.loss + head);

  const double lasting = static_cast<double>(out.process + out.weights + out.trainable + out.optimizer);
  const double gradients = static_cast<double>(in.gradients), before = in.accumulates ? gradients : 0;
  const double between = accounts.all_left(in.recompute), top = accounts.top();
  const double tied_sum = in.tied && in.head_trained && in.embedding_trained ? head : 0;
  const auto moment = [&](const char* name, double bytes) { out.moments.emplace_back(name, rounded(bytes)); };
  moment("loading", static_cast<double>(in.process + in.stored + in.trainable));
  moment("forward pass", lasting + before + accounts.forward_pass());
  moment("loss", lasting + before + between + top + static_cast<double>(out.logits));
  moment("backward pass", lasting + accounts.backward_pass());
  moment("gradient of the embedding", lasting + gradients + accounts.row() + tied_sum + (in.accumulates ? head : 0));
  moment("update", lasting + gradients + (in.optimizer_temporary ? static_cast<double>(in.largest_trainable) : 0.0));
  return out;
}

}  // namespace lf
