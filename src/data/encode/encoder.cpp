#include "data/encode/encoder.h"

#include "base/error.h"
#include "base/strings.h"
#include "data/encode/escape_special.h"
#include "data/encode/rows.h"

namespace lf {

std::unique_ptr<Encoder> make_encoder(const std::string& stage, bool generate, const DataOptions& options,
                                      const Tokenizer& tokenizer, const Template& chat_template) {
  if (options.escape_special)
    return make_escaping_encoder(make_encoder, stage, generate, options, tokenizer, chat_template);
  if (stage == "pt") return make_pretrain_encoder(options, tokenizer);
  if (stage == "rm" || stage == "dpo") return make_pairwise_encoder(options, tokenizer, chat_template);
  if (stage == "kto") return make_feedback_encoder(options, tokenizer, chat_template);
  if (stage == "ppo" || (stage == "sft" && generate))
    return make_unsupervised_encoder(options, tokenizer, chat_template);
  LF_CHECK(kUnsupported, stage == "sft", "no data can be prepared for stage {}; stages are pt, sft, rm, dpo, kto, ppo",
           printable(stage));
  return make_supervised_encoder(options, tokenizer, chat_template);
}

std::string why_dropped(const std::string& stage, const Conversation& conversation) {
  if (stage == "pt") return why_no_text(conversation);
  if (stage == "rm" || stage == "dpo" || stage == "kto") return why_not_two_responses(conversation);
  return stage == "ppo" ? why_no_prompt(conversation) : why_not_one_response(conversation);
}

bool stage_needs_ranking(const std::string& stage) { return stage == "rm" || stage == "dpo"; }

void check_ranking(const std::string& dataset, bool ranking, const std::string& stage) {
  const bool needed = stage_needs_ranking(stage);
  LF_CHECK(kData, ranking == needed,
           "The dataset is not applicable in the current training stage. ({} has \"ranking\": {} and is for {}, the "
           "stage is {})",
           dataset, ranking, ranking ? "rm and dpo" : "all stages but rm and dpo", stage);
}

}  // namespace lf
