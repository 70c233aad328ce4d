// Peak memory of loading: at most 1.1 times the weights, whatever is converted.
#include <gtest/gtest.h>
#include <malloc.h>

#include <fstream>

#include "io/safetensors_writer.h"
#include "model/arch.h"
#include "model/loader.h"
#include "support/temp_folder.h"
#include "tensor/pch.h"

namespace lf::testing {
namespace {

constexpr double kMega = 1e6;

/// "VmRSS" or "VmHWM" of this process, in bytes.
double memory(const std::string& what) {
  std::ifstream status("/proc/self/status");
  std::string line;
  while (std::getline(status, line)) {
    if (line.starts_with(what + ":")) return 1024.0 * std::stod(line.substr(what.size() + 1));
  }
  return 0;
}

/// How far memory rose above where it was while `action` ran.
template <class Action>
double peak_of(const Action& action) {
  malloc_trim(0);                                 // what was freed must not hide what is allocated
  std::ofstream("/proc/self/clear_refs") << "5";  // the high-water mark starts anew
  const double before = memory("VmRSS");
  action();
  return memory("VmHWM") - before;
}

class LoadMemory : public ::testing::Test {
 protected:
  static Json config() {
    return {{"model_type", "llama"},     {"vocab_size", 24000},    {"hidden_size", 512},
            {"intermediate_size", 1536}, {"num_hidden_layers", 8}, {"num_attention_heads", 8},
            {"num_key_value_heads", 4},  {"rms_norm_eps", 1e-5},   {"max_position_embeddings", 64}};
  }
  /// Three shards and more, all ones.
  void write(c10::ScalarType dtype) {
    std::vector<NamedTensor> tensors;
    for (const TensorShape& tensor : describe_model(config()).tensors())
      tensors.emplace_back(tensor.name, at::ones({1}, at::TensorOptions().dtype(dtype)).expand(tensor.shape));
    OutputFolder folder(dir.path());
    write_sharded_safetensors(folder, tensors, 40'000'000);
    std::ofstream(dir / "config.json") << config().dump();
    elements = 0;
    for (const NamedTensor& tensor : tensors) elements += tensor.second.numel();
  }
  double bytes_in(c10::ScalarType dtype) const { return static_cast<double>(elements * c10::elementSize(dtype)); }

  TempFolder dir;
  int64_t elements = 0;
};

TEST_F(LoadMemory, WideningAndNarrowingNeedHardlyMoreThanTheResult) {
  for (const auto& [stored, wanted] : {std::pair{at::kBFloat16, at::kFloat}, std::pair{at::kFloat, at::kBFloat16}}) {
    write(stored);
    LoadedModel loaded;
    const double peak = peak_of([&] { loaded = load_model(dir.path(), {.dtype = wanted}); });
    EXPECT_EQ(loaded.model->head().weight()[0][0].item<float>(), 1.0f);
    EXPECT_LE(peak, 1.1 * bytes_in(wanted))
        << peak / kMega << " MB for " << bytes_in(wanted) / kMega << " MB of weights";
    EXPECT_GE(peak, 0.9 * bytes_in(wanted)) << "the measurement works";
  }
}

TEST_F(LoadMemory, UnchangedWeightsAreTheFileUntilTheyAreUsed) {
  write(at::kBFloat16);
  LoadedModel loaded;
  EXPECT_LE(peak_of([&] { loaded = load_model(dir.path()); }), 0.1 * bytes_in(at::kBFloat16));
}

TEST_F(LoadMemory, FullTuningGivesThePagesOfTheFileBack) {
  write(at::kBFloat16);
  LoadedModel loaded;
  const double peak = peak_of([&] {
    loaded = load_model(dir.path());
    for (const NamedParameter& parameter : loaded.model->named_parameters()) make_trainable(parameter);
  });
  EXPECT_LE(peak, 1.1 * bytes_in(at::kFloat));
}

TEST_F(LoadMemory, RandomWeightsAreMadeInTheirType) {
  LoadedModel loaded;
  write(at::kBFloat16);
  const double peak = peak_of([&] { loaded = build_random_model(config(), {.dtype = at::kBFloat16}); });
  EXPECT_LE(peak, 1.1 * bytes_in(at::kBFloat16)) << "one piece of fp32 numbers beside it";
}

}  // namespace
}  // namespace lf::testing
