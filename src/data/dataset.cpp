#include "data/dataset.h"

#include <algorithm>
#include <numeric>

#include "base/error.h"

namespace lf {
namespace {

template <class T>
std::span<const T> part(const std::vector<T>& values, int64_t from, int64_t to) {
  return std::span<const T>(values).subspan(from, to - from);
}

/// FNV-1a over the words of a vector, continued from `hash`.
template <class T>
uint64_t hash_words(const std::vector<T>& values, uint64_t hash) {
  constexpr uint64_t kPrime = 0x100000001b3ull;
  hash = (hash ^ values.size()) * kPrime;
  for (const T value : values) hash = (hash ^ static_cast<uint64_t>(value)) * kPrime;
  return hash;
}

}  // namespace

std::vector<int32_t> positions_of(const EncodedExample& example) {
  std::vector<int32_t> positions(example.ids.size(), 0);
  const size_t real = positions.size() - example.padding;
  std::iota(positions.begin(), positions.begin() + real, 0);
  for (size_t i = 0; i < example.starts.size(); ++i) {
    const size_t end = i + 1 < example.starts.size() ? example.starts[i + 1] : real;
    std::iota(positions.begin() + example.starts[i], positions.begin() + end, 0);
  }
  return positions;
}

std::vector<int32_t> segments_of(const EncodedExample& example) {
  std::vector<int32_t> segments(example.ids.size(), 1);
  if (!example.separate) return segments;
  for (size_t i = 1; i < example.starts.size(); ++i) {
    std::fill(segments.begin() + example.starts[i], segments.end(), static_cast<int32_t>(i + 1));
  }
  std::fill(segments.end() - example.padding, segments.end(), 0);
  return segments;
}

void Dataset::append(const EncodedExample& row) {
  LF_ASSERT(row.labels.size() == row.ids.size() && row.padding <= static_cast<int64_t>(row.ids.size()));
  LF_ASSERT(empty() || row.separate == separate_);
  separate_ = row.separate;
  const auto targets = row.labels.empty() ? 0
                                          : std::count_if(row.labels.begin() + 1, row.labels.end(),
                                                          [](int32_t label) { return label != kIgnoreLabel; });
  target_tokens_ += targets;
  masked_rows_ += targets == 0;
  append_labels(row);
  append_starts(row);
  ids_.insert(ids_.end(), row.ids.begin(), row.ids.end());
  offsets_.push_back(static_cast<int64_t>(ids_.size()));
}

void Dataset::append_labels(const EncodedExample& row) {
  if (labels_.empty() && row.labels == row.ids) return;
  if (labels_.empty()) labels_ = ids_;
  labels_.insert(labels_.end(), row.labels.begin(), row.labels.end());
}

void Dataset::append_starts(const EncodedExample& row) {
  const size_t rows = static_cast<size_t>(size());
  if (!padding_.empty() || row.padding > 0) {
    padding_.resize(rows, 0);
    padding_.push_back(row.padding);
  }
  if (start_offsets_.size() == 1 && row.starts.empty()) return;
  start_offsets_.resize(rows + 1, 0);
  starts_.insert(starts_.end(), row.starts.begin(), row.starts.end());
  start_offsets_.push_back(static_cast<int64_t>(starts_.size()));
}

std::span<const int32_t> Dataset::ids(int64_t row) const { return part(ids_, offsets_[row], offsets_[row + 1]); }

std::span<const int32_t> Dataset::labels(int64_t row) const {
  return part(labels_.empty() ? ids_ : labels_, offsets_[row], offsets_[row + 1]);
}

std::span<const int32_t> Dataset::starts(int64_t row) const {
  if (start_offsets_.size() == 1) return {};
  return part(starts_, start_offsets_[row], start_offsets_[row + 1]);
}

EncodedExample Dataset::row(int64_t row) const {
  LF_ASSERT(row >= 0 && row < size());
  const auto copy = [](std::span<const int32_t> values) { return std::vector<int32_t>(values.begin(), values.end()); };
  return {copy(ids(row)), copy(labels(row)), copy(starts(row)), padding(row), separate_};
}

int64_t Dataset::total_tokens() const {
  return static_cast<int64_t>(ids_.size()) - std::accumulate(padding_.begin(), padding_.end(), int64_t{0});
}

uint64_t Dataset::fingerprint() const {
  uint64_t hash = 0xcbf29ce484222325ull ^ static_cast<uint64_t>(separate_);
  hash = hash_words(ids_, hash);
  hash = hash_words(labels_, hash);
  hash = hash_words(offsets_, hash);
  return hash_words(starts_, hash);
}

}  // namespace lf
