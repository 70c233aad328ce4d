#include "tensor/rng.h"

#include <ATen/CPUGeneratorImpl.h>

#include <mutex>

#include "base/error.h"

namespace lf {

namespace {
constexpr const char* kDefaultName = "default";

Tensor state_of(at::Generator generator) {
  std::lock_guard<std::mutex> lock(generator.mutex());
  return generator.get_state();
}

void set_state(at::Generator& generator, const Tensor& state, const std::string& name) {
  Tensor bytes = state.cpu().contiguous();
  Tensor expected = state_of(generator);
  LF_CHECK(kFormat, bytes.scalar_type() == at::kByte && bytes.numel() == expected.numel(),
           "state of generator '{}' must be {} bytes but is {} elements", name, expected.numel(), bytes.numel());
  std::lock_guard<std::mutex> lock(generator.mutex());
  generator.set_state(bytes);
}
}  // namespace

at::Generator make_generator(uint64_t seed) { return at::detail::createCPUGenerator(seed); }

void seed_default_generators(uint64_t seed) { at::manual_seed(seed); }

uint64_t derived_seed(uint64_t seed, const std::string& name) {
  uint64_t hash = 0xcbf29ce484222325ULL ^ (seed * 0x9e3779b97f4a7c15ULL);
  for (unsigned char c : name) hash = (hash ^ c) * 0x100000001b3ULL;
  hash ^= hash >> 33;
  hash *= 0xff51afd7ed558ccdULL;
  return hash ^ (hash >> 33);
}

Tensor default_generator_state(c10::Device device) { return state_of(at::globalContext().defaultGenerator(device)); }

void set_default_generator_state(c10::Device device, const Tensor& state) {
  at::Generator generator = at::globalContext().defaultGenerator(device);
  set_state(generator, state, kDefaultName);
}

at::Generator& RngSet::get(const std::string& name) {
  auto found = generators_.find(name);
  if (found == generators_.end()) {
    found = generators_.emplace(name, make_generator(derived_seed(seed_, name))).first;
  }
  return found->second;
}

std::vector<std::pair<std::string, Tensor>> RngSet::save() const {
  std::vector<std::pair<std::string, Tensor>> states;
  states.emplace_back(kDefaultName, default_generator_state(at::kCPU));
  for (const auto& [name, generator] : generators_) states.emplace_back(name, state_of(generator));
  return states;
}

void RngSet::restore(const std::vector<std::pair<std::string, Tensor>>& states) {
  for (const auto& [name, state] : states) {
    if (name == kDefaultName) {
      set_default_generator_state(at::kCPU, state);
    } else {
      set_state(get(name), state, name);
    }
  }
}

}  // namespace lf
