#include "config/problems.h"

#include <algorithm>

#include "base/error.h"
#include "base/strings.h"

namespace lf {

std::string Problems::place(YamlPosition at) const {
  if (at.line == 0) return "command line";
  return fmt::format("{}:{}:{}", where_, at.line, at.column);
}

void Problems::add(YamlPosition at, std::string_view key, std::string message) {
  list_.push_back({place(at), at, std::string(key), std::move(message)});
}

bool Problems::concerns(std::string_view key) const {
  return std::any_of(list_.begin(), list_.end(), [&](const Problem& problem) { return problem.key == key; });
}

std::vector<Problem> Problems::sorted() const {
  std::vector<Problem> list = list_;
  auto rank = [](const Problem& p) { return std::make_tuple(p.at.line == 0, p.at.line, p.at.column); };
  std::stable_sort(list.begin(), list.end(), [&](const Problem& a, const Problem& b) { return rank(a) < rank(b); });
  return list;
}

void Problems::throw_if_any() const {
  if (list_.empty()) return;
  std::vector<std::string> lines;
  if (list_.size() > 1) lines.push_back(fmt::format("{} problems in the configuration", list_.size()));
  for (const Problem& problem : sorted()) lines.push_back(problem.where + ": " + problem.message);
  throw Error(ErrorKind::kConfig, join(lines, "\n"));
}

}  // namespace lf
