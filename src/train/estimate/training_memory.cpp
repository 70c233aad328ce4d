#include "train/estimate/training_memory.h"

#include <algorithm>

namespace lf {
namespace {

/// glibc returns freed blocks below its threshold (up to 32 MB) to the system only from the top of its heap, so that
/// holes stay between what lives on; how many differs from run to run (up to 7 % of the peak). Share of a block's
/// working memory and the loss's buffers, measured on nine runs, larger where products are fp32 and go through MKL,
/// which keeps buffers of its own. With MALLOC_MMAP_THRESHOLD_=65536 the moments alone were within 5 %.
double kept_by_allocator(int compute_bytes) { return compute_bytes < 4 ? 0.5 : 0.8; }

uint64_t rounded(double bytes) { return static_cast<uint64_t>(std::max(0.0, bytes)); }

class Accounts {
 public:
  explicit Accounts(const TrainingMemoryInput& in) : in_(in), tokens_(static_cast<double>(in.tokens)) {}

  /// What block `i` keeps, when it takes part in the gradient at all.
  double kept(const BlockActivations& block) const {
    return tokens_ * (block.compute * in_.compute_bytes + block.stream * in_.stream_bytes + block.wide * 4) +
           adapters_of_a_block();
  }
  double adapters_of_a_block() const {
    return in_.blocks.empty() ? 0 : tokens_ * in_.adapter_bytes_per_token / static_cast<double>(in_.blocks.size());
  }
  double working(const BlockActivations& block) const { return tokens_ * block.transient * in_.compute_bytes; }
  double row() const { return tokens_ * static_cast<double>(in_.hidden_size) * in_.stream_bytes; }

  /// Blocks below the first trained weight record nothing.
  bool records(size_t index) const {
    if (in_.embedding_trained) return true;
    for (size_t i = 0; i <= index; ++i) {
      if (in_.blocks[i].trained) return true;
    }
    return false;
  }
  double all_kept() const {
    double sum = 0;
    for (size_t i = 0; i < in_.blocks.size(); ++i) sum += records(i) ? kept(in_.blocks[i]) : 0;
    return sum;
  }
  double all_inputs() const {
    double sum = 0;
    for (size_t i = 0; i < in_.blocks.size(); ++i) sum += records(i) ? row() : 0;
    return sum;
  }
  /// The block that needs most while its backward pass runs.
  double largest_block(bool with_kept) const {
    double most = 0;
    for (const BlockActivations& block : in_.blocks)
      most = std::max(most, working(block) + (with_kept ? kept(block) : 0));
    return most;
  }
  double between_blocks() const { return in_.recompute ? all_inputs() : all_kept(); }
  /// What the final norm keeps, and the hidden states the loss reads.
  double top() const { return 2 * row(); }
  double head_gradient() const {
    return in_.head_trained ? 4.0 * static_cast<double>(in_.vocab_size) * static_cast<double>(in_.hidden_size) : 0;
  }
  double logit_chunk() const {
    const double all = tokens_ * static_cast<double>(in_.vocab_size) * in_.compute_bytes;
    return std::min(all, static_cast<double>(in_.logit_chunk));
  }

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
  out.activations_kept = rounded(accounts.all_kept() + accounts.top() + accounts.largest_block(false));
  out.activations_recompute = rounded(accounts.all_inputs() + accounts.top() + accounts.largest_block(true));
  const double head = accounts.head_gradient();
  out.logits = rounded(accounts.logit_chunk() + accounts.row() + head);

  out.allocator =
      rounded(kept_by_allocator(in.compute_bytes) * static_cast<double>(out.activations_recompute + out.logits));

  const double lasting = static_cast<double>(out.process + out.weights + out.trainable + out.optimizer);
  const double gradients = static_cast<double>(in.gradients), before = in.accumulates ? gradients : 0;
  const double between = accounts.between_blocks();
  const double tied_sum = in.tied && in.head_trained && in.embedding_trained ? head : 0;
  const auto moment = [&](const char* name, double bytes) { out.moments.emplace_back(name, rounded(bytes)); };
  moment("loading", static_cast<double>(in.process + in.stored + in.trainable));
  moment("loss", lasting + before + between + accounts.top() + static_cast<double>(out.logits));
  moment("backward pass, last block",
         lasting + before + between + accounts.top() + head + accounts.largest_block(in.recompute));
  const double one = in.recompute || in.blocks.empty() ? 0 : accounts.kept(in.blocks.front());
  moment("backward pass, first block", lasting + gradients + one + accounts.row() + tied_sum +
                                           (in.accumulates ? head : 0) + accounts.largest_block(in.recompute));
  moment("update", lasting + gradients + (in.optimizer_temporary ? static_cast<double>(in.largest_trainable) : 0.0));
  return out;
}

}  // namespace lf
