// `download`: a model or dataset of a hub into the cache that the hub's Python client uses; prints the folder.
#include <unistd.h>

#include <algorithm>

#include "base/error.h"
#include "base/strings.h"
#include "base/terminal.h"
#include "cli/command.h"
#include "hub/model_files.h"
#include "hub/patterns.h"
#include "hub/repo.h"

namespace lf {
namespace {

constexpr std::string_view kUsage =
    "download REPO [--repo-type model|dataset] [--revision R] [--include PATTERN]... [--exclude PATTERN]... "
    "[--cache-dir FOLDER]";

constexpr std::string_view kHelp =
    "usage: llamafactory-cli download REPO [options]     prints the folder that holds the files\n"
    "  --repo-type model|dataset  what REPO is; default model\n"
    "  --revision R               branch, tag or commit; default main\n"
    "  --include PATTERN          only such files, e.g. '*.json'; may be repeated. Default: of a model what training\n"
    "                             needs (configuration, safetensors, tokenizer), of a dataset everything\n"
    "  --exclude PATTERN          not such files; may be repeated\n"
    "  --cache-dir FOLDER         default: the cache of the hub's Python client\n"
    "The hub is Hugging Face, with USE_MODELSCOPE_HUB=1 ModelScope. Tokens: HF_TOKEN, MODELSCOPE_API_TOKEN.\n";

struct DownloadArguments {
  RepoRequest repo;
  std::vector<std::string> include, exclude;
  HubKeys keys;
};

DownloadArguments parse(std::span<const std::string> args) {
  DownloadArguments out;
  for (size_t i = 0; i < args.size(); ++i) {
    std::string name = args[i];
    if (!name.starts_with("--")) {
      LF_CHECK(kConfig, out.repo.id.empty(), "one repository at a time: '{}' and '{}'", printable(out.repo.id),
               printable(name));
      out.repo.id = name;
      continue;
    }
    std::string value;
    if (const size_t equal = name.find('='); equal != std::string::npos) {
      value = name.substr(equal + 1);
      name.resize(equal);
    } else {
      LF_CHECK(kConfig, i + 1 < args.size(), "{} needs a value\nusage: llamafactory-cli {}", printable(name), kUsage);
      value = args[++i];
    }
    if (name == "--repo-type") {
      LF_CHECK(kConfig, value == "model" || value == "dataset", "--repo-type must be model or dataset but is '{}'",
               printable(value));
      out.repo.type = value == "model" ? RepoType::kModel : RepoType::kDataset;
    } else if (name == "--revision") {
      out.repo.revision = value;
    } else if (name == "--include") {
      out.include.push_back(value);
    } else if (name == "--exclude") {
      out.exclude.push_back(value);
    } else if (name == "--cache-dir") {
      out.keys.cache_dir = value;
    } else {
      throw_error(ErrorKind::kConfig, "{} is not known{}\nusage: llamafactory-cli {}", printable(name),
                  did_you_mean(name, {"--repo-type", "--revision", "--include", "--exclude", "--cache-dir"}), kUsage);
    }
  }
  LF_CHECK(kConfig, !out.repo.id.empty(), "which repository?\nusage: llamafactory-cli {}", kUsage);
  return out;
}

std::vector<std::string> choose(const Repo& repo, const DownloadArguments& arguments) {
  std::vector<std::string> names = repo.names();
  const auto any = [](const std::string& name, const std::vector<std::string>& patterns) {
    return std::any_of(patterns.begin(), patterns.end(), [&](const auto& p) { return matches_name(name, p); });
  };
  if (!arguments.include.empty()) {
    std::erase_if(names, [&](const std::string& name) { return !any(name, arguments.include); });
  } else if (arguments.repo.type == RepoType::kModel) {
    names = select_model_files(names);
  }
  std::erase_if(names, [&](const std::string& name) { return any(name, arguments.exclude); });
  LF_CHECK(kConfig, !names.empty(), "{}: none of its {} files is wanted", repo.text(), repo.files().size());
  return names;
}

int run_download(std::span<const std::string> args) {
  if (std::any_of(args.begin(), args.end(), [](const auto& a) { return a == "-h" || a == "--help"; })) {
    write_fully(STDOUT_FILENO, kHelp);
    return 0;
  }
  const DownloadArguments arguments = parse(args);
  const auto repo = Repo::open(arguments.repo, hub_settings(hub_of_environment(), arguments.keys));
  const std::filesystem::path folder = repo->fetch(choose(*repo, arguments));
  repo->publish();
  write_fully(STDOUT_FILENO, folder.string() + "\n");
  return 0;
}

}  // namespace

extern const CommandEntry entry_download;
constinit const CommandEntry entry_download{"download", "fetch a model or dataset from a hub", kUsage, run_download};

}  // namespace lf
