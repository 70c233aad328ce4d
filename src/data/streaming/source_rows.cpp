#include "data/streaming/source_rows.h"

#include "base/error.h"

namespace lf {
namespace {

constexpr int64_t kMarkEvery = 1024;
/// Reading on is cheaper than going to a mark (in compressed files by far) up to here.
constexpr int64_t kReadOn = 16 * kMarkEvery;

}  // namespace

bool StreamRows::next(Json& row, RowPlace& place) {
  if (row_ % kMarkEvery == 0 && !marks_.contains(row_)) marks_[row_] = stream_->position();
  try {
    if (!stream_->next(row, place)) return false;
  } catch (const Error& error) {
    row_ += error.kind() == ErrorKind::kData;
    throw;
  }
  ++row_;
  return true;
}

void StreamRows::skip() {
  Json row;
  RowPlace place;
  const int64_t before = row_;
  try {
    LF_CHECK(kData, next(row, place), "a stored position lies behind the end (row {}) of a dataset", row_ + 1);
  } catch (const Error&) {
    if (row_ == before) throw;  // else a bad row, skipped before too
  }
}

void StreamRows::seek(int64_t row) {
  auto mark = marks_.upper_bound(row);
  const bool found = mark != marks_.begin();
  if (found) --mark;
  if (row < row_ || (found && mark->first > row_ + kReadOn)) {
    LF_ASSERT(found);
    stream_->seek(mark->second);
    row_ = mark->first;
  }
  while (row_ < row) skip();
}

Json StreamRows::marks(const std::vector<int64_t>& rows) const {
  std::map<int64_t, const Json*> wanted;
  for (const int64_t row : rows) {
    auto mark = marks_.upper_bound(row);
    if (mark == marks_.begin()) continue;
    --mark;
    wanted[mark->first] = &mark->second;
  }
  Json out = Json::array();
  for (const auto& [row, position] : wanted) out.push_back({{"row", row}, {"position", *position}});
  return out;
}

void StreamRows::learn(const Json& marks) {
  for (const Json& mark : marks) marks_[mark.at("row").get<int64_t>()] = mark.at("position");
}

bool TableRows::next(Json& row, RowPlace& place) {
  if (row_ >= last_) return false;
  place = table_->place(row_);
  row = table_->row(row_++);
  return true;
}

void TableRows::seek(int64_t row) {
  LF_CHECK(kData, row >= first_ && row <= last_, "a stored position (row {}) lies outside rows {} to {} of a dataset",
           row, first_, last_);
  row_ = row;
}

}  // namespace lf
