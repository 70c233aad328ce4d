// `estimate`: what a training run will need, before anything is loaded; `--preflight` tries two updates and compares.
#include "stages/estimate.h"

#include <unistd.h>

#include <algorithm>

#include "base/error.h"
#include "base/json.h"
#include "base/strings.h"
#include "base/terminal.h"
#include "cli/arguments.h"
#include "cli/command.h"

namespace lf {
namespace {

constexpr std::string_view kUsage = "estimate CONFIG.yaml [key=value ...] [--json] [--preflight]";

constexpr std::string_view kHelp =
    "usage: llamafactory-cli estimate CONFIG.yaml [key=value ...] [--json] [--preflight]\n"
    "Parameters, operations and memory of a training run on full micro-batches (per_device_train_batch_size times\n"
    "cutoff_len tokens), from its configuration: no weights are read.\n"
    "  --json       for programs\n"
    "  --preflight  loads the model, runs two updates on random tokens and compares\n";

struct EstimateArguments {
  std::vector<std::string> config;
  bool json = false, preflight = false;
};

EstimateArguments parse(std::span<const std::string> args) {
  EstimateArguments out;
  for (const std::string& arg : args) {
    if (arg == "--json") {
      out.json = true;
    } else if (arg == "--preflight") {
      out.preflight = true;
    } else {
      out.config.push_back(arg);
    }
  }
  LF_CHECK(kConfig, !out.config.empty(), "estimate what?\n{}", kHelp);
  return out;
}

Json memory_json(const TrainingMemory& memory) {
  Json moments = Json::object();
  for (const auto& [name, bytes] : memory.moments) moments[name] = bytes;
  return {{"process", memory.process},
          {"weights", memory.weights},
          {"trainable", memory.trainable},
          {"gradients", memory.gradients},
          {"optimizer", memory.optimizer},
          {"activations", {{"kept", memory.activations_kept}, {"recomputed", memory.activations_recompute}}},
          {"loss", memory.logits},
          {"allocator", memory.allocator},
          {"moments", moments},
          {"peak", memory.peak().second},
          {"peak_at", memory.peak().first}};
}

Json estimate_json(const RunEstimate& run) {
  return {{"model_type", run.model_type},
          {"parameters", run.parameters},
          {"trainable_parameters", run.trainable},
          {"flops_per_token", {{"forward", run.forward_flops}, {"training", run.training_flops}}},
          {"tokens_per_micro_batch", run.tokens},
          {"gradient_checkpointing", run.recompute},
          {"cache_bytes_per_token", run.cache_bytes_per_token},
          {"memory", memory_json(run.memory)}};
}

std::string memory_text(const RunEstimate& run) {
  const TrainingMemory& memory = run.memory;
  std::string text = "memory:\n";
  const auto line = [&](const char* name, uint64_t bytes, const std::string& note = "") {
    text += fmt::format("  {:<22}{:>10}{}\n", name, human_bytes(bytes), note.empty() ? "" : "  " + note);
  };
  line("process", memory.process, "program, libraries, data");
  line("weights", memory.weights, "as stored");
  line("trainable copies", memory.trainable);
  line("gradients", memory.gradients);
  line("optimizer state", memory.optimizer);
  const auto other = [&](const char* what, uint64_t bytes) { return fmt::format("{}: {}", what, human_bytes(bytes)); };
  if (run.recompute) {
    line("activations", memory.activations_recompute,
         "recomputed; " + other("without gradient checkpointing", memory.activations_kept));
  } else {
    line("activations", memory.activations_kept,
         "kept; " + other("with gradient checkpointing", memory.activations_recompute));
  }
  line("logits and loss", memory.logits);
  line("allocator", memory.allocator, "freed, but kept for use again");
  line("highest", memory.peak().second, "not all at once; at the moment: " + memory.peak().first);
  if (run.cache_bytes_per_token > 0)
    line("cache", run.cache_bytes_per_token * 1000, "for 1,000 tokens, when generating");
  return text;
}

std::string estimate_text(const RunEstimate& run) {
  const double percent =
      100.0 * static_cast<double>(run.trainable) / static_cast<double>(std::max<int64_t>(1, run.parameters));
  return fmt::format(
             "model_type: {}\nparameters: {}\ntrainable parameters: {} ({:.4f}%)\n"
             "operations per token: {:.3g} forward, {:.3g} training\ntokens of a micro-batch: {}\n",
             run.model_type, run.parameters, run.trainable, percent, run.forward_flops, run.training_flops,
             run.tokens) +
         memory_text(run);
}

int run_estimate(std::span<const std::string> args) {
  const auto help = [](const std::string& a) { return a == "-h" || a == "--help"; };
  if (std::any_of(args.begin(), args.end(), help)) {
    write_fully(STDOUT_FILENO, kHelp);
    return 0;
  }
  const EstimateArguments arguments = parse(args);
  const std::optional<RunConfig> config = parse_or_help("estimate", ConfigKind::kTrain, arguments.config);
  if (!config) return 0;
  const RunEstimate run = estimate_run(*config);
  Json json = estimate_json(run);
  std::string text = estimate_text(run);
  if (arguments.preflight) {
    const Preflight tried = run_preflight(*config);
    const double difference =
        100.0 * (static_cast<double>(run.memory.peak().second) / static_cast<double>(tried.measured) - 1.0);
    json["preflight"] = {{"measured", tried.measured}, {"difference_percent", difference}, {"seconds", tried.seconds}};
    text += fmt::format("preflight: {} measured over two updates; the estimate is {:+.1f}% of it; {:.3g} s an update\n",
                        human_bytes(tried.measured), difference, tried.seconds);
  }
  write_fully(STDOUT_FILENO, arguments.json ? python_json(json, 2) + "\n" : text);
  return 0;
}

}  // namespace

extern const CommandEntry entry_estimate;
constinit const CommandEntry entry_estimate{"estimate", "memory of a training run, beforehand", kUsage, run_estimate};

}  // namespace lf
