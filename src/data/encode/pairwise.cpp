// Stages rm and dpo. Prompt and responses share the budget of cutoff_len: the longer response counts, and both are cut
// at the same length. The prompt is the one in front of the chosen response.
#include "data/encode/encoder.h"
#include "data/encode/lengths.h"
#include "data/encode/rows.h"

namespace lf {
namespace {

class PairwiseEncoder final : public Encoder {
 public:
  PairwiseEncoder(const DataOptions& options, const Tokenizer& tokenizer, const Template& chat_template)
      : cutoff_(options.cutoff_len),
        tokenizer_(tokenizer),
        template_(chat_template),
        eos_(final_eos(tokenizer, chat_template)) {}

  ExampleKind kind() const override { return ExampleKind::kPairwise; }

  EncodedRow encode(std::span<const Conversation> batch, size_t row) const override {
    const Conversation& conversation = batch[row];
    if (std::string why = why_not_two_responses(conversation); !why.empty()) return {{}, std::move(why)};
    EncodedTurn chosen = turn(conversation, 0);
    std::vector<TokenId> rejected = turn(conversation, 1).response;
    const size_t longer = std::max(chosen.response.size(), rejected.size());
    const TurnLengths lengths =
        infer_seqlen(static_cast<int64_t>(chosen.prompt.size()), static_cast<int64_t>(longer), cutoff_);
    chosen.prompt.resize(lengths.source);
    for (auto* response : {&chosen.response, &rejected}) {
      if (static_cast<int64_t>(response->size()) > lengths.target) response->resize(lengths.target);
    }
    return {{.ids = joined(chosen.prompt, chosen.response),
             .labels = response_labels(chosen.prompt, chosen.response),
             .starts = {},
             .kind = ExampleKind::kPairwise,
             .second_ids = joined(chosen.prompt, rejected),
             .second_labels = response_labels(chosen.prompt, rejected),
             .media = media_of(conversation)},
            ""};
  }

 private:
  EncodedTurn turn(const Conversation& conversation, size_t response) const {
    return answered(conversation, conversation.response[response], tokenizer_, template_, eos_);
  }

  int64_t cutoff_;
  const Tokenizer& tokenizer_;
  const Template& template_;
  std::optional<TokenId> eos_;
};

}  // namespace

std::unique_ptr<Encoder> make_pairwise_encoder(const DataOptions& options, const Tokenizer& tokenizer,
                                               const Template& chat_template) {
  check_cutoff(options);
  return std::make_unique<PairwiseEncoder>(options, tokenizer, chat_template);
}

}  // namespace lf
