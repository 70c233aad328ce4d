// A tiny model with reference values made by the Hugging Face library: ids, logits, loss, gradients, greedy
// continuations. The same file layout for the shared golden models and for our own fixtures
// (tools/make_arch_fixtures.py).
#pragma once
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "io/safetensors.h"
#include "layers/kv_cache.h"
#include "layers/token_stream.h"
#include "model/decoder.h"
#include "model/loader.h"

namespace lf::testing {

/// Keys and values of every sequence, by concatenation.
class GrowingCache : public KvCache {
 public:
  int64_t length(int64_t sequence) const override;
  void advance(int64_t sequence, int64_t tokens) override { lengths_[sequence] += tokens; }
  std::pair<Tensor, Tensor> append(int64_t layer, int64_t sequence, const Tensor& new_keys,
                                   const Tensor& new_values) override;
  Tensor& state(int64_t layer, int64_t sequence, int64_t slot) override { return states_[{layer, sequence, slot}]; }
  void clear() {
    stored_.clear();
    states_.clear();
    lengths_.clear();
  }

 private:
  std::map<int64_t, int64_t> lengths_;
  std::map<std::tuple<int64_t, int64_t, int64_t>, Tensor> states_;
  std::map<std::pair<int64_t, int64_t>, std::pair<Tensor, Tensor>> stored_;
};

/// Several sequences as a stream; positions count from 0 in each.
TokenStream stream_of(const std::vector<Tensor>& sequences);
/// One sequence that starts at `first_position`.
TokenStream stream_at(const Tensor& ids, int64_t first_position);

struct ReferenceCase {
  std::string name;
  std::filesystem::path model, values;

  LoadedModel load(const Json& overrides = Json::object()) const;            // fp32
  LoadedModel load_trainable(const Json& overrides = Json::object()) const;  // and everything requires gradients
  Tensor value(const std::string& key) const;
  bool has(const std::string& key) const;
  std::vector<std::string> keys() const;

  /// The rows of batch.KEY without padding.
  std::vector<Tensor> batch_rows(const std::string& key) const;
  /// The pieces of packed.KEY.
  std::vector<Tensor> packed_pieces(const std::string& key) const;
};

inline void PrintTo(const ReferenceCase& c, std::ostream* out) { *out << c.name; }

/// Sum of the cross entropies of next tokens within each sequence, and how many there are.
std::pair<Tensor, int64_t> next_token_loss(const Tensor& logits, const std::vector<Tensor>& labels);

std::vector<ReferenceCase> reference_cases();

}  // namespace lf::testing
