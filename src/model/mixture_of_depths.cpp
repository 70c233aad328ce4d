#include "model/mixture_of_depths.h"

#include <algorithm>
#include <array>

#include "base/error.h"
#include "base/strings.h"
#include "layers/mixture_of_depths.h"
#include "model/config_reader.h"
#include "tensor/rng.h"

namespace lf {
namespace {

struct Family {
  std::string_view model_type, class_name;
};
/// LLaMA-Factory's list without bloom and falcon, whose blocks the package does not find.
constexpr std::array<Family, 6> kFamilies{{{"gemma", "GemmaMoDForCausalLM"},
                                           {"llama", "LlamaMoDForCausalLM"},
                                           {"mistral", "MistralMoDForCausalLM"},
                                           {"mixtral", "MixtralMoDForCausalLM"},
                                           {"phi", "PhiMoDForCausalLM"},
                                           {"starcoder2", "Starcoder2MoDForCausalLM"}}};

std::string family_list() {
  std::vector<std::string> names;
  for (const Family& family : kFamilies) names.emplace_back(family.model_type);
  return join(names, ", ");
}

}  // namespace

bool has_routed_depth(const Json& config) {
  const auto found = config.find("architectures");
  if (found == config.end() || !found->is_array() || found->empty() || !found->front().is_string()) return false;
  return found->front().get<std::string>().find("MoDFor") != std::string::npos;
}

std::string routed_class_name(std::string_view model_type) {
  const auto found = std::find_if(kFamilies.begin(), kFamilies.end(),
                                  [&](const Family& family) { return family.model_type == model_type; });
  return found == kFamilies.end() ? std::string() : std::string(found->class_name);
}

void check_depth_mode(DepthMode mode, const Json& config, const std::string& where) {
  const bool routed = has_routed_depth(config);
  LF_CHECK(kConfig, !routed || mode == DepthMode::kLoad, "{} is a mixture of depths{}", where,
           mode == DepthMode::kConvert ? " already: mixture_of_depths must be load, not convert"
                                       : ": set mixture_of_depths: load");
  LF_CHECK(
      kConfig, routed || mode != DepthMode::kLoad,
      "{} is no mixture of depths (architectures in its config.json names no class with MoD): mixture_of_depths must "
      "be convert, or left out",
      where);
  if (mode == DepthMode::kNone) return;
  const std::string type = string_or(config, "model_type", "");
  LF_CHECK(kUnsupported, !routed_class_name(type).empty(),
           "mixture_of_depths is not available for model_type '{}' (available: {})", printable(type), family_list());
}

void route_depth(ModelSpec& spec) {
  for (size_t i = 1; i < spec.layers.size(); i += 2) spec.layers[i].routed_depth = true;
}

std::string unrouted_name(std::string_view name) {
  std::vector<std::string> parts = split(std::string(name), '.');
  for (size_t i = 1; i + 1 < parts.size(); ++i) {
    const bool number = !parts[i - 1].empty() && parts[i - 1].find_first_not_of("0123456789") == std::string::npos;
    if (parts[i] != "block" || !number) continue;
    parts.erase(parts.begin() + static_cast<int64_t>(i));
    return join(parts, ".");
  }
  return std::string(name);
}

bool is_router(const NamedParameter& parameter) { return dynamic_cast<DepthRouter*>(parameter.owner) != nullptr; }

void fill_routers(Decoder& model, uint64_t seed) {
  at::NoGradGuard no_grad;
  at::Generator generator = make_generator(derived_seed(seed, "mixture_of_depths"));
  const Tensor& like = model.embedding().weight();
  const double bound = 1 / std::sqrt(static_cast<double>(model.spec().hidden_size));
  for (DecoderLayer* layer : model.layers()) {
    auto* routed = dynamic_cast<MixtureOfDepths*>(layer);
    if (!routed) continue;
    for (Tensor* tensor : {&routed->router().weight(), &routed->router().bias()}) {
      const Tensor drawn = at::empty(tensor->sizes(), at::kFloat).uniform_(-bound, bound, generator);
      *tensor = drawn.to(like.device(), like.scalar_type());
    }
  }
}

}  // namespace lf
