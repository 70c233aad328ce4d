#include "checkpoint/checkpoint.h"

#include <ATen/detail/CUDAHooksInterface.h>

#include "base/error.h"
#include "base/files.h"
#include "base/log.h"
#include "checkpoint/manifest.h"
#include "checkpoint/retention.h"
#include "io/safetensors.h"
#include "io/safetensors_writer.h"
#include "tensor/rng.h"

namespace lf {
namespace {

constexpr const char* kOptimizer = "optimizer.safetensors";
constexpr const char* kScheduler = "scheduler.json";
constexpr const char* kRng = "rng.json";
constexpr const char* kData = "data.json";
constexpr const char* kTrainerState = "trainer_state.json";
constexpr const char* kConfig = "training_args.yaml";
constexpr std::string_view kCuda = "cuda:";

std::string to_hex(const Tensor& bytes) {
  const Tensor plain = bytes.to(at::kCPU).contiguous();
  const auto* data = static_cast<const uint8_t*>(plain.const_data_ptr());
  std::string hex;
  hex.reserve(2 * plain.nbytes());
  for (size_t i = 0; i < plain.nbytes(); ++i) fmt::format_to(std::back_inserter(hex), "{:02x}", data[i]);
  return hex;
}

Tensor from_hex(const std::string& hex, const std::string& where) {
  LF_CHECK(kFormat, hex.size() % 2 == 0 && hex.find_first_not_of("0123456789abcdef") == std::string::npos,
           "{}: a generator state is not hexadecimal", where);
  Tensor bytes = at::empty({static_cast<int64_t>(hex.size() / 2)}, at::kByte);
  auto* out = bytes.mutable_data_ptr<uint8_t>();
  auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  for (size_t i = 0; i < hex.size() / 2; ++i)
    out[i] = static_cast<uint8_t>(digit(hex[2 * i]) << 4 | digit(hex[2 * i + 1]));
  return bytes;
}

void write_state(OutputFolder& folder, const TrainingSnapshot& snapshot) {
  folder.write_tensors(kOptimizer, snapshot.optimizer);
  folder.write_text(kScheduler, snapshot.scheduler.dump(2) + "\n");
  Json generators = Json::object();
  for (const auto& [name, state] : snapshot.generators) generators[name] = to_hex(state);
  folder.write_text(kRng, generators.dump(2) + "\n");
}

void write_position(OutputFolder& folder, const TrainingSnapshot& snapshot) {
  Json position;
  position["step"] = snapshot.step;
  position["epoch"] = snapshot.epoch;
  position["data"] = snapshot.data;
  position["loop"] = snapshot.loop;
  folder.write_text(kData, position.dump(2) + "\n");
  folder.write_text(kTrainerState, snapshot.trainer_state);
  folder.write_text(kConfig, snapshot.config_yaml);
}

/// What the next checkpoint will probably need: as much as the newest one, at least the optimizer.
uint64_t expected_bytes(const std::filesystem::path& output_dir, const TrainingSnapshot& snapshot, bool only_model) {
  uint64_t newest = 0;
  const auto checkpoints = list_checkpoints(output_dir);
  std::error_code status;
  if (!checkpoints.empty()) {
    for (const auto& item : std::filesystem::directory_iterator(checkpoints.back().folder, status)) {
      if (item.is_regular_file(status)) newest += item.file_size(status);
    }
  }
  return std::max(newest, only_model ? uint64_t{0} : tensor_bytes(snapshot.optimizer));
}

/// Gives `temp` its final name. When that name is taken (the same step saved again), both are swapped at once.
void publish(const std::filesystem::path& temp, const std::filesystem::path& target) {
  std::error_code status;
  if (!std::filesystem::exists(target, status)) {
    rename_path(temp, target);
    return;
  }
  const auto trash = target.parent_path() / (".trash-" + random_token());
  if (exchange_paths(temp, target)) {
    std::filesystem::rename(temp, trash, status);
  } else {
    rename_path(target, trash);
    try {
      rename_path(temp, target);
    } catch (...) {
      std::filesystem::rename(trash, target, status);
      throw;
    }
  }
  std::filesystem::remove_all(trash, status);
}

std::string parent_name(const std::filesystem::path& output_dir, int64_t step) {
  std::string name;
  for (const CheckpointEntry& entry : list_checkpoints(output_dir)) {
    if (entry.step < step) name = entry.folder.filename().string();
  }
  return name;
}

void fill(const std::filesystem::path& temp, const std::filesystem::path& output_dir, const TrainingSnapshot& snapshot,
          const CheckpointOptions& options, const std::function<void(OutputFolder&)>& write_model) {
  OutputFolder folder(temp, WriteMode::kFresh);
  write_model(folder);
  if (!options.only_model) write_state(folder, snapshot);
  write_position(folder, snapshot);
  Manifest manifest;
  manifest.step = snapshot.step;
  manifest.config_sha256 = sha256_hex(snapshot.config_yaml);
  manifest.parent = parent_name(output_dir, snapshot.step);
  manifest.files = folder.records();
  folder.write_text(kManifestName, format_manifest(manifest));
  sync_folder(temp);
}

std::string text_or_empty(const std::filesystem::path& path) {
  std::error_code status;
  return std::filesystem::exists(path, status) ? read_file(path) : "";
}

void load_state(const std::filesystem::path& folder, TrainingSnapshot& snapshot) {
  SafetensorsFile optimizer(folder / kOptimizer);
  for (const std::string& name : optimizer.names()) snapshot.optimizer.emplace_back(name, optimizer.tensor(name));
  snapshot.scheduler = read_json(folder / kScheduler);
  const std::string where = (folder / kRng).string();
  const Json generators = read_json(folder / kRng);
  LF_CHECK(kFormat, generators.is_object(), "{}: must be an object", where);
  for (const auto& [name, state] : generators.items()) {
    LF_CHECK(kFormat, state.is_string(), "{}: state of generator '{}' must be text", where, name);
    snapshot.generators.emplace_back(name, from_hex(state.get<std::string>(), where));
  }
}

void load_position(const std::filesystem::path& path, TrainingSnapshot& snapshot) {
  const Json position = read_json(path);
  try {
    snapshot.step = position.at("step").get<int64_t>();
    snapshot.epoch = position.at("epoch").get<double>();
    snapshot.data = position.at("data");
    snapshot.loop = position.at("loop");
  } catch (const nlohmann::json::exception& error) {
    throw_error(ErrorKind::kFormat, "{}: {}", path.string(), error.what());
  }
}

/// A checkpoint that Python wrote says how far it is in trainer_state.json only.
void load_foreign_position(const std::filesystem::path& path, TrainingSnapshot& snapshot) {
  const Json state = read_json(path);
  LF_CHECK(kFormat, state.is_object() && state.contains("global_step") && state["global_step"].is_number_integer(),
           "{}: has no 'global_step'", path.string());
  snapshot.step = state["global_step"].get<int64_t>();
  if (state.contains("epoch") && state["epoch"].is_number()) snapshot.epoch = state["epoch"].get<double>();
}

}  // namespace

std::vector<NamedTensor> capture_generators(std::vector<NamedTensor> run_generators) {
  if (!at::globalContext().hasCUDA()) return run_generators;
  const int devices = at::detail::getCUDAHooks().deviceCount();
  for (int i = 0; i < devices; ++i) {
    const c10::Device device(c10::DeviceType::CUDA, static_cast<c10::DeviceIndex>(i));
    run_generators.emplace_back(std::string(kCuda) + std::to_string(i), default_generator_state(device));
  }
  return run_generators;
}

std::vector<NamedTensor> restore_device_generators(const std::vector<NamedTensor>& generators) {
  std::vector<NamedTensor> rest;
  const int devices = at::globalContext().hasCUDA() ? at::detail::getCUDAHooks().deviceCount() : 0;
  for (const auto& [name, state] : generators) {
    if (!name.starts_with(kCuda)) {
      rest.emplace_back(name, state);
      continue;
    }
    const c10::Device device(name);
    if (device.index() < devices) set_default_generator_state(device, state);
  }
  return rest;
}

std::filesystem::path save_checkpoint(const std::filesystem::path& output_dir, const TrainingSnapshot& snapshot,
                                      const CheckpointOptions& options,
                                      const std::function<void(OutputFolder&)>& write_model) {
  const std::string name = "checkpoint-" + std::to_string(snapshot.step);
  const auto target = output_dir / name;
  const auto temp = output_dir / (".ckpt-" + std::to_string(snapshot.step) + ".tmp-" + random_token());
  create_folder(output_dir);
  require_free_space(output_dir, expected_bytes(output_dir, snapshot, options.only_model), name);
  try {
    fill(temp, output_dir, snapshot, options, write_model);
    publish(temp, target);
  } catch (...) {
    std::error_code ignored;
    std::filesystem::remove_all(temp, ignored);
    throw;
  }
  sync_folder(output_dir);
  rotate_checkpoints(output_dir, options.save_total_limit, options.best_step);
  return target;
}

LoadedCheckpoint load_checkpoint(const std::filesystem::path& folder) {
  LoadedCheckpoint loaded{.folder = folder};
  TrainingSnapshot& snapshot = loaded.snapshot;
  std::error_code status;
  snapshot.trainer_state = text_or_empty(folder / kTrainerState);
  snapshot.config_yaml = text_or_empty(folder / kConfig);
  if (std::filesystem::exists(folder / kData, status)) {
    load_position(folder / kData, snapshot);
  } else {
    load_foreign_position(folder / kTrainerState, snapshot);
  }
  loaded.has_state = std::filesystem::exists(folder / kOptimizer, status);
  if (loaded.has_state) {
    load_state(folder, snapshot);
  } else {
    log_warn("checkpoint",
             "{} holds no optimizer state that can be read: optimizer, generators and schedule start afresh",
             folder.string());
  }
  return loaded;
}

}  // namespace lf
