// rooms: base hub
// Any bytes as what a hub answers: file lists, repository info, headers, dataset cards. Names that come through stay
// below the folder they are joined to; nothing but an Error is thrown.
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "base/error.h"
#include "hub/dataset_files.h"
#include "hub/file_list.h"
#include "hub/http.h"
#include "hub/model_files.h"
#include "hub/names.h"
#include "hub/patterns.h"
#include "hub/url.h"

namespace {

void require(bool good) {
  if (!good) std::abort();
}

void check_names(const std::vector<lf::RepoFile>& files) {
  std::vector<std::string> names;
  for (const lf::RepoFile& file : files) {
    const std::filesystem::path joined = (std::filesystem::path("/cache/x") / file.path).lexically_normal();
    require(joined.string().starts_with("/cache/x/") && file.path.find('\\') == std::string::npos);
    require(file.path.find_first_of(std::string("\0\n\x1b", 3)) == std::string::npos);
    names.push_back(file.path);
  }
  lf::select_model_files(names);
  lf::splits_by_names(names);
}

void as_list(const std::string& text) {
  const std::vector<lf::RepoFile> files = lf::parse_hf_tree(text, "tree");
  check_names(files);
  const auto again = lf::parse_tree_cache(lf::tree_cache_text(files));
  require(again && again->size() == files.size());
}

void as_header(const std::string& text) {
  lf::HttpHeaders headers;
  headers.add("Content-Length", text);
  headers.number("content-length");
  const std::string next = lf::next_link(text);
  if (!next.empty()) lf::url_origin(lf::resolve_url("https://hub.example/api", next));
  require(lf::etag_name(text).find('/') == std::string::npos);
}

/// "pattern\npath": both matchers come to an end.
void as_pattern(const std::string& text) {
  const size_t line = text.find('\n');
  if (line == std::string::npos || text.size() > 4096) return;
  lf::matches_name(text.substr(line + 1), text.substr(0, line));
  lf::matches_path(text.substr(line + 1), text.substr(0, line));
}

void as_card(const std::string& text) {
  const auto configs = lf::parse_dataset_configs(text, "README.md");
  const std::vector<std::string> names = {"README.md", "data/train-00000-of-00001.parquet", "a/test.json", "b.csv",
                                          "x/y/train.jsonl.gz"};
  for (const std::string& file : lf::choose_dataset_files(names, configs, {}, "dataset")) {
    require(std::find(names.begin(), names.end(), file) != names.end());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0 || size > 1 << 16) return 0;
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  try {
    switch (data[0] % 7) {
      case 0:
        as_list(text);
        break;
      case 1:
        check_names(lf::parse_ms_files(text, "files").files);
        break;
      case 2:
        require(lf::is_commit(lf::parse_hf_commit(text, "info")));
        break;
      case 3:
        if (const auto files = lf::parse_tree_cache(text)) check_names(*files);
        break;
      case 4:
        as_header(text);
        break;
      case 5:
        as_pattern(text);
        break;
      default:
        as_card(text);
    }
  } catch (const lf::Error& error) {
    require(error.kind() != lf::ErrorKind::kInternal);
  }
  return 0;
}
