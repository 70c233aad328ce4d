#include "hub/dataset_files.h"

#include <algorithm>
#include <array>
#include <set>

#include "base/error.h"
#include "base/strings.h"
#include "hub/patterns.h"

namespace lf {
namespace {

using Splits = std::vector<std::pair<std::string, std::vector<std::string>>>;

constexpr std::array<std::pair<std::string_view, std::string_view>, 9> kTypes = {{{"csv", "csv"},
                                                                                  {"tsv", "csv"},
                                                                                  {"json", "json"},
                                                                                  {"jsonl", "json"},
                                                                                  {"ndjson", "json"},
                                                                                  {"parquet", "parquet"},
                                                                                  {"geoparquet", "parquet"},
                                                                                  {"arrow", "arrow"},
                                                                                  {"txt", "text"}}};
constexpr std::array<std::string_view, 6> kIgnored = {"README.md",          "config.json",    "dataset_info.json",
                                                      "dataset_infos.json", "dummy_data.zip", "dataset_dict.json"};
/// datasets' words for its three splits, in its order.
const std::vector<std::pair<std::string, std::vector<std::string>>> kWords = {
    {"train", {"train", "training"}},
    {"validation", {"validation", "valid", "dev", "val"}},
    {"test", {"test", "testing", "eval", "evaluation"}}};
constexpr std::string_view kSeparators = "[-._ 0-9]";

std::string base_name(std::string_view path) { return std::string(path.substr(path.rfind('/') + 1)); }

/// The suffixes of a name without its first part: "a.b.jsonl.gz" -> b, jsonl, gz.
std::vector<std::string> suffixes(std::string_view path) {
  std::vector<std::string> parts = split(base_name(path), '.');
  if (!parts.empty()) parts.erase(parts.begin());
  return parts;
}

std::string_view type_of(std::string_view suffix) {
  for (const auto& [known, type] : kTypes) {
    if (known == suffix) return type;
  }
  return "";
}

std::vector<std::string> resolve(const std::vector<std::string>& names, std::string pattern, const std::string& base) {
  while (pattern.starts_with("./")) pattern = pattern.substr(2);
  if (!base.empty()) pattern = base + "/" + pattern;
  const std::string wanted = base_name(pattern);
  std::vector<std::string> found;
  for (const std::string& name : names) {
    const std::string last = base_name(name);
    const bool ignored = last != wanted && std::find(kIgnored.begin(), kIgnored.end(), last) != kIgnored.end();
    if (!ignored && matches_path(name, pattern)) found.push_back(name);
  }
  return found;
}

/// data/<split>-00000-of-00003.parquet
Splits sharded_splits(const std::vector<std::string>& names, const std::string& base) {
  const std::string digits = "[0-9][0-9][0-9][0-9][0-9]", tail = "-" + digits + "-of-" + digits + "*.*";
  std::set<std::string> found;
  for (const std::string& name : resolve(names, "data/*" + tail, base)) {
    const std::string last = base_name(name);
    size_t at = last.size();
    while ((at = last.rfind('-', at - 1)) != std::string::npos && at > 0) {
      if (matches_name(std::string_view(last).substr(at), tail)) break;
    }
    if (at != std::string::npos && at > 0) found.insert(last.substr(0, at));
  }
  Splits splits;
  auto take = [&](const std::string& name) {
    if (found.erase(name)) splits.emplace_back(name, resolve(names, "data/" + name + tail, base));
  };
  for (const auto& [name, words] : kWords) take(name);
  for (const std::string& name : std::set<std::string>(found)) take(name);
  return splits;
}

Splits word_splits(const std::vector<std::string>& names, const std::string& base, bool folders) {
  Splits splits;
  for (const auto& [name, words] : kWords) {
    std::vector<std::string> files;
    for (const std::string& word : words) {
      const std::string s(kSeparators);
      const std::vector<std::string> patterns =
          folders ? std::vector<std::string>{"**/" + word + "/**", "**/" + word + s + "*/**", "**/*" + s + word + "/**",
                                             "**/*" + s + word + s + "*/**"}
                  : std::vector<std::string>{"**/" + word + s + "*", "**/*" + s + word + s + "*"};
      for (const std::string& pattern : patterns) {
        for (std::string& file : resolve(names, pattern, base)) files.push_back(std::move(file));
      }
    }
    if (!files.empty()) splits.emplace_back(name, std::move(files));
  }
  return splits;
}

/// Only the most frequent file type counts (Parquet, then jsonl, json, csv when even), as datasets infers its reader.
void keep_one_type(std::vector<std::string>& files) {
  std::map<std::string, size_t> counts;
  for (const std::string& file : files) {
    for (const std::string& suffix : suffixes(file)) {
      if (!type_of(suffix).empty()) ++counts[suffix];
    }
  }
  const auto rank = [](const std::pair<const std::string, size_t>& e) {
    return std::tuple(e.second, e.first == "parquet", e.first == "jsonl", e.first == "json", e.first == "csv", e.first);
  };
  const auto best =
      std::max_element(counts.begin(), counts.end(), [&](const auto& a, const auto& b) { return rank(a) < rank(b); });
  if (best == counts.end()) {
    files.clear();
    return;
  }
  const std::string_view type = type_of(best->first);
  std::erase_if(files, [&](const std::string& file) {
    const std::vector<std::string> all = suffixes(file);
    return std::none_of(all.begin(), all.end(), [&](const std::string& suffix) { return type_of(suffix) == type; });
  });
}

std::vector<std::string> names_of(const Splits& splits) {
  std::vector<std::string> names;
  for (const auto& [name, files] : splits) names.push_back(name);
  return names;
}

std::vector<std::string> take_split(Splits splits, const DatasetChoice& choice, const std::string& where) {
  LF_CHECK(kData, !splits.empty(), "{}: there are no data files{} (json, jsonl, csv, parquet, arrow, txt)", where,
           choice.folder.empty() ? "" : " in folder " + printable(choice.folder));
  for (auto& [name, files] : splits) {
    if (name == choice.split) {
      keep_one_type(files);
      LF_CHECK(kData, !files.empty(), "{}: split {} has no data files (json, jsonl, csv, parquet, arrow, txt)", where,
               printable(choice.split));
      return files;
    }
  }
  throw_error(ErrorKind::kData, "{}: Unknown split \"{}\". Should be one of {}{}", where, printable(choice.split),
              join(names_of(splits), ", "), did_you_mean(choice.split, names_of(splits)));
}

const DatasetConfig& pick_config(const std::vector<DatasetConfig>& configs, const std::string& subset,
                                 const std::string& where) {
  std::vector<std::string> names;
  const DatasetConfig* fallback = nullptr;
  for (const DatasetConfig& config : configs) {
    if (config.name == subset) return config;
    names.push_back(config.name);
    if (configs.size() == 1 || config.name == "default" || config.is_default) fallback = &config;
  }
  LF_CHECK(kData, subset.empty(), "{}: there is no subset '{}'; there are {}{}", where, printable(subset),
           printable(join(names, ", "), 500), did_you_mean(subset, names));
  LF_CHECK(kData, fallback, "{}: it has several subsets and none is the default; give subset: one of {}", where,
           printable(join(names, ", "), 500));
  return *fallback;
}

Splits config_splits(const std::vector<std::string>& names, const DatasetConfig& config, const std::string& where) {
  std::string base = config.data_dir;
  while (base.starts_with("./")) base = base.substr(2);
  while (base.ends_with('/')) base.pop_back();
  if (!config.data_files) return splits_by_names(names, base);
  Splits splits;
  for (const auto& [name, patterns] : *config.data_files) {
    std::vector<std::string> files;
    for (const std::string& pattern : patterns) {
      const bool outside = pattern.find("://") != std::string::npos || pattern.starts_with("/");
      LF_CHECK(kUnsupported, !outside, "{}: its data files lie outside of the repository ({}), which are not fetched",
               where, printable(pattern));
      std::vector<std::string> found = resolve(names, pattern, base);
      LF_CHECK(kData, !found.empty() || has_magic(pattern), "{}: its README.md names the file '{}', which is not there",
               where, printable(pattern));
      std::erase_if(found, [](const std::string& file) { return !is_data_file(file); });
      files.insert(files.end(), found.begin(), found.end());
    }
    splits.emplace_back(name, std::move(files));
  }
  return splits;
}

}  // namespace

bool is_data_file(std::string_view name) {
  const std::vector<std::string> all = suffixes(name);
  return std::any_of(all.begin(), all.end(), [](const std::string& suffix) { return !type_of(suffix).empty(); });
}

Splits splits_by_names(const std::vector<std::string>& names, const std::string& folder) {
  std::vector<std::string> data;
  std::copy_if(names.begin(), names.end(), std::back_inserter(data), is_data_file);
  std::sort(data.begin(), data.end());
  if (Splits splits = sharded_splits(data, folder); !splits.empty()) return splits;
  if (Splits splits = word_splits(data, folder, true); !splits.empty()) return splits;
  if (Splits splits = word_splits(data, folder, false); !splits.empty()) return splits;
  std::vector<std::string> all = resolve(data, "**", folder);
  if (all.empty()) return {};
  return {{"train", std::move(all)}};
}

std::vector<std::string> choose_dataset_files(const std::vector<std::string>& names,
                                              const std::vector<DatasetConfig>& configs, const DatasetChoice& choice,
                                              const std::string& where) {
  if (!choice.folder.empty()) {
    std::string folder = choice.folder;
    while (folder.starts_with("./")) folder = folder.substr(2);
    while (folder.ends_with('/')) folder.pop_back();
    return take_split(splits_by_names(names, folder), choice, where);
  }
  if (configs.empty()) {
    LF_CHECK(kData, choice.subset.empty() || choice.subset == "default", "{}: there is no subset '{}'; it has none",
             where, printable(choice.subset));
    return take_split(splits_by_names(names), choice, where);
  }
  std::vector<std::string> sorted = names;
  std::sort(sorted.begin(), sorted.end());
  return take_split(config_splits(sorted, pick_config(configs, choice.subset, where), where), choice, where);
}

std::vector<std::string> choose_converted_files(const std::vector<std::string>& names, const DatasetChoice& choice,
                                                const std::string& where) {
  std::vector<DatasetConfig> configs;
  std::vector<std::string> sorted = names;
  std::sort(sorted.begin(), sorted.end());
  for (const std::string& name : sorted) {
    const std::vector<std::string> parts = split(name, '/');
    if (parts.size() != 3 || !parts[2].ends_with(".parquet")) continue;
    if (configs.empty() || configs.back().name != parts[0]) {
      configs.push_back({.name = parts[0], .data_files = Splits{}});
    }
    const std::string part = parts[1].starts_with("partial-") ? parts[1].substr(8) : parts[1];
    Splits& splits = *configs.back().data_files;
    if (splits.empty() || splits.back().first != part) splits.emplace_back(part, std::vector<std::string>{});
    splits.back().second.push_back(name);
  }
  LF_CHECK(kData, !configs.empty(), "{}: its Parquet conversion is empty", where);
  return take_split(*pick_config(configs, choice.subset, where).data_files, choice, where);
}

}  // namespace lf
