#include "data/numpy_random.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdio>
#include <numeric>

#include "base/error.h"
#include "base/strings.h"

namespace lf {
namespace {

using Uint128 = unsigned __int128;

/// numpy.random.SeedSequence(seed).generate_state(4, uint64).
class SeedSequence {
 public:
  explicit SeedSequence(uint64_t seed) {
    std::vector<uint32_t> entropy = {static_cast<uint32_t>(seed)};
    if (seed >> 32) entropy.push_back(static_cast<uint32_t>(seed >> 32));
    for (size_t i = 0; i < kPool; ++i) pool_[i] = hash(i < entropy.size() ? entropy[i] : 0);
    for (size_t from = 0; from < kPool; ++from) {
      for (size_t to = 0; to < kPool; ++to) {
        if (from != to) pool_[to] = mix(pool_[to], hash(pool_[from]));
      }
    }
  }

  std::array<uint64_t, 4> generate() const {
    std::array<uint32_t, 8> words;
    uint32_t constant = 0x8b51f9dd;
    for (size_t i = 0; i < words.size(); ++i) {
      uint32_t word = pool_[i % kPool];
      word ^= constant;
      constant *= 0x58f38ded;
      word *= constant;
      words[i] = word ^ word >> 16;
    }
    std::array<uint64_t, 4> state;
    for (size_t i = 0; i < state.size(); ++i) state[i] = words[2 * i] | static_cast<uint64_t>(words[2 * i + 1]) << 32;
    return state;
  }

 private:
  static constexpr size_t kPool = 4;

  uint32_t hash(uint32_t value) {
    value ^= constant_;
    constant_ *= 0x931e8875;
    value *= constant_;
    return value ^ value >> 16;
  }
  static uint32_t mix(uint32_t x, uint32_t y) {
    const uint32_t result = x * 0xca01f9ddu - y * 0x4973f715u;
    return result ^ result >> 16;
  }

