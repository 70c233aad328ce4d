// The two generators of NumPy that decide which rows are taken, bit for bit: default_rng(seed) (PCG64 seeded through
// SeedSequence, M. O'Neill 2014) for splits, mixing and shuffle buffers, and the legacy global RandomState(seed)
// (MT19937) for num_samples.
#pragma once
#include <cstdint>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace lf {

/// numpy.random.default_rng(seed)
class NumpyGenerator {
 public:
  explicit NumpyGenerator(uint64_t seed);

  /// generator.permutation(n)
  std::vector<int64_t> permutation(int64_t n);
  /// generator.choice(len(probabilities), size=count, p=probabilities)
  std::vector<int64_t> choice(const std::vector<double>& probabilities, size_t count);
  /// generator.integers(0, n, size=count); 0 < n <= 2^32.
  std::vector<int64_t> integers(int64_t n, size_t count);
  /// generator.shuffle(items) of a Python list.
  template <class T>
  void shuffle(std::vector<T>& items) {
    for (size_t i = items.size(); i-- > 1;) std::swap(items[i], items[below_or_equal(static_cast<uint32_t>(i))]);
  }
  uint64_t next64();

  /// The whole state as text, and back. kFormat when `text` is none.
  std::string state() const;
  void restore(const std::string& text);

 private:
  uint32_t next32();
  uint32_t below(uint32_t n);
  uint32_t below_or_equal(uint32_t most);
  double next_double();

  unsigned __int128 state_ = 0;
  unsigned __int128 increment_ = 0;
  bool has_half_ = false;
  uint32_t half_ = 0;
};

/// numpy.random.seed(seed), then the functions of numpy.random.
class NumpyLegacyGenerator {
 public:
  explicit NumpyLegacyGenerator(uint32_t seed) : engine_(seed) {}

  /// numpy.random.permutation(n)
  std::vector<int64_t> permutation(int64_t n);
  /// numpy.random.choice(n, count), with replacement
  std::vector<int64_t> choice(int64_t n, size_t count);

 private:
  uint32_t below_or_equal(uint32_t most);

  std::mt19937 engine_;
};

}  // namespace lf
