// The template made of slots: everything that the styles share, with the places where they differ as virtual functions.
#pragma once
#include <string>
#include <vector>

#include "templates/template.h"
#include "templates/template_spec.h"
#include "templates/tool_format.h"

namespace lf {

class SlotTemplate : public Template {
 public:
  SlotTemplate(TemplateSpec spec, const TemplateOptions& options);

  const std::string& name() const override { return spec_.name; }
  bool efficient_eos() const override { return spec_.efficient_eos; }
  const std::vector<std::string>& stop_words() const override { return spec_.stop_words; }
  const std::pair<std::string, std::string>& thought_words() const override { return spec_.thought_words; }
  bool reasoning() const override { return false; }

  void fix_tokenizer(Tokenizer& tokenizer) const override;
  EncodedTurn encode_oneturn(const Tokenizer& tokenizer, const std::vector<Message>& messages,
                             const std::string& system, const std::string& tools) const override;
  std::vector<EncodedTurn> encode_multiturn(const Tokenizer& tokenizer, const std::vector<Message>& messages,
                                            const std::string& system, const std::string& tools,
                                            bool mask_history) const override;
  std::vector<TokenId> prefix_ids(const Tokenizer& tokenizer) const override;
  std::vector<TokenId> stop_token_ids(const Tokenizer& tokenizer) const override;
  std::string jinja(const Tokenizer& tokenizer) const override;
  std::string ollama_modelfile(const Tokenizer& tokenizer) const override;
  std::optional<FunctionCalls> extract_calls(std::string_view text) const override { return format_.extract(text); }

 protected:
  using Ids = std::vector<TokenId>;

  /// Ids of each message.
  std::vector<Ids> encode(const Tokenizer& tokenizer, const std::vector<Message>& messages, const std::string& system,
                          const std::string& tools) const;
  /// Ids of the first message: prefix, system text (nullopt = no system part at all) and the message.
  virtual Ids first_message(const Tokenizer& tokenizer, const Message& message,
                            const std::optional<std::string>& system_text) const;
  /// System and tool text in one.
  virtual std::string system_text(const std::string& system, const std::string& tool_text) const;
  /// Whether thoughts and tool-call words are looked for in function messages.
  virtual bool knows_call_words() const { return true; }
  virtual bool system_in_user() const { return false; }

  void append_message(Ids& ids, const Tokenizer& tokenizer, const Message& message) const;
  const TemplateSpec& spec() const { return spec_; }
  const TemplateOptions& options() const { return options_; }

 private:
  std::string tool_text(const std::string& tools) const;

  TemplateSpec spec_;
  TemplateOptions options_;
  const ToolFormatEntry& format_;
};

}  // namespace lf
