#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>

#include "base/error.h"
#include "kernels/segmented_scan.h"

namespace lf {

namespace {
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

struct Segment {
  int64_t begin, end;  // offsets into the stream
  size_t sequence;
  bool first, last;  // of its sequence
};

std::vector<Segment> segments_of(std::span<const int64_t> bounds, int64_t length) {
  std::vector<Segment> out;
  for (size_t s = 0; s + 1 < bounds.size(); ++s) {
    for (int64_t begin = bounds[s]; begin < bounds[s + 1]; begin += length) {
      const int64_t end = std::min(begin + length, bounds[s + 1]);
      out.push_back({begin, end, s, begin == bounds[s], end == bounds[s + 1]});
    }
  }
  return out;
}

/// All that both passes know beside tensors.
struct Plan : torch::CustomClassHolder {
  ScanStep step;
  std::vector<Segment> segments;
  std::vector<int64_t> state_shape;
  size_t tokens = 0;           // how many of the tensors run over the stream; the rest is shared
  std::vector<Tensor> before;  // the state before each segment
  SequenceStates* states = nullptr;

  Tensor first_state(const Segment& segment, const Tensor& like) const {
    if (states && (*states)[segment.sequence].defined()) return (*states)[segment.sequence];
    return at::zeros(state_shape, like.options().dtype(scan_dtype(like)).requires_grad(false));
  }
};

variable_list sliced(at::TensorList tensors, size_t count, const Segment& segment) {
  variable_list out;
  for (size_t i = 0; i < count; ++i) out.push_back(tensors[i].slice(0, segment.begin, segment.end));
  return out;
}

void put(Tensor& whole, const Segment& segment, const Tensor& part, int64_t tokens) {
  if (!whole.defined()) {
    std::vector<int64_t> shape = part.sizes().vec();
    shape[0] = tokens;
    whole = at::empty(shape, part.options());
  }
  whole.slice(0, segment.begin, segment.end).copy_(part);
}

class SegmentedScan : public torch::autograd::Function<SegmentedScan> {
 public:
  static Tensor forward(AutogradContext* ctx, at::TensorList tensors, c10::intrusive_ptr<Plan> plan) {
    const at::TensorList shared = tensors.slice(plan->tokens);
    Tensor out, state;
    for (const Segment& segment : plan->segments) {
      if (segment.first) state = plan->first_state(segment, tensors[0]);
      plan->before.push_back(state);
      ScanSegment result = plan->step(state, sliced(tensors, plan->tokens, segment), shared);
      put(out, segment, result.output, tensors[0].size(0));
      state = result.state;
      if (segment.last && plan->states) (*plan->states)[segment.sequence] = state;
    }
    plan->states = nullptr;
    ctx->save_for_backward(tensors.vec());
    ctx->saved_data["plan"] = c10::IValue::make_capsule(std::move(plan));
    return out;
  }

  static variable_list backward(AutogradContext* ctx, variable_list gradients) {
    auto plan = c10::static_intrusive_pointer_cast<Plan>(ctx->saved_data["plan"].toCapsule());
    const variable_list tensors = ctx->get_saved_variables();
    variable_list result(tensors.size() + 1);
    Tensor state_gradient;
    for (size_t i = plan->segments.size(); i-- > 0;) {
      const Segment& segment = plan->segments[i];
      if (segment.last) state_gradient = Tensor();
      state_gradient = segment_backward(ctx, *plan, i, tensors,
                                        {gradients[0].slice(0, segment.begin, segment.end), state_gradient}, result);
    }
    return result;
  }

 private:
  /// Runs segment i again with its graph, adds to `result`, and returns the gradient of the state before it.
  static Tensor segment_backward(AutogradContext* ctx, const Plan& plan, size_t i, const variable_list& tensors,
                                 const ScanSegment& gradient, variable_list& result) {
    const Segment& segment = plan.segments[i];
    variable_list leaves = sliced(tensors, plan.tokens, segment), wanted;
    leaves.insert(leaves.end(), tensors.begin() + static_cast<int64_t>(plan.tokens), tensors.end());
    std::vector<size_t> wanted_index;
    for (size_t t = 0; t < leaves.size(); ++t) {
      leaves[t] = leaves[t].detach();
      if (!ctx->needs_input_grad(t)) continue;
      wanted.push_back(leaves[t].requires_grad_(true));
      wanted_index.push_back(t);
    }
    Tensor state = plan.before[i].detach();
    if (!segment.first) wanted.push_back(state.requires_grad_(true));
    variable_list outputs, output_gradients;
    {
      at::AutoGradMode record(true);
      const at::TensorList all = leaves;
      ScanSegment again = plan.step(state, all.slice(0, plan.tokens), all.slice(plan.tokens));
      outputs = {again.output};
      output_gradients = {gradient.output.to(again.output.scalar_type())};
      if (gradient.state.defined() && again.state.requires_grad()) {
        outputs.push_back(again.state);
        output_gradients.push_back(gradient.state);
      }
    }
    variable_list found = torch::autograd::grad(outputs, wanted, output_gradients, std::nullopt, false, true);
    for (size_t w = 0; w < wanted_index.size(); ++w) {
      const size_t t = wanted_index[w];
      if (t >= plan.tokens) {
        if (found[w].defined()) result[t] = result[t].defined() ? result[t] + found[w] : found[w];
      } else {
        put(result[t], segment, found[w].defined() ? found[w] : at::zeros_like(wanted[w]), tensors[t].size(0));
      }
    }
    return segment.first ? Tensor() : found.back();
  }
};
}  // namespace

c10::ScalarType scan_dtype(const Tensor& input) {
  return input.scalar_type() == at::kDouble ? at::kDouble : at::kFloat;
}

Tensor segmented_scan(ScanStep step, const std::vector<Tensor>& tokens, const std::vector<Tensor>& shared,
                      std::span<const int64_t> bounds, const ScanOptions& options, SequenceStates* states) {
  LF_ASSERT(!tokens.empty() && bounds.size() >= 2 && bounds.back() == tokens[0].size(0) && bounds.back() > 0);
  LF_ASSERT(!states || states->size() + 1 == bounds.size());
  auto plan = c10::make_intrusive<Plan>();
  plan->step = std::move(step);
  plan->segments = segments_of(bounds, options.segment);
  plan->state_shape = options.state_shape;
  plan->tokens = tokens.size();
  plan->states = states;
  std::vector<Tensor> all = tokens;
  all.insert(all.end(), shared.begin(), shared.end());
  return SegmentedScan::apply(at::TensorList(all), std::move(plan));
}

}  // namespace lf
