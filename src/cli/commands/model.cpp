// `model list | info`: the models that are known by name, and what a model's folder holds.
#include <unistd.h>

#include <algorithm>

#include "base/error.h"
#include "base/strings.h"
#include "base/terminal.h"
#include "cli/command.h"
#include "cli/model_table.h"
#include "io/safetensors.h"
#include "model/arch.h"
#include "model/mixture_of_depths.h"

namespace lf {
namespace {

constexpr std::string_view kUsage = "model list [NAME] [--filter TEXT] [--unsupported] [--json] | model info FOLDER";

constexpr std::string_view kHelp =
    "usage: llamafactory-cli model list [NAME] [--filter TEXT] [--unsupported] [--json]\n"
    "       llamafactory-cli model info FOLDER [--json]\n"
    "  list         the models that LLaMA-Factory names, with size, architecture, chat template and repositories, and\n"
    "               whether this build loads them; NAME (or a repository) shows one of them\n"
    "    --filter TEXT  those with TEXT in name, repository, model_type or template\n"
    "    --unsupported  those that this build does not load, with the reason\n"
    "    --json         for programs\n"
    "  info         reads config.json (and the weights' headers) of a model's folder and describes the model\n";

struct ModelArguments {
  std::string action, name;
  CatalogueQuery query;
  bool json = false, markdown = false;
};

ModelArguments parse(std::span<const std::string> args) {
  ModelArguments out;
  const std::vector<std::string> actions = {"list", "info"};
  LF_CHECK(kConfig, !args.empty(), "model what?\n{}", kHelp);
  LF_CHECK(kConfig, args[0] == "list" || args[0] == "info", "model {}: not known{}\nusage: llamafactory-cli {}",
           printable(args[0]), did_you_mean(args[0], actions), kUsage);
  out.action = args[0];
  for (size_t i = 1; i < args.size(); ++i) {
    const std::string& arg = args[i];
    if (arg == "--json") {
      out.json = true;
    } else if (arg == "--markdown" && out.action == "list") {  // for docs/MODELS.md
      out.markdown = true;
    } else if (arg == "--unsupported" && out.action == "list") {
      out.query.only_unsupported = true;
    } else if (arg == "--filter" && out.action == "list") {
      LF_CHECK(kConfig, i + 1 < args.size(), "--filter needs a text\nusage: llamafactory-cli {}", kUsage);
      out.query.filter = args[++i];
    } else if (arg.starts_with("--filter=") && out.action == "list") {
      out.query.filter = arg.substr(arg.find('=') + 1);
    } else {
      LF_CHECK(kConfig, !arg.starts_with("-") && out.name.empty(),
               "model {}: '{}' is not an argument{}\nusage: llamafactory-cli {}", out.action, printable(arg),
               did_you_mean(arg, {"--filter", "--unsupported", "--json"}), kUsage);
      out.name = arg;
    }
  }
  LF_CHECK(kConfig, out.action == "list" || !out.name.empty(), "model info: which folder?\nusage: llamafactory-cli {}",
           kUsage);
  return out;
}

int list(const ModelArguments& args) {
  std::string text;
  if (args.markdown) {
    text = catalogue_markdown();
  } else if (!args.name.empty()) {
    const CatalogueModel* model = find_catalogue_model(args.name);
    LF_CHECK(kConfig, model, "the catalogue has no model '{}'{}", printable(args.name), catalogue_hint(args.name));
    text = args.json ? python_json(catalogue_json({model})[0], 2) + "\n" : catalogue_details(*model);
  } else {
    const auto models = query_catalogue(args.query);
    text = args.json ? python_json(catalogue_json(models), 1) + "\n" : catalogue_text(models);
  }
  write_fully(STDOUT_FILENO, text);
  return 0;
}

bool has_weights(const std::filesystem::path& folder) {
  std::error_code status;
  return std::filesystem::exists(folder / "model.safetensors", status) ||
         std::filesystem::exists(folder / "model.safetensors.index.json", status);
}

int info(const ModelArguments& args) {
  const std::filesystem::path folder = args.name;
  std::error_code status;
  LF_CHECK(kIo, std::filesystem::is_directory(folder, status), "{}: there is no such folder{}", args.name,
           catalogue_hint(args.name));
  const Json config = read_json(folder / "config.json");
  ModelSpec spec = describe_model(config);
  if (has_routed_depth(config)) route_depth(spec);
  Json facts = {{"folder", args.name}, {"weights", Json()}, {"weight_bytes", Json()}};
  std::string weights = "none";
  if (has_weights(folder)) {
    const ModelWeights files(folder);
    facts["weights"] = files.names().size();
    facts["weight_bytes"] = files.total_bytes();
    weights = fmt::format("{} tensors, {}", files.names().size(), human_bytes(files.total_bytes()));
  }
  std::string text = spec.to_string() + "weights: " + weights + "\n";
  if (args.json) {
    for (const std::string& line : split(std::string(trim(spec.to_string())), '\n')) {
      const size_t colon = line.find(": ");
      if (colon != std::string::npos) facts[line.substr(0, colon)] = line.substr(colon + 2);
    }
    facts["parameters"] = spec.parameter_count();
    facts["linear_names"] = spec.linear_names();
    text = python_json(facts, 2) + "\n";
  }
  write_fully(STDOUT_FILENO, text);
  return 0;
}

int run_model(std::span<const std::string> args) {
  const auto help = [](const std::string& a) { return a == "-h" || a == "--help" || a == "help"; };
  if (std::any_of(args.begin(), args.end(), help)) {
    write_fully(STDOUT_FILENO, kHelp);
    return 0;
  }
  const ModelArguments arguments = parse(args);
  return arguments.action == "list" ? list(arguments) : info(arguments);
}

}  // namespace

extern const CommandEntry entry_model;
constinit const CommandEntry entry_model{"model", "known models, and what a folder holds", kUsage, run_model};

}  // namespace lf
