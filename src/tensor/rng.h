// Random generators by name, whose states are saved with a checkpoint so that a resumed run draws the same numbers.
#pragma once
#include <ATen/core/Generator.h>

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "tensor/tensor.h"

namespace lf {

/// A CPU generator that starts from `seed` (Mersenne Twister, the same numbers as torch.Generator().manual_seed).
at::Generator make_generator(uint64_t seed);
/// Seeds the default generators of the CPU and of every device in use (torch.manual_seed).
void seed_default_generators(uint64_t seed);
/// A seed for `name` derived from `seed`; equal in every run and on every machine.
uint64_t derived_seed(uint64_t seed, const std::string& name);

/// State of the default generator of `device`: bytes, safe to store. The CPU's also covers dropout masks.
Tensor default_generator_state(c10::Device device);
void set_default_generator_state(c10::Device device, const Tensor& state);

/// The generators of a run. "default" is the CPU default generator; others are made at first use.
class RngSet {
 public:
  explicit RngSet(uint64_t seed) : seed_(seed) {}
  /// The generator called `name`, seeded with derived_seed(seed, name) when new.
  at::Generator& get(const std::string& name);
  /// (name, state bytes) of all of them and of the default CPU generator, in name order.
  std::vector<std::pair<std::string, Tensor>> save() const;
  /// Takes states as save() gave them; kFormat when one has the wrong size.
  void restore(const std::vector<std::pair<std::string, Tensor>>& states);

 private:
  uint64_t seed_;
  std::map<std::string, at::Generator> generators_;
};

}  // namespace lf
