// Special tokens written out inside messages ("<|im_end|>" in what a user said). As in LLaMA-Factory they become the
// tokens themselves, so a row can end its own turn; with `escape_special: true` they stay ordinary text.
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "data/conversation.h"
#include "data/encode/encoder.h"
#include "tokenizer/tokenizer.h"

namespace lf {

class SpecialTexts {
 public:
  /// All special tokens of the tokenizer, but those that mark thoughts (the template itself looks for them in
  /// messages).
  SpecialTexts(const Tokenizer& tokenizer, const Template& chat_template);
  /// Without a tokenizer: what looks like one (<|...|>, <s>, </s>, [INST], ...).
  SpecialTexts() = default;

  /// The special texts that stand in `text`, in order, overlapping ones too.
  std::vector<std::string> in(std::string_view text) const;
  std::vector<std::string> in(const Conversation& conversation) const;
  /// `text` with a mark inside each special text, at which EscapingTokenizer cuts.
  std::string marked(std::string_view text) const;

 private:
  template <class Found>
  void find(std::string_view text, Found&& found) const;

  bool exact_ = false;
  std::vector<std::string> texts_;  // longest first
};

/// The encoder that `make` makes of a tokenizer, over messages whose special texts are cut into ordinary ones: the text
/// is tokenized in two pieces there, so neither holds the special token and the decoded text is the same.
using MakeEncoder = std::unique_ptr<Encoder> (*)(const std::string& stage, bool generate, const DataOptions& options,
                                                 const Tokenizer& tokenizer, const Template& chat_template);
std::unique_ptr<Encoder> make_escaping_encoder(MakeEncoder make, const std::string& stage, bool generate,
                                               const DataOptions& options, const Tokenizer& tokenizer,
                                               const Template& chat_template);

}  // namespace lf
