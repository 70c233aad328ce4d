// The catalogue of models as people and programs read it.
#pragma once
#include <string>
#include <vector>

#include "base/json.h"
#include "model/catalogue.h"

namespace lf {

struct CatalogueQuery {
  std::string filter;             // part of a name, repository, model_type or template; case does not matter
  bool only_unsupported = false;  // models that this build cannot load
};

std::vector<const CatalogueModel*> query_catalogue(const CatalogueQuery& query);

/// One line a model, then a line that counts.
std::string catalogue_text(const std::vector<const CatalogueModel*>& models);
Json catalogue_json(const std::vector<const CatalogueModel*>& models);
/// All facts of one model, "name: value" a line.
std::string catalogue_details(const CatalogueModel& model);
/// The tables of docs/MODELS.md: text families, then multimodal ones.
std::string catalogue_markdown();

}  // namespace lf
