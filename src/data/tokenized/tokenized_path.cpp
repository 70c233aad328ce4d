#include "data/tokenized/tokenized_path.h"

#include "base/error.h"
#include "base/json.h"
#include "base/log.h"
#include "base/strings.h"
#include "data/tokenized/dataset_files.h"
#include "io/atomic_file.h"

namespace lf {
namespace {

namespace fs = std::filesystem;

constexpr const char* kDict = "dataset_dict.json";
constexpr std::string_view kValidation = "validation";

bool is_there(const fs::path& path) {
  std::error_code status;
  return fs::exists(path, status);
}

std::vector<std::string> splits_of(const fs::path& folder) {
  const Json dict = read_json(folder / kDict);
  LF_CHECK(kFormat, dict.is_object() && dict.contains("splits") && dict["splits"].is_array(),
           "{}: has no list 'splits'", (folder / kDict).string());
  std::vector<std::string> splits;
  for (const Json& split : dict["splits"]) {
    LF_CHECK(kFormat, split.is_string() && is_plain_file_name(split.get<std::string>()),
             "{}: 'splits' holds {}, which is no name", (folder / kDict).string(), printable(split.dump(), 60));
    splits.push_back(split.get<std::string>());
  }
  return splits;
}

/// `validation` alone, or else all `validation_<name>`.
void read_validation(const fs::path& folder, const std::vector<std::string>& splits, const ReadOptions& options,
                     PreparedData& out) {
  for (const std::string& split : splits) {
    if (split == kValidation) {
      out.eval.clear();
      out.eval.emplace_back("", read_split(folder / split, options));
      return;
    }
    const std::string prefix = std::string(kValidation) + "_";
    if (split.starts_with(prefix))
      out.eval.emplace_back(split.substr(prefix.size()), read_split(folder / split, options));
  }
}

std::string split_name(const std::string& eval_name) {
  return eval_name.empty() ? std::string(kValidation) : fmt::format("{}_{}", kValidation, eval_name);
}

/// A folder beside the target that is removed unless it is published.
class TemporaryFolder {
 public:
  explicit TemporaryFolder(const fs::path& target)
      : path_(target.parent_path() / fmt::format(".{}.tmp-{}", target.filename().string(), random_token())) {
    create_folder(path_);
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

}  // namespace

bool has_tokenized_data(const fs::path& folder) {
  std::error_code status;
  return fs::is_directory(folder, status) && !fs::is_empty(folder, status);
}

PreparedData read_tokenized(const fs::path& folder, const RunConfig& config) {
  const ReadOptions options{.stage = config.finetuning.stage, .neat_packing = config.data.neat_packing};
  log_warn("data", "Loading dataset from disk will ignore other data arguments.");
  PreparedData out;
  if (is_there(folder / kDict)) {
    const std::vector<std::string> splits = splits_of(folder);
    for (const std::string& split : splits) {
      if (split == "train") out.train = read_split(folder / split, options);
    }
    read_validation(folder, splits, options, out);
  } else {
    LF_CHECK(kData, is_there(folder / "state.json"),
             "tokenized_path {}: the folder is not empty, but holds no dataset that Python's save_to_disk wrote ({} or "
             "state.json); name another folder, or empty it to have the prepared data written there",
             folder.string(), kDict);
    out.train = read_split(folder, options);
  }
  LF_CHECK(kData, !config.training.do_train || !out.train.empty(), "tokenized_path {}: holds no rows for training",
           folder.string());
  log_info("data", "Loaded tokenized dataset from {}.", folder.string());
  return out;
}

void write_tokenized(const fs::path& folder, const PreparedData& data, const RunConfig& config) {
  LF_CHECK(kData, !has_tokenized_data(folder), "tokenized_path {}: the folder is not empty", folder.string());
  const fs::path target = fs::absolute(folder).lexically_normal();
  const fs::path path = target.has_filename() ? target : target.parent_path();
  create_folder(path.parent_path());
  const TemporaryFolder temporary(path);
  const SplitOptions options{.labels = config.finetuning.stage != "pt"};
  Json splits = Json::array();
  const auto write = [&](const std::string& name, const Dataset& dataset) {
    write_split(temporary.path() / name, dataset, options);
    splits.push_back(name);
  };
  if (!data.train.empty()) write("train", data.train);
  for (const auto& [name, dataset] : data.eval) write(split_name(name), dataset);
  write_file_durably(temporary.path() / kDict, python_json({{"splits", splits}}), WriteMode::kFresh);
  sync_folder(temporary.path());
  std::error_code none;
  fs::remove(path, none);  // an empty folder may stand there
  rename_path(temporary.path(), path);
  sync_folder(path.parent_path());
  log_info("data", "Tokenized dataset is saved at {}.", folder.string());
  log_info("data", "Please launch the training with `tokenized_path: {}`.", folder.string());
}

}  // namespace lf
