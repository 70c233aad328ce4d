// Models as mixtures of depths: which families, which blocks, how files tell, first routers (layers/mixture_of_depths.h
// says what a routed block computes). Files are those of the Python package mixture-of-depth.
#pragma once
#include <string>
#include <string_view>

#include "base/json.h"
#include "model/decoder.h"
#include "model/loader.h"

namespace lf {

/// Whether config.json belongs to a model that was saved with routers: architectures names a class with "MoD".
bool has_routed_depth(const Json& config);

/// kConfig when `mode` does not fit what config.json is: routers there without kLoad, or none with it. kUnsupported for
/// families without mixtures of depths. `where` names the model in messages.
void check_depth_mode(DepthMode mode, const Json& config, const std::string& where);

/// Every other block, from the second on, gets a router.
void route_depth(ModelSpec& spec);

/// "LlamaMoDForCausalLM", which config.json's architectures names once a model of this type has routers; "" for
/// families without.
std::string routed_class_name(std::string_view model_type);

/// The name in an ordinary checkpoint of a parameter of a routed block: "model.layers.1.block.mlp..." ->
/// "model.layers.1.mlp...".
std::string unrouted_name(std::string_view name);

/// Whether the parameter belongs to a depth router.
bool is_router(const NamedParameter& parameter);

/// Draws the routers' parameters as torch.nn.Linear does, in the dtype of the embedding, from `seed`.
void fill_routers(Decoder& model, uint64_t seed);

}  // namespace lf
