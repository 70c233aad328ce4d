// Style `llama2`: the system text stands inside the first user turn (Llama 2, Mistral, Gemma).
#include "templates/slot_template.h"
#include "templates/style.h"

namespace lf {
namespace {

class Llama2Template final : public SlotTemplate {
 public:
  using SlotTemplate::SlotTemplate;

 protected:
  bool knows_call_words() const override { return false; }
  bool system_in_user() const override { return true; }

  Ids first_message(const Tokenizer& tokenizer, const Message& message,
                    const std::optional<std::string>& system_text) const override {
    Ids ids = prefix_ids(tokenizer);
    Message with_system = message;
    if (system_text && message.role == Role::kUser) {
      with_system.content.insert(0, fill_slot(spec().system.front(), *system_text));
    }
    append_message(ids, tokenizer, with_system);
    return ids;
  }
};

std::unique_ptr<Template> make(TemplateSpec spec, const TemplateOptions& options) {
  return std::make_unique<Llama2Template>(std::move(spec), options);
}

}  // namespace

extern const StyleEntry entry_llama2_style;
const StyleEntry entry_llama2_style{"llama2", "system text inside the first user turn", make};

}  // namespace lf
