#include "config/dump.h"

#include <algorithm>

#include "base/error.h"
#include "base/strings.h"
#include "config/fields.h"
#include "config/topics.h"

namespace lf {
namespace {

/// The value in effect where it differs from the one that has to be written to get it.
struct Written {
  std::string text;
  std::string comment;
};

Written written(const RunConfig& config, const FieldRef& field) {
  const std::string effective = field_text(field);
  Written out{effective, ""};
  if (field.info.key == "cutoff_len") out.text = std::to_string(config.written_cutoff_len);
  if (field.info.key == "packing")
    out.text = !config.written_packing ? "null" : *config.written_packing ? "true" : "false";
  if (out.text != effective) out.comment = effective + " in effect";
  return out;
}

}  // namespace

std::string to_yaml(const RunConfig& config) {
  RunConfig copy = config;
  std::string text = fmt::format("# Resolved configuration of llamafactory-cli {}\n", LF_VERSION);
  if (!config.config_file.empty()) text += "# from " + printable(config.config_file.string()) + "\n";
  for (const Topic& topic : by_topic(fields_of(copy))) {
    text += fmt::format("\n### {}\n", topic.name);
    for (const FieldRef& field : topic.fields) {
      if (field.info.secret && field_text(field) != "null") {
        text += fmt::format("# {}: given, not written\n", field.info.key);
        continue;
      }
      const Written value = written(config, field);
      text +=
          fmt::format("{}: {}{}\n", field.info.key, value.text, value.comment.empty() ? "" : "  # " + value.comment);
    }
  }
  if (!config.accepted.empty()) text += "\n### Given, without effect here\n";
  for (const auto& [key, value] : config.accepted) text += fmt::format("# {}: {}\n", key, printable(value));
  return text;
}

std::string explain(const RunConfig& config) {
  RunConfig copy = config;
  const std::vector<FieldRef> fields = fields_of(copy);
  size_t width = 0;
  for (const FieldRef& field : fields)
    width = std::max(width, std::min<size_t>(60, field.info.key.size() + field_text(field).size() + 2));
  std::string text;
  for (const Topic& topic : by_topic(fields)) {
    text += fmt::format("{}### {}\n", text.empty() ? "" : "\n", topic.name);
    for (const FieldRef& field : topic.fields) {
      auto origin = config.origins.find(std::string(field.info.key));
      const std::string value = fmt::format("{}: {}", field.info.key, field_text(field));
      text += fmt::format("{:<{}}  # {}\n", value, width, origin == config.origins.end() ? "default" : origin->second);
    }
  }
  for (const auto& [key, value] : config.accepted)
    text += fmt::format("{}: {}  # without effect here\n", key, printable(value));
  return text;
}

}  // namespace lf
