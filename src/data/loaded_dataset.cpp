#include "data/loaded_dataset.h"

#include <numeric>

#include "base/error.h"
#include "base/log.h"
#include "base/registry.h"
#include "base/strings.h"
#include "data/source/resolve.h"

namespace lf {

LoadedDataset::LoadedDataset(DatasetAttr attr, std::optional<int64_t> max_samples, NumpyLegacyGenerator& random)
    : attr_(std::move(attr)),
      format_(require_entry(all_formats(), attr_.formatting, "dataset format")),
      table_(open_table(resolve_source(attr_))) {
  LF_CHECK(kData, table_->size() > 0, "dataset {}: {} holds no rows", attr_.name, describe(attr_));
  rows_.resize(table_->size());
  std::iota(rows_.begin(), rows_.end(), 0);
  if (attr_.num_samples) draw_samples(*attr_.num_samples, random);
  if (max_samples && *max_samples < size()) rows_.resize(std::max<int64_t>(*max_samples, 0));
  check_columns();
}

Conversation LoadedDataset::conversation(int64_t row) const {
  return convert_row(format_, attr_, table_->row(rows_[row]), place(row));
}

void LoadedDataset::draw_samples(int64_t wanted, NumpyLegacyGenerator& random) {
  const int64_t all = size();
  std::vector<int64_t> drawn = random.permutation(all);
  if (wanted < all) drawn.resize(wanted);
  if (wanted > all) {
    const std::vector<int64_t> more = random.choice(all, wanted - all);
    drawn.insert(drawn.end(), more.begin(), more.end());
  }
  rows_ = std::move(drawn);
  log_info("data", "Sampled {} examples from dataset {}.", wanted, attr_.name);
}

/// A column that stands in no row at all is a mistake in dataset_info.json; missing here and there it counts as null.
void LoadedDataset::check_columns() const {
  const auto lacks = [&](size_t row, const std::string& column) {
    try {
      return !table_->row(row).contains(column);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::kData) throw;
      return false;  // named, or skipped, when it is its turn
    }
  };
  for (const std::string& column : format_.required_columns(attr_)) {
    size_t row = 0;
    while (row < table_->size() && lacks(row, column)) ++row;
    if (row == table_->size()) throw_missing_column(attr_, column, table_->row(0), table_->place(0));
  }
}

MergedRows MergedRows::picked(const std::vector<int64_t>& which) const {
  MergedRows out{datasets, {}};
  out.rows.reserve(which.size());
  for (const int64_t row : which) out.rows.push_back(rows[row]);
  return out;
}

std::vector<std::string> MergedRows::names() const {
  std::vector<std::string> all;
  for (const auto& dataset : datasets) all.push_back(dataset->name());
  return all;
}

}  // namespace lf
