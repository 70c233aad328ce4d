// Templates of models that think: thoughts of earlier turns are dropped, and an answer without one gets an empty
// thought.
#pragma once
#include "templates/slot_template.h"

namespace lf {

class ReasoningTemplate : public SlotTemplate {
 public:
  using SlotTemplate::SlotTemplate;

  bool reasoning() const override { return true; }
  EncodedTurn encode_oneturn(const Tokenizer& tokenizer, const std::vector<Message>& messages,
                             const std::string& system, const std::string& tools) const override;
  std::vector<EncodedTurn> encode_multiturn(const Tokenizer& tokenizer, const std::vector<Message>& messages,
                                            const std::string& system, const std::string& tools,
                                            bool mask_history) const override;

 protected:
  /// What a turn without a thought gets.
  virtual std::string empty_thought() const { return spec().thought_words.first + spec().thought_words.second; }

 private:
  std::string without_thoughts(const std::string& text) const;
  bool has_thought(const std::string& text) const;
  /// Puts the empty thought into the prompt (no loss) or, with enable_thinking true, into the response (with loss).
  void add_empty_thought(EncodedTurn& turn, const Tokenizer& tokenizer) const;
};

}  // namespace lf
