#include "data/inspect/sniff.h"

#include <algorithm>
#include <filesystem>

#include "base/error.h"
#include "base/strings.h"
#include "data/source/remote_files.h"
#include "data/source/source.h"

namespace lf {
namespace {

using Name = DatasetAttr::Name;

constexpr size_t kSampleRows = 50;

class Sniffer {
 public:
  explicit Sniffer(const std::vector<Json>& rows) : rows_(rows) {
    for (const Json& row : rows) {
      for (const auto& [name, value] : row.items()) {
        if (std::find(columns_.begin(), columns_.end(), name) == columns_.end()) columns_.push_back(name);
      }
    }
  }

  DatasetAttr guess() {
    clear();
    if (!messages() && !alpaca()) {
      throw_error(ErrorKind::kData,
                  "the format was not recognised; the columns are {}. Name them under \"columns\" in an entry of "
                  "dataset_info.json and use --dataset NAME --dataset_dir FOLDER",
                  columns_.empty() ? "(none)" : printable(join(columns_, ", "), 400));
    }
    shared_columns();
    return attr_;
  }

 private:
  void clear() {
    for (Name* name : {&attr_.prompt, &attr_.query, &attr_.response, &attr_.messages}) name->reset();
  }

  const Json* sample(const std::string& column) const {
    for (const Json& row : rows_) {
      const auto found = row.find(column);
      if (found != row.end() && !found->is_null()) return &*found;
    }
    return nullptr;
  }
  Name one_of(std::initializer_list<const char*> names) const {
    for (const char* name : names) {
      if (std::find(columns_.begin(), columns_.end(), name) != columns_.end()) return name;
    }
    return std::nullopt;
  }

  /// A list of objects with a role and a text.
  bool messages() {
    attr_.messages = one_of({"messages", "conversations", "conversation", "dialog", "dialogue"});
    const Json* list = attr_.messages ? sample(*attr_.messages) : nullptr;
    if (!list || !list->is_array() || list->empty() || !list->front().is_object()) {
      attr_.messages.reset();
      return false;
    }
    const Json& first = list->front();
    if (first.contains("role") && (first.contains("content") || first.contains("tool_calls"))) {
      attr_.formatting = "openai";
      attr_.role_tag = "role";
      attr_.content_tag = "content";
      attr_.user_tag = "user";
      attr_.assistant_tag = "assistant";
      attr_.observation_tag = "tool";
      attr_.system_tag = "system";
    } else if (first.contains("from") && first.contains("value")) {
      attr_.formatting = "sharegpt";
    } else {
      attr_.messages.reset();
      return false;
    }
    read_tags();
    return true;
  }

  /// Words for roles that differ from the defaults.
  void read_tags() {
    const auto use = [&](const std::string& tag) {
      if (tag == "user" || tag == "human") attr_.user_tag = tag;
      if (tag == "assistant" || tag == "gpt" || tag == "bot") attr_.assistant_tag = tag;
      if (tag == "tool" || tag == "observation" || tag == "function_response") attr_.observation_tag = tag;
      if (tag == "function_call" || tag == "function" || tag == "tool_call") attr_.function_tag = tag;
    };
    for (const Json& row : rows_) {
      const auto list = row.find(*attr_.messages);
      if (list == row.end() || !list->is_array()) continue;
      for (const Json& message : *list) {
        const auto role = message.is_object() ? message.find(*attr_.role_tag) : message.end();
        if (message.is_object() && role != message.end() && role->is_string()) use(role->get<std::string>());
      }
    }
  }

  bool alpaca() {
    attr_.formatting = "alpaca";
    attr_.prompt = one_of({"instruction", "prompt", "question", "query", "text", "problem"});
    if (!attr_.prompt) return false;
    if (attr_.prompt == "instruction") attr_.query = one_of({"input"});
    if (attr_.prompt != "text") attr_.response = one_of({"output", "response", "answer", "completion", "solution"});
    attr_.history = one_of({"history"});
    return true;
  }

