// Which files of a dataset repository hold the rows of a split: the rules of the datasets library (4.0) for
// repositories without a script.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lf {

/// One entry of `configs` in the YAML head of a dataset's README.md.
struct DatasetConfig {
  std::string name;
  bool is_default = false;
  std::string data_dir;
  /// (split, patterns); nullopt: found by the names of files and folders below data_dir.
  std::optional<std::vector<std::pair<std::string, std::vector<std::string>>>> data_files;
};

/// `configs` of a README.md ("---" head) or of .huggingface.yaml (`whole` = all of it is YAML). kFormat with `where`.
std::vector<DatasetConfig> parse_dataset_configs(std::string_view text, const std::string& where, bool whole = false);

struct DatasetChoice {
  std::string subset;           // "" = the default configuration
  std::string split = "train";  // a name; parts of a split ("train[:10%]") are the reader's
  std::string folder;           // only files below it, and no configurations
};

/// The files of one split, in the order in which datasets reads them. `where` names the dataset. kData: unknown subset
/// or split (with those there are), no data files; kUnsupported: patterns that lead out of the repository.
std::vector<std::string> choose_dataset_files(const std::vector<std::string>& names,
                                              const std::vector<DatasetConfig>& configs, const DatasetChoice& choice,
                                              const std::string& where);

/// The files of one split in the Parquet conversion of a dataset (branch refs/convert/parquet: <subset>/<split>/*).
std::vector<std::string> choose_converted_files(const std::vector<std::string>& names, const DatasetChoice& choice,
                                                const std::string& where);

/// The splits that file and folder names tell: (split, files). Empty when there are no data files.
std::vector<std::pair<std::string, std::vector<std::string>>> splits_by_names(const std::vector<std::string>& names,
                                                                              const std::string& folder = "");

/// True for names of table and text files that rows can be read from: .json .jsonl .csv .parquet .arrow .txt ..., also
/// with .gz or .zst behind.
bool is_data_file(std::string_view name);

}  // namespace lf