  std::array<uint32_t, kPool> pool_{};
  uint32_t constant_ = 0x43b0d7e5;
};

constexpr Uint128 kMultiplier = static_cast<Uint128>(0x2360ED051FC65DA4ull) << 64 | 0x4385DF649FCCF645ull;

/// Draws under the smallest mask of ones until one is not above `most`.
template <class Next>
uint32_t draw_under_mask(uint32_t most, Next&& next) {
  if (most == 0) return 0;
  const uint32_t mask = std::bit_ceil(static_cast<uint64_t>(most) + 1) - 1;
  uint32_t value = 0;
  do {
    value = static_cast<uint32_t>(next()) & mask;
  } while (value > most);
  return value;
}

/// Fisher-Yates from the end, as both generators do it.
template <class Draw>
std::vector<int64_t> shuffled(int64_t n, Draw draw) {
  std::vector<int64_t> order(n);
  std::iota(order.begin(), order.end(), 0);
  for (int64_t i = n - 1; i > 0; --i) std::swap(order[i], order[draw(i)]);
  return order;
}

}  // namespace

NumpyGenerator::NumpyGenerator(uint64_t seed) {
  const auto words = SeedSequence(seed).generate();
  const Uint128 start = static_cast<Uint128>(words[0]) << 64 | words[1];
  increment_ = (static_cast<Uint128>(words[2]) << 64 | words[3]) << 1 | 1;
  state_ = (increment_ + start) * kMultiplier + increment_;
}

uint64_t NumpyGenerator::next64() {
  state_ = state_ * kMultiplier + increment_;
  const auto folded = static_cast<uint64_t>(state_ >> 64) ^ static_cast<uint64_t>(state_);
  const auto turns = static_cast<unsigned>(state_ >> 122);
  return folded >> turns | folded << (-turns & 63);
}

uint32_t NumpyGenerator::next32() {
  if (has_half_) {
    has_half_ = false;
    return half_;
  }
  const uint64_t both = next64();
  has_half_ = true;
  half_ = static_cast<uint32_t>(both >> 32);
  return static_cast<uint32_t>(both);
}

uint32_t NumpyGenerator::below_or_equal(uint32_t most) {
  return draw_under_mask(most, [this] { return next32(); });
}

/// Lemire's multiplication ("Fast Random Integer Generation in an Interval", 2019), as Generator.integers does it.
uint32_t NumpyGenerator::below(uint32_t n) {
  uint64_t product = static_cast<uint64_t>(next32()) * n;
  if (static_cast<uint32_t>(product) < n) {
    const uint32_t threshold = -n % n;
    while (static_cast<uint32_t>(product) < threshold) product = static_cast<uint64_t>(next32()) * n;
  }
  return static_cast<uint32_t>(product >> 32);
}

std::vector<int64_t> NumpyGenerator::integers(int64_t n, size_t count) {
  LF_CHECK(kData, n > 0 && n <= int64_t{1} << 32, "random numbers below {} cannot be drawn", n);
  std::vector<int64_t> drawn(count, 0);
  if (n == 1) return drawn;
  for (int64_t& value : drawn) value = n == int64_t{1} << 32 ? next32() : below(static_cast<uint32_t>(n));
  return drawn;
}

std::string NumpyGenerator::state() const {
  const auto high = [](Uint128 value) { return static_cast<uint64_t>(value >> 64); };
  const auto low = [](Uint128 value) { return static_cast<uint64_t>(value); };
  return fmt::format("{:016x}{:016x}-{:016x}{:016x}-{}", high(state_), low(state_), high(increment_), low(increment_),
                     has_half_ ? fmt::format("{:08x}", half_) : "");
}

void NumpyGenerator::restore(const std::string& text) {
  unsigned long long words[4] = {};
  unsigned half = 0;
  const int read =
      std::sscanf(text.c_str(), "%16llx%16llx-%16llx%16llx-%8x", &words[0], &words[1], &words[2], &words[3], &half);
  LF_CHECK(kFormat, read >= 4 && (text.size() == 66 || text.size() == 74),
           "'{}' is not the state of a random generator", printable(text));
  state_ = static_cast<Uint128>(words[0]) << 64 | words[1];
  increment_ = static_cast<Uint128>(words[2]) << 64 | words[3];
  has_half_ = read == 5;
  half_ = half;
}

double NumpyGenerator::next_double() { return static_cast<double>(next64() >> 11) * (1.0 / 9007199254740992.0); }

std::vector<int64_t> NumpyGenerator::permutation(int64_t n) {
  LF_CHECK(kData, n < int64_t{1} << 32, "{} rows: at most 2^32 can be shuffled", n);
  return shuffled(n, [this](int64_t most) { return below_or_equal(static_cast<uint32_t>(most)); });
}

std::vector<int64_t> NumpyGenerator::choice(const std::vector<double>& probabilities, size_t count) {
  std::vector<double> sums(probabilities.size());
  std::partial_sum(probabilities.begin(), probabilities.end(), sums.begin());
  for (double& sum : sums) sum /= sums.back();
  std::vector<int64_t> drawn(count);
  for (int64_t& index : drawn) index = std::upper_bound(sums.begin(), sums.end(), next_double()) - sums.begin();
  return drawn;
}

uint32_t NumpyLegacyGenerator::below_or_equal(uint32_t most) { return draw_under_mask(most, engine_); }

std::vector<int64_t> NumpyLegacyGenerator::permutation(int64_t n) {
  LF_CHECK(kData, n < int64_t{1} << 32, "{} rows: at most 2^32 can be shuffled", n);
  return shuffled(n, [this](int64_t most) { return below_or_equal(static_cast<uint32_t>(most)); });
}

std::vector<int64_t> NumpyLegacyGenerator::choice(int64_t n, size_t count) {
  std::vector<int64_t> drawn(count);
  for (int64_t& index : drawn) index = static_cast<int64_t>(below_or_equal(static_cast<uint32_t>(n - 1)));
  return drawn;
}

}  // namespace lf
