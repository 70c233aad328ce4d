// See reasoning_template.h. enable_thinking: true = thoughts are trained, false = stripped, null = kept, empty ones in
// the prompt.
#include "templates/reasoning_template.h"

#include "base/error.h"
#include "base/strings.h"
#include "templates/function_content.h"

namespace lf {

std::string ReasoningTemplate::without_thoughts(const std::string& text) const {
  std::string out;
  size_t from = 0;
  while (const auto block = find_block(text, spec().thought_words, from)) {
    out += text.substr(from, block->begin - from);
    from = block->end;
  }
  out += text.substr(from);
  const size_t start = out.find_first_not_of('\n');
  return start == std::string::npos ? "" : out.substr(start);
}

bool ReasoningTemplate::has_thought(const std::string& text) const {
  return text.find(trim(spec().thought_words.first)) != std::string::npos ||
         text.find(trim(spec().thought_words.second)) != std::string::npos;
}

void ReasoningTemplate::add_empty_thought(EncodedTurn& turn, const Tokenizer& tokenizer) const {
  const std::vector<TokenId> ids = tokenizer.encode(empty_thought(), false);
  if (options().enable_thinking.value_or(false)) {
    turn.response.insert(turn.response.begin(), ids.begin(), ids.end());
  } else {
    turn.prompt.insert(turn.prompt.end(), ids.begin(), ids.end());
  }
}

EncodedTurn ReasoningTemplate::encode_oneturn(const Tokenizer& tokenizer, const std::vector<Message>& messages,
                                              const std::string& system, const std::string& tools) const {
  LF_CHECK(kData, !messages.empty(), "a conversation needs at least one message");
  std::vector<Message> kept = messages;
  if (!options().preserve_thinking) {
    for (size_t i = 1; i + 2 < kept.size(); i += 2) kept[i].content = without_thoughts(kept[i].content);
  }
  std::string& answer = kept.back().content;
  if (options().enable_thinking == false) answer = without_thoughts(answer);
  EncodedTurn turn = SlotTemplate::encode_oneturn(tokenizer, kept, system, tools);
  if (!has_thought(answer)) add_empty_thought(turn, tokenizer);
  return turn;
}

std::vector<EncodedTurn> ReasoningTemplate::encode_multiturn(const Tokenizer& tokenizer,
                                                             const std::vector<Message>& messages,
                                                             const std::string& system, const std::string& tools,
                                                             bool mask_history) const {
  const bool strip_all = options().enable_thinking == false;
  const bool strip_history = mask_history && !options().preserve_thinking;
  std::vector<Message> kept = messages;
  for (size_t i = 1; i < kept.size(); i += 2) {
    const bool last = i + 1 == kept.size();
    if (strip_all || (strip_history && !last)) kept[i].content = without_thoughts(kept[i].content);
  }
  std::vector<EncodedTurn> turns = SlotTemplate::encode_multiturn(tokenizer, kept, system, tools, mask_history);
  for (size_t t = 0; t < turns.size(); ++t) {
    if (strip_history && t + 1 < turns.size()) continue;
    if (!has_thought(kept[2 * t + 1].content)) add_empty_thought(turns[t], tokenizer);
  }
  return turns;
}

}  // namespace lf
