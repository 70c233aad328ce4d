#include "data/encode/packing.h"

#include <algorithm>
#include <map>
#include <numeric>

#include "base/error.h"
#include "data/encode/rows.h"

namespace lf {

Bins greedy_knapsack(const std::vector<int64_t>& lengths, int64_t capacity) {
  std::map<int64_t, std::vector<size_t>> waiting;  // length -> examples, taken from the back
  for (size_t i = 0; i < lengths.size(); ++i) {
    LF_ASSERT(lengths[i] <= capacity);
    waiting[lengths[i]].push_back(i);
  }
  Bins bins;
  while (!waiting.empty()) {
    std::vector<size_t>& bin = bins.emplace_back();
    int64_t room = capacity;
    for (auto above = waiting.upper_bound(room); above != waiting.begin(); above = waiting.upper_bound(room)) {
      const auto largest = std::prev(above);
      room -= largest->first;
      bin.push_back(largest->second.back());
      largest->second.pop_back();
      if (largest->second.empty()) waiting.erase(largest);
    }
  }
  return bins;
}

Bins best_fit_decreasing(const std::vector<int64_t>& lengths, int64_t capacity) {
  std::vector<size_t> order(lengths.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, [&](size_t a, size_t b) { return lengths[a] > lengths[b]; });
  Bins bins;
  std::map<int64_t, std::vector<size_t>> by_room;  // room left -> bins
  for (const size_t example : order) {
    LF_ASSERT(lengths[example] <= capacity);
    const auto fullest = by_room.lower_bound(lengths[example]);
    size_t bin = bins.size();
    int64_t room = capacity;
    if (fullest == by_room.end()) {
      bins.emplace_back();
    } else {
      bin = fullest->second.back();
      room = fullest->first;
      fullest->second.pop_back();
      if (fullest->second.empty()) by_room.erase(fullest);
    }
    bins[bin].push_back(example);
    by_room[room - lengths[example]].push_back(bin);
  }
  for (auto& bin : bins) std::ranges::sort(bin);
  std::ranges::sort(bins);
  return bins;
}

EncodedExample pack_row(const std::vector<const EncodedExample*>& examples, const PackShape& shape) {
  EncodedExample out;
  out.separate = shape.separate;
  for (const EncodedExample* example : examples) {
    out.starts.push_back(static_cast<int32_t>(out.ids.size()));
    append(out.ids, example->ids);
    append(out.labels, example->labels);
    for (auto list : {&RowMedia::images, &RowMedia::videos, &RowMedia::audios}) {
      const std::vector<Media>& media = example->media.*list;
      (out.media.*list).insert((out.media.*list).end(), media.begin(), media.end());
      out.media_counts.push_back(static_cast<int32_t>(media.size()));
    }
  }
  if (out.media.empty()) out.media_counts.clear();
  const int64_t length = shape.capacity + 1;
  LF_ASSERT(static_cast<int64_t>(out.ids.size()) < length);
  out.padding = static_cast<int32_t>(length - static_cast<int64_t>(out.ids.size()));
  out.ids.resize(length, shape.pad_id);
  out.labels.resize(length, kIgnoreLabel);
  return out;
}

namespace {

/// Media `kind` (0 images, 1 videos, 2 audios) of a packed row -> example.
std::vector<int64_t> subsequences(const std::vector<int32_t>& counts, size_t kind) {
  std::vector<int64_t> out;
  for (size_t i = kind; i < counts.size(); i += 3) out.insert(out.end(), counts[i], static_cast<int64_t>(i / 3));
  if (out.empty()) out.push_back(int64_t{1} << 32);
  return out;
}

}  // namespace

PackingParams packing_params_of(const EncodedExample& packed) {
  PackingParams params;
  params.sequence_boundaries.assign(packed.starts.begin(), packed.starts.end());
  const auto length = static_cast<int64_t>(packed.ids.size());
  params.sequence_boundaries.push_back(length - packed.padding);
  if (packed.padding > 0) params.sequence_boundaries.push_back(length);
  params.image_subseq_ids = subsequences(packed.media_counts, 0);
  params.video_subseq_ids = subsequences(packed.media_counts, 1);
  params.audio_subseq_ids = subsequences(packed.media_counts, 2);
  params.right_padding_length = packed.padding;
  return params;
}

std::string packing_efficiency(const Dataset& packed) {
  int64_t examples = 0, entries = 0;
  for (int64_t row = 0; row < packed.size(); ++row) {
    examples += static_cast<int64_t>(packed.starts(row).size());
    entries += packed.length(row);
  }
  const int64_t tokens = packed.total_tokens();
  return fmt::format("{} examples of {} tokens in {} rows of {} tokens, {:.1f}% padding", examples, tokens,
                     packed.size(), packed.empty() ? 0 : packed.length(0),
                     entries == 0 ? 0.0 : 100.0 * static_cast<double>(entries - tokens) / static_cast<double>(entries));
}

}  // namespace lf
