#include "data/source/split_slice.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <regex>

#include "base/error.h"
#include "base/strings.h"

namespace lf {

SplitSlice SplitSlice::parse(const std::string& text) {
  SplitSlice slice;
  if (text.empty()) {
    slice.name_ = "train";
    slice.parts_.emplace_back();
    return slice;
  }
  LF_CHECK(kData, text.size() <= 300, "split '{}' is too long", printable(text));
  for (const std::string& part : split(text, '+')) slice.add(std::string(trim(part)));
  return slice;
}

void SplitSlice::add(const std::string& text) {
  static const std::regex kPattern(R"((\w+(?:\.\w+)*)(?:\[(?:(-?\d{1,15})(%)?)?:(?:(-?\d{1,15})(%)?)?\])?)");
  std::smatch found;
  LF_CHECK(kData, std::regex_match(text, found, kPattern),
           "split '{}' is not of the form train, train[10:20] or train[:10%]", printable(text));
  LF_CHECK(kUnsupported, name_.empty() || name_ == found[1],
           "different splits ({} and {}) cannot be joined here; make an entry for each and list both", name_,
           found[1].str());
  name_ = found[1];
  Part part;
  if (found[2].matched) part.from = std::stoll(found[2]);
  if (found[4].matched) part.to = std::stoll(found[4]);
  part.percent = found[3].matched || found[5].matched;
  for (const auto& bound : {part.from, part.to}) {
    LF_CHECK(kData, !part.percent || !bound || std::abs(*bound) <= 100, "split '{}': above 100 %", printable(text));
  }
  parts_.push_back(part);
}

RowSlice SplitSlice::Part::of(int64_t rows) const {
  const auto absolute = [&](const std::optional<int64_t>& bound, int64_t otherwise) {
    if (!bound) return otherwise;
    int64_t at = *bound;
    if (percent) at = std::llrint(static_cast<double>(at) * static_cast<double>(rows) / 100.0);  // half to even
    if (at < 0) at = std::max<int64_t>(rows + at, 0);
    return std::min(at, rows);
  };
  const int64_t first = absolute(from, 0);
  const int64_t last = absolute(to, rows);
  return {static_cast<size_t>(first), static_cast<size_t>(std::max(first, last))};
}

std::vector<RowSlice> SplitSlice::of(size_t rows) const {
  std::vector<RowSlice> slices;
  for (const Part& part : parts_) slices.push_back(part.of(static_cast<int64_t>(rows)));
  return slices;
}

}  // namespace lf
