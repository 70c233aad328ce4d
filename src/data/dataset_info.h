// dataset_info.json: what each dataset name stands for.
#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "config/run_config.h"
#include "hub/settings.h"

namespace lf {

/// Where the rows come from (upstream's load_from).
enum class DatasetOrigin { kFile, kCloud, kHuggingFace, kModelScope, kOpenMind };

/// One entry. Names of columns and tags; nullopt = not used. If `columns` (or `tags`) is written, all columns (tags)
/// that are not listed there are nullopt, as upstream has it.
struct DatasetAttr {
  std::string name;  // in dataset_info.json, or the repository of dataset_dir: ONLINE
  DatasetOrigin origin = DatasetOrigin::kFile;
  std::filesystem::path path;         // kFile: file, folder or glob pattern
  std::string address;                // kCloud: URI; hubs: repository ("owner/name")
  std::string subset;                 // hubs: configuration; empty = the default one
  std::string split = "train";        // also with a slice, "train[:10%]"
  std::string folder;                 // hubs: only files below it; empty = all
  std::string formatting = "alpaca";  // a converter of data/formats
  bool ranking = false;
  std::optional<int64_t> num_samples;
  std::filesystem::path media_dir;  // media paths of local rows are relative to it and must stay inside
  bool media_outside = false;       // media may also lie elsewhere (option media_outside)
  HubKeys hub;                      // who asks a hub

  using Name = std::optional<std::string>;
  Name prompt = "instruction", query = "input", response = "output";
  Name history, system, tools, images, videos, audios, chosen, rejected, kto_tag;
  Name messages = "conversations";
  Name role_tag = "from", content_tag = "value";
  Name user_tag = "human", assistant_tag = "gpt", observation_tag = "observation";
  Name function_tag = "function_call", system_tag = "system";
};

/// "data/chats.jsonl", "s3://bucket/rows", "owner/name": the source in messages.
std::string describe(const DatasetAttr& attr);

class DatasetInfo {
 public:
  /// Reads the first dataset_info.json among: `dataset_dir`, the same folder beside the configuration file
  /// `config_file` (may be empty), beside that file itself, ./data, and the installed share/llamafactory/data. kData
  /// naming all paths tried otherwise; kFormat with line, column and excerpt when it is not JSON. dataset_dir may be
  /// ONLINE (names are repositories of a hub) or REMOTE:owner/name (the file stands in a dataset repository).
  static DatasetInfo find(const std::string& dataset_dir, const std::filesystem::path& config_file,
                          const HubKeys& keys = {});
  /// By the keys of a configuration; its entries get media_dir, media_outside and the tokens for hubs too.
  static DatasetInfo find(const RunConfig& config);
  static DatasetInfo read(const std::filesystem::path& file);
  /// The same for a text; `file` stands in messages and its folder is the base of file names.
  static DatasetInfo parse(std::string_view text, const std::filesystem::path& file);

  /// kData with near names when it is not there, for unknown keys (with the nearest), wrong types, a missing file_name.
  /// kUnsupported for script_url.
  DatasetAttr entry(const std::string& name) const;
  /// Empty with dataset_dir: ONLINE.
  std::vector<std::string> names() const;
  bool online() const { return json_.is_null(); }
  const std::filesystem::path& file() const { return file_; }

 private:
  DatasetInfo(std::filesystem::path file, Json json) : file_(std::move(file)), json_(std::move(json)) {}

  std::filesystem::path file_;
  Json json_;
  DatasetAttr usual_;  // what all entries begin with
};

}  // namespace lf
