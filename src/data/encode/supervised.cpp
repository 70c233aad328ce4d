// Stage sft: prompts and responses in turn, cut to the budget of cutoff_len, loss on responses. With mask_history the
// last turn comes first in the budget and alone bears loss. Templates with efficient_eos end each turn only once: the
// first label of the next prompt is the EOS that the previous response lacks.
#include "base/error.h"
#include "data/encode/encoder.h"
#include "data/encode/lengths.h"

namespace lf {
namespace {

void append(std::vector<int32_t>& out, const std::vector<int32_t>& tail) {
  out.insert(out.end(), tail.begin(), tail.end());
}

class SupervisedEncoder final : public Encoder {
 public:
  SupervisedEncoder(const DataOptions& options, const Tokenizer& tokenizer, const Template& chat_template)
      : options_(options), tokenizer_(tokenizer), template_(chat_template), packing_(options.packing.value_or(false)) {
    if (template_.efficient_eos()) {
      LF_CHECK(kConfig, tokenizer.eos_id(), "template {} needs an EOS token and the tokenizer has none",
               template_.name());
      eos_ = *tokenizer.eos_id();
    }
    if (packing_) {
      LF_CHECK(kConfig, tokenizer.pad_id(), "packing needs a pad token and the tokenizer has none");
      pad_ = *tokenizer.pad_id();
    }
  }

  EncodedRow encode(const Conversation& conversation) const override {
    EncodedRow row;
    if (!conversation.problem.empty()) {
      row.dropped = conversation.problem;
    } else if (conversation.prompt.size() % 2 != 1) {
      row.dropped = "the number of prompt messages is not odd";
    } else if (conversation.response.size() != 1) {
      row.dropped = conversation.response.empty()
                        ? "no response"
                        : "more than one response (feedback or ranking data is not for this stage)";
    } else {
      row.example = encode_turns(conversation);
      const auto length = static_cast<int64_t>(row.example.ids.size());
      if (packing_ && length > options_.cutoff_len) {
        row.dropped = fmt::format("longer than {} tokens, which packing cannot cut", options_.cutoff_len);
      }
    }
    return row;
  }

  std::vector<EncodedExample> finish(std::vector<EncodedExample> rows) const override {
    if (!packing_) return rows;
    std::vector<int64_t> lengths;
    for (const EncodedExample& row : rows) lengths.push_back(static_cast<int64_t>(row.ids.size()));
    std::vector<EncodedExample> packs;
    for (const auto& bin : greedy_knapsack(lengths, options_.cutoff_len)) packs.push_back(pack(rows, bin));
    return packs;
  }

 private:
  EncodedExample encode_turns(const Conversation& conversation) const {
    std::vector<Message> messages = conversation.prompt;
    messages.push_back(conversation.response.front());
    const bool forget_thoughts = options_.mask_history && !options_.preserve_thinking;
    std::vector<EncodedTurn> turns =
        template_.encode_multiturn(tokenizer_, messages, conversation.system, conversation.tools, forget_thoughts);
    return options_.mask_history ? last_turn_first(std::move(turns)) : in_order(std::move(turns));
  }

  EncodedExample in_order(std::vector<EncodedTurn> turns) const {
    EncodedExample out;
    int64_t total = template_.efficient_eos() ? 1 : 0;
    for (size_t i = 0; i < turns.size() && total < options_.cutoff_len; ++i) {
      total += cut(turns[i], total);
      append(out.ids, turns[i].prompt);
      append(out.ids, turns[i].response);
      append(out.labels, prompt_labels(turns[i].prompt, i));
      append(out.labels, turns[i].response);
    }
    return with_end(std::move(out));
  }

  EncodedExample last_turn_first(std::vector<EncodedTurn> turns) const {
    std::vector<EncodedExample> kept;
    int64_t total = template_.efficient_eos() ? 1 : 0;
    for (size_t i = 0; i < turns.size() && total < options_.cutoff_len; ++i) {
      EncodedTurn& turn = turns[turns.size() - 1 - i];
      total += cut(turn, total);
      EncodedExample& part = kept.emplace_back();
      part.labels = prompt_labels(turn.prompt, i);
      if (i == 0) append(part.labels, turn.response);
      part.labels.resize(turn.prompt.size() + turn.response.size(), kIgnoreLabel);
      part.ids = std::move(turn.prompt);
      append(part.ids, turn.response);
    }
    EncodedExample out;
    for (size_t i = kept.size(); i-- > 0;) {
      append(out.ids, kept[i].ids);
      append(out.labels, kept[i].labels);
    }
    return with_end(std::move(out));
  }

  /// Cuts one turn to what is left; returns its new length.
  int64_t cut(EncodedTurn& turn, int64_t total) const {
    const TurnLengths lengths = infer_seqlen(static_cast<int64_t>(turn.prompt.size()),
                                             static_cast<int64_t>(turn.response.size()), options_.cutoff_len - total);
    turn.prompt.resize(lengths.source);
    turn.response.resize(lengths.target);
    return lengths.source + lengths.target;
  }

  std::vector<int32_t> prompt_labels(const std::vector<TokenId>& prompt, size_t turn) const {
    if (options_.train_on_prompt) return prompt;
    std::vector<int32_t> labels(prompt.size(), kIgnoreLabel);
    if (template_.efficient_eos() && turn != 0 && !labels.empty()) labels.front() = eos_;
    return labels;
  }

  EncodedExample with_end(EncodedExample out) const {
    if (!template_.efficient_eos()) return out;
    out.ids.push_back(eos_);
    out.labels.push_back(eos_);
    return out;
  }

  EncodedExample pack(const std::vector<EncodedExample>& rows, const std::vector<size_t>& bin) const {
    EncodedExample out;
    out.separate = options_.neat_packing;
    for (const size_t i : bin) {
      out.starts.push_back(static_cast<int32_t>(out.ids.size()));
      append(out.ids, rows[i].ids);
      append(out.labels, rows[i].labels);
    }
    out.padding = static_cast<int32_t>(options_.cutoff_len + 1 - static_cast<int64_t>(out.ids.size()));
    out.ids.resize(options_.cutoff_len + 1, pad_);
    out.labels.resize(options_.cutoff_len + 1, kIgnoreLabel);
    return out;
  }

  const DataOptions& options_;
  const Tokenizer& tokenizer_;
  const Template& template_;
  bool packing_;
  int32_t eos_ = 0;
  int32_t pad_ = 0;
};

}  // namespace

std::unique_ptr<Encoder> make_supervised_encoder(const DataOptions& options, const Tokenizer& tokenizer,
                                                 const Template& chat_template) {
  LF_CHECK(kConfig, options.cutoff_len > 0, "cutoff_len must be positive but is {}", options.cutoff_len);
  LF_CHECK(kConfig, !(options.train_on_prompt && chat_template.efficient_eos()),
           "train_on_prompt cannot be used with template {} (it has no EOS of its own after each turn)",
           chat_template.name());
  return std::make_unique<SupervisedEncoder>(options, tokenizer, chat_template);
}

}  // namespace lf
