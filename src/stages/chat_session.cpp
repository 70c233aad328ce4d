#include "stages/chat_session.h"

#include <random>

#include "base/error.h"
#include "stages/run_vocabulary.h"

namespace lf {

ChatSession::ChatSession(const RunConfig& config, InferenceModel model)
    : config_(config),
      model_(std::move(model)),
      generator_(*model_.loaded.model, static_cast<int64_t>(model_.loaded.spec.layers.size())),
      seed_(std::random_device{}()) {}

GenerateOptions ChatSession::options(size_t prompt_tokens) const {
  const GeneratingOptions& g = config_.generating;
  GenerateOptions options;
  options.sampler = {.do_sample = g.do_sample,
                     .temperature = g.temperature,
                     .top_p = g.top_p,
                     .top_k = g.top_k,
                     .repetition_penalty = g.repetition_penalty};
  options.max_new_tokens = g.max_new_tokens > 0 ? g.max_new_tokens : g.max_length - static_cast<int64_t>(prompt_tokens);
  LF_CHECK(kConfig, options.max_new_tokens > 0, "the prompt has {} tokens and max_length is {}: no room for an answer",
           prompt_tokens, g.max_length);
  options.stop_ids = model_.chat_template->stop_token_ids(*model_.tokenizer);
  options.seed = seed_ + turns();
  return options;
}

Generation ChatSession::ask(const std::string& query, const std::function<bool(const std::string&)>& on_text) {
  std::vector<Message> messages = history_;
  messages.push_back({Role::kUser, query});
  messages.push_back({Role::kAssistant, ""});
  const std::vector<TokenId> prompt =
      model_.chat_template->encode_oneturn(*model_.tokenizer, messages, config_.data.default_system.value_or(""), "")
          .prompt;

  require_rows(at::tensor(std::vector<int64_t>(prompt.begin(), prompt.end()), at::kLong),
               embedding_rows(*model_.loaded.model), *model_.tokenizer);
  StreamDecoder decoder(*model_.tokenizer, config_.generating.skip_special_tokens);
  std::string answer;
  auto hand_out = [&](const std::string& text) {
    answer += text;
    return text.empty() || on_text(text);
  };
  Generation result =
      generator_.generate(prompt, options(prompt.size()), [&](int32_t id) { return hand_out(decoder.push(id)); });
  if (result.reason != FinishReason::kInterrupted) hand_out(decoder.finish());
  messages.back().content = answer;
  history_ = std::move(messages);
  return result;
}

}  // namespace lf
