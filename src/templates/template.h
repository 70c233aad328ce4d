// Chat templates: slot formatters kept as data (resources/templates/NAME.yaml), as LLaMA-Factory defines them.
// Each string slot is tokenized on its own, without special tokens, so merges never cross a slot (spec section 5).
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "templates/function_call.h"
#include "tokenizer/tokenizer.h"

namespace lf {

enum class Role { kUser, kAssistant, kSystem, kFunction, kObservation };
const char* role_name(Role role);

struct Message {
  Role role = Role::kUser;
  std::string content;
};

/// What the keys of the data group may change about a template.
struct TemplateOptions {
  std::optional<std::string> tool_format;
  std::optional<std::string> default_system;
  std::optional<bool> enable_thinking = true;  // nullopt = keep thoughts, empty block in the prompt
  bool preserve_thinking = false;
  std::optional<std::string> today;  // date in the prompt of the llama3 tool format, "07 Mar 2025"; nullopt = the clock
};

/// One prompt and its response.
struct EncodedTurn {
  std::vector<TokenId> prompt;
  std::vector<TokenId> response;
};

class Template {
 public:
  virtual ~Template() = default;

  virtual const std::string& name() const = 0;
  virtual bool efficient_eos() const = 0;
  virtual const std::vector<std::string>& stop_words() const = 0;
  /// Words around a thought, and whether this is the template of a model that thinks.
  virtual const std::pair<std::string, std::string>& thought_words() const = 0;
  virtual bool reasoning() const = 0;

  /// Adjusts EOS, pad and stop words of the tokenizer as upstream's fix_special_tokens, and its chat template (Jinja
  /// text). Call once, before encoding.
  virtual void fix_tokenizer(Tokenizer& tokenizer) const = 0;

  /// Messages alternate user/observation and assistant/function, starting with user. The last one is the response.
  virtual EncodedTurn encode_oneturn(const Tokenizer& tokenizer, const std::vector<Message>& messages,
                                     const std::string& system, const std::string& tools) const = 0;
  /// One entry for each pair of messages. `mask_history` matters to reasoning templates (thoughts of earlier turns).
  virtual std::vector<EncodedTurn> encode_multiturn(const Tokenizer& tokenizer, const std::vector<Message>& messages,
                                                    const std::string& system, const std::string& tools,
                                                    bool mask_history = false) const = 0;
  /// Ids that prefix every conversation (budget rule of the supervised processor).
  virtual std::vector<TokenId> prefix_ids(const Tokenizer& tokenizer) const = 0;
  /// EOS and stop words, ascending.
  virtual std::vector<TokenId> stop_token_ids(const Tokenizer& tokenizer) const = 0;

  /// The Jinja text that upstream writes into a saved tokenizer.
  virtual std::string jinja(const Tokenizer& tokenizer) const = 0;
  /// Ollama Modelfile. Like jinja(), kUnsupported for templates with single-token slots.
  virtual std::string ollama_modelfile(const Tokenizer& tokenizer) const = 0;

  /// Tool calls in a model's answer, read by the tool format; nullopt when it is plain text.
  virtual std::optional<FunctionCalls> extract_calls(std::string_view text) const = 0;
};

/// kConfig with the nearest names when `name` is not a template.
std::unique_ptr<Template> load_template(std::string_view name, const TemplateOptions& options = {});
/// Names of all templates, sorted.
std::vector<std::string> template_names();

}  // namespace lf
