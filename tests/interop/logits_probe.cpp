// Lets Python tests compare logits: `logits_probe MODEL ADAPTER IDS OUT` runs the int64 tensor `ids` (T) of the
// safetensors file IDS through the model, with the adapter unless ADAPTER is "-", and writes `logits` (T, vocabulary)
// in fp32.
#include <cstdio>

#include "adapters/lora_set.h"
#include "base/error.h"
#include "io/safetensors.h"
#include "io/safetensors_writer.h"
#include "model/loader.h"
#include "model/mixture_of_depths.h"

int main(int argc, char** argv) {
  if (argc != 5) return 64;
  try {
    lf::LoadOptions options;
    options.dtype = at::kFloat;
    const lf::Json config = lf::read_json(std::filesystem::path(argv[1]) / "config.json");
    if (lf::has_routed_depth(config)) options.depth = lf::DepthMode::kLoad;
    lf::LoadedModel loaded = lf::load_model(argv[1], options);
    std::unique_ptr<lf::LoraSet> adapter;
    if (std::string_view(argv[2]) != "-") {
      adapter = lf::LoraSet::from_folder(*loaded.model, argv[2], {.trainable = false});
    }
    loaded.model->train(false);
    at::NoGradGuard no_grad;
    const at::Tensor ids = lf::SafetensorsFile(argv[3]).tensor("ids");
    const at::Tensor hidden = loaded.model->forward({ids, at::arange(ids.size(0)), {0, ids.size(0)}, {}});
    lf::write_safetensors(argv[4], std::vector<lf::NamedTensor>{{"logits", loaded.model->logits(hidden)}});
  } catch (const lf::Error& error) {
    std::printf("%s: %s\n", lf::kind_name(error.kind()), error.what());
    return 1;
  }
  return 0;
}
