#include "data/source/bad_rows.h"

#include <charconv>

#include "base/strings.h"

namespace lf {

BadRowPolicy BadRowPolicy::parse(std::string_view text) {
  if (text == "error") return {};
  if (text == "skip") return {true, 100};
  double percent = 0;
  const bool bounded = text.starts_with("skip:") && text.ends_with('%');
  const std::string_view number = bounded ? text.substr(5, text.size() - 6) : std::string_view{};
  const auto [end, status] = std::from_chars(number.data(), number.data() + number.size(), percent);
  const bool whole = status == std::errc{} && end == number.data() + number.size();
  LF_CHECK(kConfig, bounded && whole && percent >= 0 && percent <= 100,
           "on_bad_row must be error, skip, or skip:N% with N from 0 to 100, but is '{}'", printable(text, 60));
  return {true, percent};
}

void BadRows::add(const Error& error) {
  if (!policy_.skip || error.kind() != ErrorKind::kData) throw Error(error);
  const std::lock_guard lock(mutex_);
  if (count_++ == 0) first_ = error.what();
}

void BadRows::check(int64_t rows_read) const {
  const int64_t bad = count();
  const double percent = rows_read > 0 ? 100.0 * static_cast<double>(bad) / static_cast<double>(rows_read) : 0;
  LF_CHECK(kData, percent <= policy_.most_percent,
           "{} of {} rows ({:.3g} %) are bad, and on_bad_row allows {:.3g} %: {}", bad, rows_read, percent,
           policy_.most_percent, text());
}

int64_t BadRows::count() const {
  const std::lock_guard lock(mutex_);
  return count_;
}

std::string BadRows::text() const {
  const std::lock_guard lock(mutex_);
  if (count_ == 0) return "";
  return fmt::format("{} bad row{} skipped (first: {})", count_, count_ == 1 ? "" : "s", first_);
}

}  // namespace lf
