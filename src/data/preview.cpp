#include "data/preview.h"

#include "base/error.h"
#include "base/strings.h"

namespace lf {
namespace {

std::string list_of(std::span<const int32_t> values) { return fmt::format("[{}]", fmt::join(values, ", ")); }

}  // namespace

std::string example_text(const Dataset& dataset, const Tokenizer& tokenizer, std::string_view title, bool with_labels) {
  LF_ASSERT(!dataset.empty());
  const auto ids = dataset.ids(0);
  std::string text = fmt::format("{}\ninput_ids:\n{}\ninputs:\n{}\n", title, list_of(ids), tokenizer.decode(ids));
  if (!with_labels) return text;
  const auto labels = dataset.labels(0);
  std::vector<TokenId> learned;
  for (const int32_t label : labels) {
    if (label != kIgnoreLabel) learned.push_back(label);
  }
  return text + fmt::format("label_ids:\n{}\nlabels:\n{}\n", list_of(labels), tokenizer.decode(learned));
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
