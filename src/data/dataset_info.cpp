#include "data/dataset_info.h"

#include <map>

#include "base/error.h"
#include "base/log.h"
#include "base/strings.h"

namespace lf {
namespace {

namespace fs = std::filesystem;
using NameField = DatasetAttr::Name DatasetAttr::*;

const std::vector<std::pair<std::string, NameField>> kColumns = {
    {"prompt", &DatasetAttr::prompt},   {"query", &DatasetAttr::query},       {"response", &DatasetAttr::response},
    {"history", &DatasetAttr::history}, {"messages", &DatasetAttr::messages}, {"system", &DatasetAttr::system},
    {"tools", &DatasetAttr::tools},     {"images", &DatasetAttr::images},     {"videos", &DatasetAttr::videos},
    {"audios", &DatasetAttr::audios},   {"chosen", &DatasetAttr::chosen},     {"rejected", &DatasetAttr::rejected},
    {"kto_tag", &DatasetAttr::kto_tag}};
const std::vector<std::pair<std::string, NameField>> kTags = {{"role_tag", &DatasetAttr::role_tag},
                                                              {"content_tag", &DatasetAttr::content_tag},
                                                              {"user_tag", &DatasetAttr::user_tag},
                                                              {"assistant_tag", &DatasetAttr::assistant_tag},
                                                              {"observation_tag", &DatasetAttr::observation_tag},
                                                              {"function_tag", &DatasetAttr::function_tag},
                                                              {"system_tag", &DatasetAttr::system_tag}};
const std::vector<std::string> kRemoteKeys = {"hf_hub_url", "ms_hub_url", "om_hub_url", "script_url",
                                              "cloud_file_name"};
const std::vector<std::string> kKeys = {"hf_hub_url", "ms_hub_url",  "om_hub_url", "script_url", "cloud_file_name",
                                        "file_name",  "formatting",  "ranking",    "subset",     "split",
                                        "folder",     "num_samples", "columns",    "tags"};

/// Reads keys of one entry and says where they stand.
class EntryReader {
 public:
  EntryReader(const Json& entry, std::string where) : entry_(entry), where_(std::move(where)) {
    LF_CHECK(kData, entry.is_object(), "{}: an object was needed but it is {}", where_, entry.type_name());
    for (const auto& [key, value] : entry.items()) {
      LF_CHECK(kData, std::find(kKeys.begin(), kKeys.end(), key) != kKeys.end(), "{}: {} is not a key of a dataset{}",
               where_, printable(key), did_you_mean(key, kKeys));
    }
  }

  const Json* find(const std::string& key) const {
    const auto it = entry_.find(key);
    return it == entry_.end() || it->is_null() ? nullptr : &*it;
  }
  std::optional<std::string> text(const std::string& key) const {
    const Json* value = find(key);
    if (!value) return std::nullopt;
    LF_CHECK(kData, value->is_string(), "{}: {} must be text but is {}", where_, key, value->type_name());
    return value->get<std::string>();
  }
  void names(const std::string& key, const std::vector<std::pair<std::string, NameField>>& fields,
             DatasetAttr& attr) const {
    const auto it = entry_.find(key);
    if (it == entry_.end()) return;
    LF_CHECK(kData, it->is_object(), "{}: {} must be an object but is {}", where_, key, it->type_name());
    std::vector<std::string> known;
    for (const auto& [name, field] : fields) {
      known.push_back(name);
      attr.*field = std::nullopt;
    }
    for (const auto& [name, value] : it->items()) {
      const auto found = std::find(known.begin(), known.end(), name);
      LF_CHECK(kData, found != known.end(), "{}: {} is not a key of {}{}", where_, printable(name), key,
               did_you_mean(name, known));
      if (value.is_null()) continue;
      LF_CHECK(kData, value.is_string(), "{}: {}.{} must be text but is {}", where_, key, name, value.type_name());
      attr.*fields[found - known.begin()].second = value.get<std::string>();
    }
  }
  const std::string& where() const { return where_; }