  void shared_columns() {
    attr_.system = one_of({"system", "system_prompt"});
    attr_.tools = one_of({"tools", "functions"});
    attr_.images = one_of({"images", "image"});
    attr_.videos = one_of({"videos", "video"});
    attr_.audios = one_of({"audios", "audio"});
    const Name chosen = one_of({"chosen"}), rejected = one_of({"rejected"});
    const Json* answer = chosen ? sample(*chosen) : nullptr;
    if (rejected && answer && (attr_.messages ? answer->is_object() : answer->is_string())) {
      attr_.chosen = chosen;
      attr_.rejected = rejected;
      attr_.ranking = true;
    }
    const Name tag = one_of({"kto_tag", "label"});
    const Json* label = tag ? sample(*tag) : nullptr;
    if (label && label->is_boolean()) attr_.kto_tag = tag;
  }

  const std::vector<Json>& rows_;
  std::vector<std::string> columns_;
  DatasetAttr attr_;
};

}  // namespace

DatasetAttr sniff_rows(const std::vector<Json>& rows) { return Sniffer(rows).guess(); }

DatasetAttr sniff_format(const std::string& path) {
  const auto stream = open_stream({{path}, ""});
  std::vector<Json> rows;
  Json row;
  RowPlace place;
  for (size_t tries = 0; tries < kSampleRows; ++tries) {
    try {
      if (!stream->next(row, place)) break;
      rows.push_back(std::move(row));
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::kData) throw;
    }
  }
  LF_CHECK(kData, !rows.empty(), "{}: no row can be read", is_remote(path) ? shown_address(path) : path);
  DatasetAttr attr;
  try {
    attr = sniff_rows(rows);
  } catch (const Error& error) {
    throw_error(error.kind(), "{}: {}", is_remote(path) ? shown_address(path) : path, error.what());
  }
  const DatasetAttr file = attr_of_file(path);
  attr.name = file.name;
  attr.origin = file.origin;
  attr.address = file.address;
  attr.path = file.path;
  attr.media_dir = file.media_dir;
  return attr;
}

DatasetAttr attr_of_file(const std::string& path) {
  DatasetAttr attr;
  attr.name = std::filesystem::path(is_remote(path) ? shown_address(path) : path).filename().string();
  if (is_remote(path)) {
    attr.origin = DatasetOrigin::kCloud;
    attr.address = path;
    return attr;
  }
  attr.path = path;
  attr.media_dir = attr.path.parent_path();
  if (attr.media_dir.empty()) attr.media_dir = ".";
  return attr;
}

Json entry_of(const DatasetAttr& attr) {
  const DatasetAttr usual;
  Json entry = Json::object();
  if (attr.origin == DatasetOrigin::kFile)
    entry["file_name"] = attr.path.filename().string();
  else
    entry["cloud_file_name"] = describe(attr);
  if (attr.formatting != "alpaca") entry["formatting"] = attr.formatting;
  if (attr.ranking) entry["ranking"] = true;
  const auto add = [&](const char* group, const std::vector<std::pair<const char*, const Name*>>& names) {
    Json listed = Json::object();
    for (const auto& [key, name] : names) {
      if (*name) listed[key] = **name;
    }
    entry[group] = std::move(listed);
  };
  add("columns", {{"prompt", &attr.prompt},
                  {"query", &attr.query},
                  {"response", &attr.response},
                  {"history", &attr.history},
                  {"messages", &attr.messages},
                  {"system", &attr.system},
                  {"tools", &attr.tools},
                  {"images", &attr.images},
                  {"videos", &attr.videos},
                  {"audios", &attr.audios},
                  {"chosen", &attr.chosen},
                  {"rejected", &attr.rejected},
                  {"kto_tag", &attr.kto_tag}});
  if (attr.formatting == "alpaca") return entry;
  const bool usual_tags = attr.role_tag == usual.role_tag && attr.content_tag == usual.content_tag &&
                          attr.user_tag == usual.user_tag && attr.assistant_tag == usual.assistant_tag &&
                          attr.observation_tag == usual.observation_tag && attr.function_tag == usual.function_tag &&
                          attr.system_tag == usual.system_tag;
  if (usual_tags) return entry;
  add("tags", {{"role_tag", &attr.role_tag},
               {"content_tag", &attr.content_tag},
               {"user_tag", &attr.user_tag},
               {"assistant_tag", &attr.assistant_tag},
               {"observation_tag", &attr.observation_tag},
               {"function_tag", &attr.function_tag},
               {"system_tag", &attr.system_tag}});
  return entry;
}

}  // namespace lf
