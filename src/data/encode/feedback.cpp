// Stage kto. A row's answer is the first of its two responses when that is not empty (desirable), else the second. Its
// KL pair is the same prompt with the answer of the row before in the preprocessing batch; the first row takes the last
// one's. Each of the two is cut by itself.
#include "base/log.h"
#include "data/encode/encoder.h"
#include "data/encode/lengths.h"
#include "data/encode/rows.h"

namespace lf {
namespace {

class FeedbackEncoder final : public Encoder {
 public:
  FeedbackEncoder(const DataOptions& options, const Tokenizer& tokenizer, const Template& chat_template)
      : cutoff_(options.cutoff_len),
        tokenizer_(tokenizer),
        template_(chat_template),
        eos_(final_eos(tokenizer, chat_template)) {}

  ExampleKind kind() const override { return ExampleKind::kFeedback; }

  EncodedRow encode(std::span<const Conversation> batch, size_t row) const override {
    const Conversation& conversation = batch[row];
    if (std::string why = why_not_two_responses(conversation); !why.empty()) return {{}, std::move(why)};
    const EncodedTurn own = turn(conversation, *answer_of(conversation));
    const EncodedTurn kl = turn(conversation, answer_before(batch, row));
    return {{.ids = joined(own.prompt, own.response),
             .labels = response_labels(own.prompt, own.response),
             .starts = {},
             .kind = ExampleKind::kFeedback,
             .second_ids = joined(kl.prompt, kl.response),
             .second_labels = response_labels(kl.prompt, kl.response),
             .desirable = !conversation.response.front().content.empty(),
             .media = media_of(conversation)},
            ""};
  }

  Dataset complete(Dataset rows, const std::string& name) const override {
    int64_t desirable = 0;
    for (int64_t row = 0; row < rows.size(); ++row) desirable += rows.desirable(row);
    if (!rows.empty() && (desirable == 0 || desirable == rows.size())) {
      log_warn("data", "Your dataset only has one preference type. ({}: all {} rows are {})", name, rows.size(),
               desirable == 0 ? "undesirable (kto_tag false)" : "desirable (kto_tag true)");
    }
    return rows;
  }

 private:
  /// Null when the row has no answer at all.
  static const Message* answer_of(const Conversation& conversation) {
    const auto& responses = conversation.response;
    if (responses.empty()) return nullptr;
    if (!responses[0].content.empty()) return &responses[0];
    return responses.size() > 1 ? &responses[1] : nullptr;
  }

  /// Rows without an answer (where upstream stops with an IndexError) are passed over; in the end it is the row's own.
  static const Message& answer_before(std::span<const Conversation> batch, size_t row) {
    for (size_t back = 1;; ++back) {
      const Message* answer = answer_of(batch[(row + batch.size() - back) % batch.size()]);
      if (answer) return *answer;
    }
  }

  EncodedTurn turn(const Conversation& conversation, const Message& answer) const {
    EncodedTurn out = answered(conversation, answer, tokenizer_, template_, eos_);
    cut_turn(out, cutoff_);
    return out;
  }

  int64_t cutoff_;
  const Tokenizer& tokenizer_;
  const Template& template_;
  std::optional<TokenId> eos_;
};

}  // namespace

std::unique_ptr<Encoder> make_feedback_encoder(const DataOptions& options, const Tokenizer& tokenizer,
                                               const Template& chat_template) {
  check_cutoff(options);
  return std::make_unique<FeedbackEncoder>(options, tokenizer, chat_template);
}

}  // namespace lf