 private:
  const Json& entry_;
  std::string where_;
};

void read_source(const EntryReader& reader, const fs::path& folder, DatasetAttr& attr) {
  for (const std::string& key : kRemoteKeys) {
    LF_CHECK(kUnsupported, !reader.find(key),
             "{}: datasets by {} are not available yet; download the files and use file_name", reader.where(), key);
  }
  const auto file_name = reader.text("file_name");
  LF_CHECK(kData, file_name, "{}: file_name is missing", reader.where());
  attr.path = folder / *file_name;
  const auto split = reader.text("split");
  LF_CHECK(kUnsupported, !split || *split == "train", "{}: split '{}' of local files is not available yet",
           reader.where(), printable(split.value_or("")));
}

void read_scalars(const EntryReader& reader, DatasetAttr& attr) {
  attr.formatting = reader.text("formatting").value_or("alpaca");
  if (const Json* ranking = reader.find("ranking")) {
    LF_CHECK(kData, ranking->is_boolean(), "{}: ranking must be true or false but is {}", reader.where(),
             ranking->dump());
    attr.ranking = ranking->get<bool>();
  }
  if (const Json* samples = reader.find("num_samples")) {
    LF_CHECK(kData, samples->is_number_integer() && samples->get<int64_t>() > 0,
             "{}: num_samples must be a positive whole number but is {}", reader.where(), samples->dump());
    attr.num_samples = samples->get<int64_t>();
  }
}

}  // namespace

DatasetInfo DatasetInfo::find(const std::string& dataset_dir, const fs::path& config_file) {
  LF_CHECK(kUnsupported, dataset_dir != "ONLINE" && !dataset_dir.starts_with("REMOTE:"),
           "dataset_dir: {} (datasets from a hub) is not available yet; give a folder with dataset_info.json",
           dataset_dir);
  std::vector<fs::path> folders = {dataset_dir};
  if (!config_file.empty() && fs::path(dataset_dir).is_relative()) {
    folders.push_back(config_file.parent_path() / dataset_dir);
    folders.push_back(config_file.parent_path());
  }
  folders.push_back("data");
  std::vector<std::string> tried;
  for (const fs::path& folder : folders) {
    const fs::path file = (folder / "dataset_info.json").lexically_normal();
    std::error_code status;
    if (fs::is_regular_file(file, status)) {
      if (!tried.empty()) log_warn("data", "{} is not there; {} is used", tried.front(), file.string());
      Json json = read_json(file);
      LF_CHECK(kData, json.is_object(), "{}: an object (name -> dataset) was needed but it is {}", file.string(),
               json.type_name());
      return DatasetInfo(file, std::move(json));
    }
    if (std::find(tried.begin(), tried.end(), file.string()) == tried.end()) tried.push_back(file.string());
  }
  throw_error(ErrorKind::kData, "dataset_info.json was not found; tried {} (set dataset_dir to its folder)",
              join(tried, ", "));
}

std::vector<std::string> DatasetInfo::names() const {
  std::vector<std::string> names;
  for (const auto& [name, entry] : json_.items()) names.push_back(name);
  return names;
}

DatasetAttr DatasetInfo::entry(const std::string& name) const {
  const auto it = json_.find(name);
  if (it == json_.end()) {
    const std::vector<std::string> all = names();
    throw_error(ErrorKind::kData, "Undefined dataset {} in {}{}{}", printable(name), file_.string(),
                did_you_mean(name, all),
                all.size() <= 20 ? fmt::format(" (defined: {})", join(all, ", "))
                                 : fmt::format(" ({} are defined)", all.size()));
  }
  const EntryReader reader(*it, fmt::format("{}: dataset {}", file_.string(), name));
  DatasetAttr attr;
  attr.name = name;
  read_source(reader, file_.parent_path(), attr);
  read_scalars(reader, attr);
  reader.names("columns", kColumns, attr);
  reader.names("tags", kTags, attr);
  return attr;
}

}  // namespace lf
