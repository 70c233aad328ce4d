// Stage sft: prompts and responses in turn, cut to the budget of cutoff_len, loss on responses. With mask_history the
// last turn comes first in the budget and alone bears loss. Templates with efficient_eos end each turn only once: the
// first label of the next prompt is the EOS that the previous response lacks.
#include "base/error.h"
#include "base/log.h"
#include "data/encode/encoder.h"
#include "data/encode/lengths.h"
#include "data/encode/packing.h"
#include "data/encode/rows.h"

namespace lf {
namespace {

class SupervisedEncoder final : public Encoder {
 public:
  SupervisedEncoder(const DataOptions& options, const Tokenizer& tokenizer, const Template& chat_template)
      : options_(options),
        tokenizer_(tokenizer),
        template_(chat_template),
        packing_(options.packing.value_or(false)),
        eos_(final_eos(tokenizer, chat_template)) {
    if (!packing_) return;
    LF_CHECK(kConfig, tokenizer.pad_id(), "packing needs a pad token and the tokenizer has none");
    shape_ = {.capacity = options.cutoff_len, .pad_id = *tokenizer.pad_id(), .separate = options.neat_packing};
  }

  ExampleKind kind() const override { return ExampleKind::kSupervised; }
  bool packs_whole_set() const override { return packing_ && options_.packing_strategy == "best_fit"; }

  EncodedRow encode(std::span<const Conversation> batch, size_t index) const override {
    const Conversation& conversation = batch[index];
    EncodedRow row;
    row.dropped = why_not_one_response(conversation);
    if (!row.dropped.empty()) return row;
    row.example = encode_turns(conversation);
    row.example.media = media_of(conversation);
    if (packing_ && static_cast<int64_t>(row.example.ids.size()) > options_.cutoff_len) {
      row.dropped = fmt::format("longer than {} tokens, which packing cannot cut", options_.cutoff_len);
    }
    return row;
  }

  std::vector<EncodedExample> finish(std::vector<EncodedExample> rows) const override {
    if (!packing_ || packs_whole_set()) return rows;
    std::vector<int64_t> lengths;
    for (const EncodedExample& row : rows) lengths.push_back(static_cast<int64_t>(row.ids.size()));
    std::vector<EncodedExample> packs;
    for (const auto& bin : greedy_knapsack(lengths, options_.cutoff_len)) {
      std::vector<const EncodedExample*> members;
      for (const size_t i : bin) members.push_back(&rows[i]);
      packs.push_back(pack_row(members, shape_));
    }
    return packs;
  }

  Dataset complete(Dataset rows, const std::string& name) const override {
    if (!packing_ || rows.empty()) return rows;
    if (packs_whole_set()) rows = packed_whole(rows);
    log_info("data", "Packed {}: {}.", name, packing_efficiency(rows));
    return rows;
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
    int64_t total = eos_ ? 1 : 0;
    for (size_t i = 0; i < turns.size() && total < options_.cutoff_len; ++i) {
      total += cut_turn(turns[i], options_.cutoff_len - total);
      append(out.ids, turns[i].prompt);
      append(out.ids, turns[i].response);
      append(out.labels, prompt_labels(turns[i].prompt, i));
      append(out.labels, turns[i].response);
    }
    return with_end(std::move(out));
  }

  EncodedExample last_turn_first(std::vector<EncodedTurn> turns) const {
    std::vector<EncodedExample> kept;
    int64_t total = eos_ ? 1 : 0;
    for (size_t i = 0; i < turns.size() && total < options_.cutoff_len; ++i) {
      EncodedTurn& turn = turns[turns.size() - 1 - i];
      total += cut_turn(turn, options_.cutoff_len - total);
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

  std::vector<int32_t> prompt_labels(const std::vector<TokenId>& prompt, size_t turn) const {
    if (options_.train_on_prompt) return prompt;
    std::vector<int32_t> labels(prompt.size(), kIgnoreLabel);
    if (eos_ && turn != 0 && !labels.empty()) labels.front() = *eos_;
    return labels;
  }

  EncodedExample with_end(EncodedExample out) const {
    if (!eos_) return out;
    out.ids.push_back(*eos_);
    out.labels.push_back(*eos_);
    return out;
  }

  Dataset packed_whole(const Dataset& rows) const {
    std::vector<int64_t> lengths;
    for (int64_t row = 0; row < rows.size(); ++row) lengths.push_back(rows.length(row));
    Dataset packs;
    for (const auto& bin : best_fit_decreasing(lengths, options_.cutoff_len)) {
      std::vector<EncodedExample> examples;
      for (const size_t i : bin) examples.push_back(rows.row(static_cast<int64_t>(i)));
      std::vector<const EncodedExample*> members;
      for (const EncodedExample& example : examples) members.push_back(&example);
      packs.append(pack_row(members, shape_));
    }
    return packs;
  }

  const DataOptions& options_;
  const Tokenizer& tokenizer_;
  const Template& template_;
  bool packing_;
  std::optional<TokenId> eos_;  // templates with efficient_eos
  PackShape shape_;
};

}  // namespace

std::unique_ptr<Encoder> make_supervised_encoder(const DataOptions& options, const Tokenizer& tokenizer,
                                                 const Template& chat_template) {
  check_cutoff(options);
  LF_CHECK(kConfig, !(options.train_on_prompt && chat_template.efficient_eos()),
           "train_on_prompt cannot be used with template {} (it has no EOS of its own after each turn)",
           chat_template.name());
  return std::make_unique<SupervisedEncoder>(options, tokenizer, chat_template);
}

}  // namespace lf
