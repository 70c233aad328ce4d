#include "cli/model_table.h"

#include <algorithm>

#include "base/error.h"
#include "base/strings.h"

namespace lf {
namespace {

std::string or_dash(std::string_view text) { return text.empty() ? "-" : std::string(text); }

bool matches(const CatalogueModel& model, const std::string& filter) {
  const std::string wanted = to_lower(filter);
  for (std::string_view text :
       {model.name, model.huggingface, model.modelscope, model.modelers, model.type->model_type, model.chat_template}) {
    if (to_lower(text).find(wanted) != std::string::npos) return true;
  }
  return false;
}

std::string support_of(const CatalogueModel& model) {
  const std::string reason = unsupported_reason(model);
  return reason.empty() ? "yes" : "no: " + reason;
}

/// Columns as wide as their widest cell; the last one is not padded.
std::string aligned(const std::vector<std::vector<std::string>>& rows) {
  std::vector<size_t> widths(rows.front().size(), 0);
  for (const auto& row : rows) {
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  for (const auto& row : rows) {
    for (size_t i = 0; i + 1 < row.size(); ++i) text += fmt::format("{:<{}}  ", row[i], widths[i]);
    text += row.back() + "\n";
  }
  return text;
}

/// "0.5B, 7B, 72B" by size, each once.
std::string sizes_of(const std::vector<const CatalogueModel*>& models) {
  const auto order = [](const std::string& size) {
    const bool times = size.find('x') != std::string::npos;
    const double number = std::atof(size.c_str() + (size.starts_with('E') ? 1 : 0));
    const double each = times ? std::atof(size.c_str() + size.find('x') + 1) : 1;
    return number * each * (size.find('B') == std::string::npos ? 1e-3 : 1);
  };
  std::vector<std::string> sizes;
  for (const CatalogueModel* model : models) {
    const std::string size = parameter_size(*model);
    if (!size.empty() && std::find(sizes.begin(), sizes.end(), size) == sizes.end()) sizes.push_back(size);
  }
  std::stable_sort(sizes.begin(), sizes.end(),
                   [&](const std::string& a, const std::string& b) { return order(a) < order(b); });
  return sizes.empty() ? "-" : join(sizes, ", ");
}

std::string templates_of(const std::vector<const CatalogueModel*>& models) {
  std::vector<std::string> names;
  for (const CatalogueModel* model : models) {
    std::string name = "`" + std::string(model->chat_template) + "`";
    if (!model->chat_template.empty() && std::find(names.begin(), names.end(), name) == names.end())
      names.push_back(std::move(name));
  }
  return names.empty() ? "-" : join(names, " ");
}

std::string markdown_row(const CatalogueType& type) {
  std::vector<const CatalogueModel*> models;
  for (const CatalogueModel& model : catalogue_models()) {
    if (model.type == &type) models.push_back(&model);
  }
  const std::string reason = unsupported_reason(*models.front(), true);
  return fmt::format("| `{}` | {} | {} | {} | {} | {} |\n", type.model_type, models.size(), sizes_of(models),
                     templates_of(models), models.front()->huggingface, reason.empty() ? "yes" : "no: " + reason);
}

}  // namespace

std::vector<const CatalogueModel*> query_catalogue(const CatalogueQuery& query) {
  std::vector<const CatalogueModel*> found;
  for (const CatalogueModel& model : catalogue_models()) {
    if (query.only_unsupported && unsupported_reason(model).empty()) continue;
    if (matches(model, query.filter)) found.push_back(&model);
  }
  return found;
}

std::string catalogue_text(const std::vector<const CatalogueModel*>& models) {
  std::vector<std::vector<std::string>> rows = {
      {"NAME", "SIZE", "MODEL_TYPE", "TEMPLATE", "HUGGING FACE", "MODELSCOPE", "SUPPORTED"}};
  size_t supported = 0;
  for (const CatalogueModel* model : models) {
    const bool same = model->modelscope == model->huggingface;
    rows.push_back({std::string(model->name), or_dash(parameter_size(*model)), std::string(model->type->model_type),
                    or_dash(model->chat_template), std::string(model->huggingface),
                    same ? "same" : or_dash(model->modelscope), support_of(*model)});
    supported += unsupported_reason(*model).empty();
  }
  return aligned(rows) + fmt::format("{} models, {} of them supported\n", models.size(), supported);
}

Json catalogue_json(const std::vector<const CatalogueModel*>& models) {
  const auto text = [](std::string_view value) { return value.empty() ? Json() : Json(std::string(value)); };
  Json all = Json::array();
  for (const CatalogueModel* model : models) {
    const std::string reason = unsupported_reason(*model);
    all.push_back({{"name", std::string(model->name)},
                   {"size", text(parameter_size(*model))},
                   {"model_type", std::string(model->type->model_type)},
                   {"architecture", text(model->type->architecture)},
                   {"multimodal", model->type->multimodal},
                   {"template", text(model->chat_template)},
                   {"huggingface", text(model->huggingface)},
                   {"modelscope", text(model->modelscope)},
                   {"modelers", text(model->modelers)},
                   {"quantised_weights", text(model->weights)},
                   {"supported", reason.empty()},
                   {"architecture_supported", is_supported(*model->type)},
                   {"reason", text(reason)}});
  }
  return all;
}

std::string catalogue_details(const CatalogueModel& model) {
  std::string text;
  const auto line = [&](const char* name, std::string_view value) {
    text += fmt::format("{}: {}\n", name, value.empty() ? "-" : value);
  };
  line("name", model.name);
  line("size", parameter_size(model));
  line("model_type", model.type->model_type);
  line("architecture", model.type->architecture);
  line("kind", model.type->multimodal ? "multimodal" : "text");
  line("weights", model.weights.empty() ? "not quantised" : fmt::format("quantised ({})", model.weights));
  line("template", model.chat_template);
  line("huggingface", model.huggingface);
  line("modelscope", model.modelscope);
  line("modelers", model.modelers);
  line("supported", support_of(model));
  return text + fmt::format("\nmodel_name_or_path: {}\n{}", model.huggingface,
                            model.chat_template.empty() ? "" : fmt::format("template: {}\n", model.chat_template));
}

std::string catalogue_markdown() {
  std::string text;
  for (const bool multimodal : {false, true}) {
    const auto counted = [&](const CatalogueModel& model) { return model.type->multimodal == multimodal; };
    const auto loads = [&](const CatalogueModel& model) {
      return counted(model) && unsupported_reason(model, true).empty();
    };
    const auto& models = catalogue_models();
    text += fmt::format("## {}\n\n{} models; the architecture of {} is supported.\n\n",
                        multimodal ? "Multimodal" : "Text", std::count_if(models.begin(), models.end(), counted),
                        std::count_if(models.begin(), models.end(), loads));
    text += "| model_type | models | sizes | templates | for example | supported |\n|---|---|---|---|---|---|\n";
    for (const CatalogueType& type : catalogue_types()) {
      if (type.multimodal == multimodal) text += markdown_row(type);
    }
    text += multimodal ? "" : "\n";
  }
  return text;
}

}  // namespace lf
