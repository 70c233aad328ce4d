#include "data/preview.h"

#include "base/error.h"
#include "base/strings.h"

namespace lf {
namespace {

std::string list_of(std::span<const int32_t> values) { return fmt::format("[{}]", fmt::join(values, ", ")); }

std::string inputs_text(const Tokenizer& tokenizer, const std::string& prefix, std::span<const int32_t> ids) {
  return fmt::format("{0}input_ids:\n{1}\n{0}inputs:\n{2}\n", prefix, list_of(ids), tokenizer.decode(ids));
}

std::string labels_text(const Tokenizer& tokenizer, const std::string& prefix, std::span<const int32_t> labels) {
  std::vector<TokenId> learned;
  for (const int32_t label : labels) {
    if (label != kIgnoreLabel) learned.push_back(label);
  }
  return fmt::format("{0}label_ids:\n{1}\n{0}labels:\n{2}\n", prefix, list_of(labels), tokenizer.decode(learned));
}

}  // namespace

std::string example_text(const Dataset& dataset, const Tokenizer& tokenizer, std::string_view title, bool with_labels) {
  LF_ASSERT(!dataset.empty());
  const bool pair = dataset.kind() == ExampleKind::kPairwise;
  const std::string prefix = pair ? "chosen_" : "";
  std::string text = fmt::format("{}\n", title) + inputs_text(tokenizer, prefix, dataset.ids(0));
  if (with_labels) text += labels_text(tokenizer, prefix, dataset.labels(0));
  if (!pair) return text;
  return text + inputs_text(tokenizer, "rejected_", dataset.second_ids(0)) +
         labels_text(tokenizer, "rejected_", dataset.second_labels(0));
}

std::string preview_row(const Dataset& dataset, int64_t row, const Tokenizer& tokenizer) {
  LF_CHECK(kData, row >= 0 && row < dataset.size(), "row {} of {} does not exist", row, dataset.size());
  const auto ids = dataset.ids(row);
  const auto labels = dataset.labels(row);
  std::string runs;
  size_t learned = 0;
  for (size_t from = 0, to = 0; from < ids.size(); from = to) {
    const bool loss = labels[from] != kIgnoreLabel;
    while (to < ids.size() && (labels[to] != kIgnoreLabel) == loss) ++to;
    learned += loss ? to - from : 0;
    runs += fmt::format("[{} {} token{}] {}\n", loss ? "loss" : "no loss", to - from, to - from == 1 ? "" : "s",
                        tokenizer.decode(ids.subspan(from, to - from)));
  }
  return fmt::format("row {}: {} tokens, {} bear loss\n{}", row, ids.size(), learned, runs);
}

}  // namespace lf
