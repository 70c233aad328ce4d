// The models that LLaMA-Factory names: which architecture each has, its chat template, and where hubs keep it. Facts
// stand in resources/models/*.tsv, which the program carries. No torch here.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lf {

struct CatalogueType {
  std::string_view model_type;  // of config.json; "unknown:NAME" where it is not published
  bool multimodal = false;
  std::string_view architecture;  // first of config.json's "architectures"; empty when not known
};

struct CatalogueModel {
  std::string_view name;  // as in upstream's web interface, e.g. "Qwen3-8B-Thinking"
  const CatalogueType* type = nullptr;
  std::string_view chat_template;                      // default template; empty for base models
  std::string_view huggingface, modelscope, modelers;  // repositories; empty = not there
  std::string_view weights;  // "gptq", "awq", "4-bit", "8-bit" when they are published quantised; else empty
};

/// In upstream's order.
const std::vector<CatalogueModel>& catalogue_models();
/// Text types first, then by number of models.
const std::vector<CatalogueType>& catalogue_types();

/// By name or by a repository of any hub, without regard to case; null when there is none.
const CatalogueModel* find_catalogue_model(std::string_view name);

/// Size as the name tells it: "7B", "560M", "8x7B", "30B-A3B" (of which 3B active); empty when it does not.
std::string parameter_size(const CatalogueModel& model);

/// True when this build has the architecture (an entry in model/archs).
bool is_supported(const CatalogueType& type);
/// Why this build cannot load the model; empty when it can. `architecture_only`: quantised weights do not count.
std::string unsupported_reason(const CatalogueModel& model, bool architecture_only = false);

/// What to say to someone who gave `name` as a model: "; the catalogue has NAME: its repository is ID", the nearest
/// names, or "".
std::string catalogue_hint(std::string_view name);

}  // namespace lf
