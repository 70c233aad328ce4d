#include "data/encode/rows.h"

#include "base/error.h"
#include "base/strings.h"

namespace lf {

std::string why_no_prompt(const Conversation& conversation) {
  if (!conversation.problem.empty()) return conversation.problem;
  return conversation.prompt.size() % 2 == 1 ? "" : "the number of prompt messages is not odd";
}

std::string why_no_text(const Conversation& conversation) {
  if (!conversation.prompt.empty()) return "";
  return conversation.problem.empty() ? "no text" : conversation.problem;
}

std::string why_not_one_response(const Conversation& conversation) {
  std::string why = why_no_prompt(conversation);
  if (!why.empty() || conversation.response.size() == 1) return why;
  return conversation.response.empty() ? "no response"
                                       : "more than one response (feedback or ranking data is not for this stage)";
}

std::string why_not_two_responses(const Conversation& conversation) {
  std::string why = why_no_prompt(conversation);
  if (!why.empty() || conversation.response.size() >= 2) return why;
  return conversation.response.empty() ? "no response" : "only one response, where this stage needs a pair";
}

RowMedia media_of(const Conversation& conversation) {
  RowMedia media{conversation.images, conversation.videos, conversation.audios};
  if (media.empty()) return media;
  const char* what = !media.images.empty() ? "image" : !media.videos.empty() ? "video" : "audio";
  throw_error(ErrorKind::kUnsupported,
              "This model does not support {} input. Please check whether the correct `template` is used. (templates "
              "with media are not available yet)",
              what);
}

void append(std::vector<int32_t>& out, const std::vector<int32_t>& tail) {
  out.insert(out.end(), tail.begin(), tail.end());
}

std::vector<int32_t> joined(const std::vector<int32_t>& prompt, const std::vector<int32_t>& response) {
  std::vector<int32_t> out = prompt;
  append(out, response);
  return out;
}

std::vector<int32_t> response_labels(const std::vector<int32_t>& prompt, const std::vector<int32_t>& response) {
  std::vector<int32_t> out(prompt.size(), kIgnoreLabel);
  append(out, response);
  return out;
}

std::optional<TokenId> final_eos(const Tokenizer& tokenizer, const Template& chat_template) {
  if (!chat_template.efficient_eos()) return std::nullopt;
  LF_CHECK(kConfig, tokenizer.eos_id(), "template {} needs an EOS token and the tokenizer has none",
           chat_template.name());
  return tokenizer.eos_id();
}

EncodedTurn answered(const Conversation& conversation, const Message& answer, const Tokenizer& tokenizer,
                     const Template& chat_template, std::optional<TokenId> eos) {
  std::vector<Message> messages = conversation.prompt;
  messages.push_back(answer);
  EncodedTurn out = chat_template.encode_oneturn(tokenizer, messages, conversation.system, conversation.tools);
  if (eos) out.response.push_back(*eos);
  return out;
}

void check_cutoff(const DataOptions& options) {
  LF_CHECK(kConfig, options.cutoff_len > 0, "cutoff_len must be positive but is {}", options.cutoff_len);
}

}  // namespace lf
