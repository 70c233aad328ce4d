#include "model/catalogue.h"

#include <algorithm>
#include <cstring>

#include "base/embedded.h"
#include "base/error.h"
#include "base/registry.h"
#include "base/strings.h"
#include "model/arch.h"

namespace lf {

std::span<const EmbeddedFile> embedded_models();

namespace {

using Row = std::vector<std::string_view>;

/// Cells of the lines of a table; "-" stands for nothing. The texts live as long as the program.
std::vector<Row> read_table(std::string_view stem, size_t columns) {
  const auto files = embedded_models();
  const auto file = std::find_if(files.begin(), files.end(), [&](const auto& f) { return f.stem == stem; });
  LF_ASSERT(file != files.end());
  std::vector<Row> rows;
  for (std::string_view rest = file->content; !rest.empty();) {
    const size_t end = std::min(rest.find('\n'), rest.size());
    std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (line.empty() || line.front() == '#') continue;
    Row row;
    for (size_t tab = 0; tab != line.npos;) {
      tab = line.find('\t');
      const std::string_view cell = line.substr(0, tab);
      row.push_back(cell == "-" ? std::string_view() : cell);
      line.remove_prefix(tab == line.npos ? line.size() : tab + 1);
    }
    LF_CHECK(kInternal, row.size() == columns, "{}.tsv: '{}' has {} cells instead of {}", stem, row[0], row.size(),
             columns);
    rows.push_back(std::move(row));
  }
  return rows;
}

std::vector<CatalogueType> read_types() {
  std::vector<CatalogueType> types;
  for (const Row& row : read_table("model_types", 4)) types.push_back({row[0], row[1] == "multimodal", row[2]});
  return types;
}

std::vector<CatalogueModel> read_models() {
  std::vector<CatalogueModel> models;
  for (const Row& row : read_table("models", 7)) {
    const auto& types = catalogue_types();
    const auto type = std::find_if(types.begin(), types.end(), [&](const auto& t) { return t.model_type == row[1]; });
    LF_CHECK(kInternal, type != types.end(), "models.tsv: {} has model_type '{}', which model_types.tsv lacks", row[0],
             row[1]);
    const auto same = [&](std::string_view id) { return id == "=" ? row[3] : id; };
    models.push_back({row[0], &*type, row[2], row[3], same(row[4]), same(row[5]), row[6]});
  }
  return models;
}

/// Length of a number at the start of `text`: digits with at most one point inside.
size_t number_length(std::string_view text) {
  size_t end = 0;
  while (end < text.size() && (std::isdigit(static_cast<unsigned char>(text[end])) || (end > 0 && text[end] == '.')))
    ++end;
  return end;
}

/// "7B", "8x22B", "560m" as the size in capital letters, "7B1" as 7.1B; empty for other words.
std::string size_of_word(std::string_view word) {
  size_t at = word.starts_with('E') ? 1 : 0;  // Gemma's "effective" sizes
  size_t digits = number_length(word.substr(at));
  if (digits == 0) return "";
  at += digits;
  if (at < word.size() && word[at] == 'x') at += 1 + number_length(word.substr(at + 1));
  if (at >= word.size() || !std::strchr("BMbm", word[at])) return "";
  const std::string number(word.substr(0, at));
  const char unit = static_cast<char>(std::toupper(static_cast<unsigned char>(word[at])));
  const std::string_view rest = word.substr(at + 1);
  if (rest.empty()) return number + unit;
  return number_length(rest) == rest.size() ? fmt::format("{}.{}{}", number, rest, unit) : "";
}

std::string size_of_name(std::string_view name) {
  std::string size;
  for (const std::string& word : split(replace_all(std::string(name), "_", "-"), '-')) {
    const bool active = word.starts_with('A') || word.starts_with('a');
    if (!size.empty()) {
      const std::string more = active ? size_of_word(std::string_view(word).substr(1)) : "";
      return more.empty() ? size : size + "-A" + more;
    }
    size = size_of_word(word);
  }
  return size;
}

}  // namespace

const std::vector<CatalogueType>& catalogue_types() {
  static const std::vector<CatalogueType> types = read_types();
  return types;
}

const std::vector<CatalogueModel>& catalogue_models() {
  static const std::vector<CatalogueModel> models = read_models();
  return models;
}

const CatalogueModel* find_catalogue_model(std::string_view name) {
  if (name.empty()) return nullptr;
  const std::string wanted = to_lower(name);
  const auto is = [&](std::string_view text) { return to_lower(text) == wanted; };
  for (const CatalogueModel& model : catalogue_models()) {
    if (is(model.name)) return &model;
  }
  for (const CatalogueModel& model : catalogue_models()) {
    if (is(model.huggingface) || is(model.modelscope) || is(model.modelers)) return &model;
  }
  return nullptr;
}

std::string parameter_size(const CatalogueModel& model) {
  const std::string size = size_of_name(model.name);
  return size.empty() ? size_of_name(model.huggingface.substr(model.huggingface.find('/') + 1)) : size;
}

bool is_supported(const CatalogueType& type) { return find_entry(all_archs(), type.model_type) != nullptr; }

std::string unsupported_reason(const CatalogueModel& model, bool architecture_only) {
  if (!is_supported(*model.type)) {
    if (model.type->multimodal) return "multimodal models are not available yet";
    if (model.type->model_type.starts_with("unknown:")) return "its architecture is not published outside the hub";
    return fmt::format("the architecture '{}' is not available yet", model.type->model_type);
  }
  if (model.weights.empty() || architecture_only) return "";
  return fmt::format("quantised weights ({}) are not available yet", model.weights);
}

std::string catalogue_hint(std::string_view name) {
  if (const CatalogueModel* model = find_catalogue_model(name)) {
    std::string hint = fmt::format("; the catalogue has {}: its repository is {}", model->name, model->huggingface);
    if (!model->modelscope.empty()) hint += fmt::format(" (on ModelScope {})", model->modelscope);
    return hint;
  }
  std::vector<std::string> names;
  for (const CatalogueModel& model : catalogue_models()) {
    names.emplace_back(name.find('/') == name.npos ? model.name : model.huggingface);
  }
  return did_you_mean(name, names);
}

}  // namespace lf
