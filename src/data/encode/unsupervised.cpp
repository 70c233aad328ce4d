// Stage ppo, and evaluation of stage sft with predict_with_generate: the prompt to answer, and beside it the reference
// response ("" unless there is exactly one).
#include "data/encode/encoder.h"
#include "data/encode/lengths.h"
#include "data/encode/rows.h"

namespace lf {
namespace {

class UnsupervisedEncoder final : public Encoder {
 public:
  UnsupervisedEncoder(const DataOptions& options, const Tokenizer& tokenizer, const Template& chat_template)
      : cutoff_(options.cutoff_len),
        tokenizer_(tokenizer),
        template_(chat_template),
        eos_(final_eos(tokenizer, chat_template)) {}

  ExampleKind kind() const override { return ExampleKind::kUnsupervised; }

  EncodedRow encode(std::span<const Conversation> batch, size_t row) const override {
    const Conversation& conversation = batch[row];
    if (std::string why = why_no_prompt(conversation); !why.empty()) return {{}, std::move(why)};
    std::vector<Message> messages = conversation.prompt;
    messages.push_back(conversation.response.size() == 1 ? conversation.response.front()
                                                         : Message{Role::kAssistant, ""});
    EncodedTurn turn = template_.encode_oneturn(tokenizer_, messages, conversation.system, conversation.tools);
    if (eos_) turn.response.push_back(*eos_);
    cut_turn(turn, cutoff_);
    return {{.ids = std::move(turn.prompt),
             .labels = std::move(turn.response),
             .starts = {},
             .kind = ExampleKind::kUnsupervised,
             .media = media_of(conversation)},
            ""};
  }

 private:
  int64_t cutoff_;
  const Tokenizer& tokenizer_;
  const Template& template_;
  std::optional<TokenId> eos_;
};

}  // namespace

std::unique_ptr<Encoder> make_unsupervised_encoder(const DataOptions& options, const Tokenizer& tokenizer,
                                                   const Template& chat_template) {
  check_cutoff(options);
  return std::make_unique<UnsupervisedEncoder>(options, tokenizer, chat_template);
}

}  // namespace lf
