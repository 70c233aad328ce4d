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

constexpr uint64_t kPrime = 0x100000001b3ull;

/// FNV-1a over the words of a vector (or the letters of a text), continued from `hash`.
template <class Values>
uint64_t hash_words(const Values& values, uint64_t hash) {
  hash = (hash ^ values.size()) * kPrime;
  for (const auto value : values) hash = (hash ^ static_cast<uint64_t>(value)) * kPrime;
  return hash;
}

uint64_t hash_media(const RowMedia& row, uint64_t hash) {
  for (const auto* list : {&row.images, &row.videos, &row.audios}) {
    hash = (hash ^ list->size()) * kPrime;
    for (const Media& media : *list) {
      for (const std::string& path : media.paths) hash = hash_words(path, hash);
      hash = hash_words(media.bytes, hash);
    }
  }
  return hash;
}

int64_t next_token_targets(std::span<const int32_t> labels) {
  return labels.empty() ? 0 : std::ranges::count_if(labels.subspan(1), [](int32_t l) { return l != kIgnoreLabel; });
}

std::vector<int32_t> copy(std::span<const int32_t> values) { return {values.begin(), values.end()}; }

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

void SequenceTable::append(const std::vector<int32_t>& ids, const std::vector<int32_t>& labels) {
  if (!own_labels_ && labels != ids) {
    own_labels_ = true;
    labels_ = ids_;
  }
  if (label_offsets_.empty() && labels.size() != ids.size()) label_offsets_ = offsets_;
  if (own_labels_) labels_.insert(labels_.end(), labels.begin(), labels.end());
  if (!label_offsets_.empty()) label_offsets_.push_back(static_cast<int64_t>(labels_.size()));
  ids_.insert(ids_.end(), ids.begin(), ids.end());
  offsets_.push_back(static_cast<int64_t>(ids_.size()));
}

std::span<const int32_t> SequenceTable::ids(int64_t row) const { return part(ids_, offsets_[row], offsets_[row + 1]); }

std::span<const int32_t> SequenceTable::labels(int64_t row) const {
  const std::vector<int64_t>& bounds = label_offsets_.empty() ? offsets_ : label_offsets_;
  return part(own_labels_ ? labels_ : ids_, bounds[row], bounds[row + 1]);
}

uint64_t SequenceTable::hash(uint64_t hash) const {
  hash = hash_words(ids_, hash);
  hash = hash_words(labels_, hash);
  hash = hash_words(offsets_, hash);
  return label_offsets_.empty() ? hash : hash_words(label_offsets_, hash);
}

void Dataset::append(const EncodedExample& row) {
  const bool two = row.kind == ExampleKind::kPairwise || row.kind == ExampleKind::kFeedback;
  LF_ASSERT(row.kind == ExampleKind::kUnsupervised || row.labels.size() == row.ids.size());
  LF_ASSERT(row.second_labels.size() == row.second_ids.size() && (two || row.second_ids.empty()));
  LF_ASSERT(row.padding <= static_cast<int64_t>(row.ids.size()));
  LF_ASSERT(empty() || (row.separate == separate_ && row.kind == kind_));
  separate_ = row.separate;
  kind_ = row.kind;
  count_targets(row);
  append_starts(row);
  append_media(row);
  if (kind_ == ExampleKind::kFeedback) desirable_.push_back(row.desirable);
  if (two) second_.append(row.second_ids, row.second_labels);
  first_.append(row.ids, row.labels);
}

void Dataset::count_targets(const EncodedExample& row) {
  int64_t targets = next_token_targets(row.labels);
  if (kind_ == ExampleKind::kUnsupervised) targets = static_cast<int64_t>(row.labels.size());
  if (kind_ == ExampleKind::kPairwise) targets += next_token_targets(row.second_labels);
  target_tokens_ += targets;
  masked_rows_ += targets == 0;
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

void Dataset::append_media(const EncodedExample& row) {
  if (media_.empty() && row.media.empty()) return;
  media_.resize(size());
  media_counts_.resize(size());
  media_.push_back(row.media);
  media_counts_.push_back(row.media_counts);
}

std::span<const int32_t> Dataset::second_ids(int64_t row) const {
  return second_.size() == 0 ? std::span<const int32_t>() : second_.ids(row);
}

std::span<const int32_t> Dataset::second_labels(int64_t row) const {
  return second_.size() == 0 ? std::span<const int32_t>() : second_.labels(row);
}

std::span<const int32_t> Dataset::starts(int64_t row) const {
  if (start_offsets_.size() == 1) return {};
  return part(starts_, start_offsets_[row], start_offsets_[row + 1]);
}

const RowMedia& Dataset::media(int64_t row) const {
  static const RowMedia none;
  return media_.empty() ? none : media_[row];
}

std::span<const int32_t> Dataset::media_counts(int64_t row) const {
  return media_counts_.empty() ? std::span<const int32_t>() : std::span<const int32_t>(media_counts_[row]);
}

EncodedExample Dataset::row(int64_t row) const {
  LF_ASSERT(row >= 0 && row < size());
  return {.ids = copy(ids(row)),
          .labels = copy(labels(row)),
          .starts = copy(starts(row)),
          .padding = padding(row),
          .separate = separate_,
          .kind = kind_,
          .second_ids = copy(second_ids(row)),
          .second_labels = copy(second_labels(row)),
          .desirable = desirable(row),
          .media = media(row),
          .media_counts = copy(media_counts(row))};
}

int64_t Dataset::total_tokens() const {
  return first_.total() + second_.total() - std::accumulate(padding_.begin(), padding_.end(), int64_t{0});
}

uint64_t Dataset::fingerprint() const {
  uint64_t hash = 0xcbf29ce484222325ull ^ static_cast<uint64_t>(separate_);
  hash = hash_words(starts_, first_.hash(hash));
  if (kind_ != ExampleKind::kSupervised) {
    hash = (hash ^ static_cast<uint64_t>(kind_)) * kPrime;
    hash = hash_words(desirable_, second_.hash(hash));
  }
  for (const RowMedia& row : media_) hash = hash_media(row, hash);
  return hash;
}

}  // namespace lf
