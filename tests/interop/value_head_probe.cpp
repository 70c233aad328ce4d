// Lets Python tests compare value heads: `value_head_probe MODEL HEAD IDS OUT` runs the int64 tensor `ids` (T) of the
// safetensors file IDS through the model and the value head in folder HEAD (safetensors or pickle), writes `values` (T)
// to OUT/values.safetensors and the head again to OUT.
#include <cstdio>

#include "base/error.h"
#include "io/safetensors.h"
#include "io/safetensors_writer.h"
#include "model/loader.h"
#include "model/value_head.h"

int main(int argc, char** argv) {
  if (argc != 5) return 64;
  try {
    lf::LoadedModel loaded = lf::load_model(argv[1], {.dtype = at::kFloat});
    lf::ValueHead head(lf::value_head_options(*loaded.model, loaded.config));
    if (!head.load(argv[2], /*allow_legacy_bin=*/true)) return 2;
    at::NoGradGuard no_grad;
    const at::Tensor ids = lf::SafetensorsFile(argv[3]).tensor("ids");
    const at::Tensor hidden = loaded.model->forward({ids, at::arange(ids.size(0)), {0, ids.size(0)}, {}});
    lf::OutputFolder out(argv[4]);
    out.write_tensors("values.safetensors", std::vector<lf::NamedTensor>{{"values", head.forward(hidden)}});
    head.write(out);
  } catch (const lf::Error& error) {
    std::printf("%s: %s\n", lf::kind_name(error.kind()), error.what());
    return 1;
  }
  return 0;
}
