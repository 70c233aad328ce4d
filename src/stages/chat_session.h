// A conversation with a model: history in, streamed answer out.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config/run_config.h"
#include "infer/generate.h"
#include "model/resize.h"
#include "templates/template.h"
#include "tokenizer/tokenizer.h"

namespace lf {

/// Base model with all its adapters merged, tokenizer and template: what chat, api and export start from.
struct InferenceModel {
  LoadedModel loaded;
  VocabularySizes vocabulary;
  std::unique_ptr<Tokenizer> tokenizer;
  std::unique_ptr<Template> chat_template;
};

/// Loads what the configuration names onto `device`; the working device of this process when absent.
InferenceModel load_inference_model(const RunConfig& config, std::optional<c10::Device> device = std::nullopt);

class ChatSession {
 public:
  ChatSession(const RunConfig& config, InferenceModel model);

  /// Answers `query`; `on_text` gets the text as it becomes certain and may return false to stop. The turn joins the
  /// history, also when it was stopped early.
  Generation ask(const std::string& query, const std::function<bool(const std::string&)>& on_text);
  void clear() { history_.clear(); }
  size_t turns() const { return history_.size() / 2; }
  const InferenceModel& model() const { return model_; }

 private:
  GenerateOptions options(size_t prompt_tokens) const;

  const RunConfig config_;
  InferenceModel model_;
  Generator generator_;
  std::vector<Message> history_;
  uint64_t seed_;
};

}  // namespace lf
