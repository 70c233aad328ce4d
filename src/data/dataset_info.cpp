#include "data/dataset_info.h"

#include <algorithm>

#include "base/error.h"
#include "base/files.h"
#include "base/log.h"
#include "base/strings.h"
#include "data/hub_files.h"
#include "data/source/remote_files.h"

namespace lf {
namespace {

namespace fs = std::filesystem;
constexpr uint64_t kMostBytes = uint64_t{50} << 20;  // of a dataset_info.json
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

/// The hub that names without further words mean.
DatasetOrigin preferred_hub() {
  const HubSite site = hub_of_environment();
  if (site == HubSite::kModelScope) return DatasetOrigin::kModelScope;
  return site == HubSite::kOpenMind ? DatasetOrigin::kOpenMind : DatasetOrigin::kHuggingFace;
}

/// Hugging Face unless another one is asked for or is the only one. False when no hub is named.
bool read_hub(const EntryReader& reader, DatasetAttr& attr) {
  const auto hugging_face = reader.text("hf_hub_url");
  const auto model_scope = reader.text("ms_hub_url");
  const auto open_mind = reader.text("om_hub_url");
  const DatasetOrigin wanted = preferred_hub();
  if (model_scope && (wanted == DatasetOrigin::kModelScope || !hugging_face)) {
    attr.origin = DatasetOrigin::kModelScope;
    attr.address = *model_scope;
  } else if (open_mind && (wanted == DatasetOrigin::kOpenMind || !hugging_face)) {
    attr.origin = DatasetOrigin::kOpenMind;
    attr.address = *open_mind;
  } else if (hugging_face) {
    attr.origin = DatasetOrigin::kHuggingFace;
    attr.address = *hugging_face;
  }
  return hugging_face || model_scope || open_mind;
}

/// Upstream's order: hubs, script, cloud, file.
void read_source(const EntryReader& reader, const fs::path& folder, DatasetAttr& attr) {
  attr.subset = reader.text("subset").value_or("");
  attr.split = reader.text("split").value_or("train");
  attr.folder = reader.text("folder").value_or("");
  if (attr.media_dir.empty()) attr.media_dir = folder;
  if (read_hub(reader, attr)) return;
  LF_CHECK(kUnsupported, !reader.find("script_url"),
           "{}: script_url names a Python script, and no code of datasets is run here; most repositories also hold "
           "their rows as Parquet (on Hugging Face in the branch refs/convert/parquet): use hf_hub_url, or download "
           "those files and use file_name",
           reader.where());
  if (const auto cloud = reader.text("cloud_file_name")) {
    attr.origin = DatasetOrigin::kCloud;
    attr.address = *cloud;
    LF_CHECK(kData, cloud->find("://") != std::string::npos,
             "{}: cloud_file_name must be an address such as s3://bucket/rows.jsonl but is '{}'", reader.where(),
             printable(*cloud));
    return;
  }
  const auto file_name = reader.text("file_name");
  LF_CHECK(kData, file_name, "{}: file_name is missing", reader.where());
  attr.path = folder / *file_name;
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

/// share/llamafactory/data beside the folder of the program; empty when it is not installed.
fs::path installed_data() {
  std::error_code status;
  const fs::path program = fs::read_symlink("/proc/self/exe", status);
  if (status) return {};
  const fs::path folder = program.parent_path().parent_path() / "share" / "llamafactory" / "data";
  return fs::is_directory(folder, status) ? folder : fs::path();
}

}  // namespace

std::string describe(const DatasetAttr& attr) {
  if (attr.origin == DatasetOrigin::kFile) return attr.path.string();
  return attr.origin == DatasetOrigin::kCloud ? shown_address(attr.address) : attr.address;
}

DatasetInfo DatasetInfo::read(const fs::path& file) { return parse(read_file(file, kMostBytes), file); }

DatasetInfo DatasetInfo::parse(std::string_view text, const fs::path& file) {
  Json json = parse_json(text, file.string());
  LF_CHECK(kData, json.is_object(), "{}: an object (name -> dataset) was needed but it is {}", file.string(),
           json.type_name());
  return DatasetInfo(file, std::move(json));
}

DatasetInfo DatasetInfo::find(const RunConfig& config) {
  const ModelOptions& model = config.model;
  HubKeys keys{model.cache_dir.value_or(""), model.hf_hub_token.value_or(""), model.ms_hub_token.value_or(""),
               model.om_hub_token.value_or("")};
  DatasetInfo info = find(config.data.dataset_dir, config.config_file, keys);
  info.usual_.media_dir = config.data.media_dir.value_or("");
  info.usual_.media_outside = config.data.media_outside;
  info.usual_.hub = std::move(keys);
  return info;
}

DatasetInfo DatasetInfo::find(const std::string& dataset_dir, const fs::path& config_file, const HubKeys& keys) {
  if (dataset_dir == "ONLINE") return DatasetInfo({}, Json());
  if (dataset_dir.starts_with("REMOTE:")) return read(hub_dataset_info(dataset_dir.substr(7), keys));
  std::vector<fs::path> folders = {dataset_dir};
  if (!config_file.empty() && fs::path(dataset_dir).is_relative()) {
    folders.push_back(config_file.parent_path() / dataset_dir);
    folders.push_back(config_file.parent_path());
  }
  folders.push_back("data");
  if (const fs::path shared = installed_data(); !shared.empty()) folders.push_back(shared);
  std::vector<std::string> tried;
  for (const fs::path& folder : folders) {
    const fs::path file = (folder / "dataset_info.json").lexically_normal();
    std::error_code status;
    if (fs::is_regular_file(file, status)) {
      if (!tried.empty()) log_warn("data", "{} is not there; {} is used", tried.front(), file.string());
      return read(file);
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
  if (online()) {
    DatasetAttr attr = usual_;
    attr.name = attr.address = name;
    attr.origin = preferred_hub();
    return attr;
  }
  const auto it = json_.find(name);
  if (it == json_.end()) {
    const std::vector<std::string> all = names();
    throw_error(ErrorKind::kData, "Undefined dataset {} in {}{}{}", printable(name), file_.string(),
                did_you_mean(name, all),
                all.size() <= 20 ? fmt::format(" (defined: {})", join(all, ", "))
                                 : fmt::format(" ({} are defined)", all.size()));
  }
  const EntryReader reader(*it, fmt::format("{}: dataset {}", file_.string(), name));
  DatasetAttr attr = usual_;
  attr.name = name;
  read_source(reader, file_.parent_path(), attr);
  read_scalars(reader, attr);
  reader.names("columns", kColumns, attr);
  reader.names("tags", kTags, attr);
  return attr;
}

}  // namespace lf
