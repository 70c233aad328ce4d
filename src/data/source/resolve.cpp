#include "data/source/resolve.h"

#include <algorithm>
#include <map>

#include "base/error.h"
#include "base/strings.h"
#include "data/hub_files.h"
#include "data/source/data_file.h"
#include "data/source/glob.h"
#include "data/source/split_slice.h"

namespace lf {
namespace {

namespace fs = std::filesystem;
using Names = std::vector<std::string>;

constexpr const char* kSeparators = "[-._ 0-9]";

const std::vector<std::pair<std::string, Names>> kSplitWords = {{"train", {"train", "training"}},
                                                                {"validation", {"validation", "valid", "dev", "val"}},
                                                                {"test", {"test", "testing", "eval", "evaluation"}}};

Names folder_patterns(const std::string& word) {
  return {fmt::format("**/{}/**", word), fmt::format("**/{}{}*/**", word, kSeparators),
          fmt::format("**/*{}{}/**", kSeparators, word), fmt::format("**/*{0}{1}{0}*/**", kSeparators, word)};
}
Names name_patterns(const std::string& word) {
  return {fmt::format("**/{}{}*", word, kSeparators), fmt::format("**/*{0}{1}{0}*", kSeparators, word)};
}

Names matching(const Names& files, const Names& patterns) {
  Names found;
  for (const std::string& pattern : patterns) {
    for (const std::string& file : files) {
      if (matches_glob(pattern, file) && std::find(found.begin(), found.end(), file) == found.end())
        found.push_back(file);
    }
  }
  return found;
}

/// datasets passes over these, whatever they hold.
bool is_ignored(const std::string& file) {
  static const Names kIgnored = {"config.json", "dataset_info.json", "dataset_infos.json", "dataset_dict.json"};
  if (!is_data_file(file)) return true;
  const Names parts = split(file, '/');
  if (std::find(kIgnored.begin(), kIgnored.end(), parts.back()) != kIgnored.end()) return true;
  const auto hidden = [](const std::string& part) { return part.starts_with('.') || part.starts_with("__"); };
  return std::any_of(parts.begin(), parts.end() - 1, hidden) || parts.back().starts_with('.');
}

/// data/train-00000-of-00002.parquet: the split's name stands in front.
std::map<std::string, Names> sharded_splits(const Names& files) {
  const std::string digits = "[0-9][0-9][0-9][0-9][0-9]";
  const std::string pattern = "data/*-" + digits + "-of-" + digits + "*.*";
  std::map<std::string, Names> splits;
  for (const std::string& file : files) {
    if (!matches_glob(pattern, file)) continue;
    const size_t of = file.rfind("-of-");
    splits[file.substr(5, of - 6 - 5)].push_back(file);
  }
  return splits;
}

std::map<std::string, Names> splits_of(const Names& files) {
  std::map<std::string, Names> splits = sharded_splits(files);
  for (const auto& patterns : {folder_patterns, name_patterns}) {
    if (!splits.empty()) break;
    for (const auto& [name, words] : kSplitWords) {
      Names all;
      for (const std::string& word : words) {
        for (std::string& pattern : patterns(word)) all.push_back(std::move(pattern));
      }
      if (Names found = matching(files, all); !found.empty()) splits[name] = std::move(found);
    }
  }
  if (splits.empty() && !files.empty()) splits["train"] = files;
  return splits;
}

/// Of mixed types only the most frequent one is read.
Names of_one_type(const Names& files) {
  std::map<FileType, size_t> counts;
  const auto family = [](const std::string& file) {
    const FileType type = describe_file(file).type;
    return type == FileType::kJsonLines ? FileType::kJson : type;
  };
  for (const std::string& file : files) ++counts[family(file)];
  const auto most =
      std::max_element(counts.begin(), counts.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  Names kept;
  for (const std::string& file : files) {
    if (family(file) == most->first) kept.push_back(file);
  }
  return kept;
}

SourceSpec local_source(const DatasetAttr& attr) {
  const std::string split = SplitSlice::parse(attr.split).name();
  std::error_code status;
  if (split == "train") return {{attr.path.string()}, attr.split};
  Names files;
  if (fs::is_directory(attr.path, status)) {
    for (const auto& entry : fs::recursive_directory_iterator(attr.path)) {
      if (entry.is_regular_file(status)) files.push_back(entry.path().lexically_relative(attr.path).generic_string());
    }
  }
  SourceSpec spec{files_of_split(files, split), attr.split};
  for (std::string& path : spec.paths) path = (attr.path / path).string();
  LF_CHECK(kData, !spec.paths.empty(),
           "dataset {}: Unknown split \"{}\" of {}; a file is all train, and in a folder names such as test.jsonl or "
           "test/rows.jsonl make splits",
           attr.name, printable(split), attr.path.string());
  return spec;
}

}  // namespace

std::vector<std::string> files_of_split(const std::vector<std::string>& files, const std::string& split) {
  Names known;
  for (const std::string& file : files) {
    if (!is_ignored(file)) known.push_back(file);
  }
  std::sort(known.begin(), known.end());
  const auto splits = splits_of(known);
  const auto found = splits.find(split);
  return found == splits.end() ? Names{} : of_one_type(found->second);
}

SourceSpec resolve_source(const DatasetAttr& attr) {
  if (attr.origin == DatasetOrigin::kFile) return local_source(attr);
  if (attr.origin == DatasetOrigin::kCloud) return {{attr.address}, attr.split};
  return {hub_dataset_files(attr), attr.split};
}

}  // namespace lf
