#include "hub/patterns.h"

#include <algorithm>
#include <string>
#include <vector>

#include "base/strings.h"

namespace lf {
namespace {

/// One [seq] at the start of `pattern`: whether it holds `c`, and its length; length 0 when there is no closing ].
struct SetMatch {
  bool hit = false;
  size_t length = 0;
};

SetMatch match_set(std::string_view pattern, char c) {
  size_t at = 1;
  const bool negated = at < pattern.size() && pattern[at] == '!';
  if (negated) ++at;
  size_t end = at < pattern.size() && pattern[at] == ']' ? at + 1 : at;
  end = pattern.find(']', end);
  if (end == pattern.npos) return {};
  bool hit = false;
  while (at < end) {
    if (at + 2 < end && pattern[at + 1] == '-') {
      hit = hit || (pattern[at] <= c && c <= pattern[at + 2]);
      at += 3;
    } else {
      hit = hit || pattern[at] == c;
      ++at;
    }
  }
  return {hit != negated, end + 1};
}

/// fnmatch without separators. Backtracks to the last star only, so the time is bounded by the product of the lengths.
bool match(std::string_view text, std::string_view pattern) {
  size_t t = 0, p = 0, star = pattern.npos, retry = 0;
  while (t < text.size() || p < pattern.size()) {
    if (p < pattern.size()) {
      const char c = pattern[p];
      if (c == '*') {
        star = p++;
        retry = t;
        continue;
      }
      if (t < text.size()) {
        const SetMatch set = c == '[' ? match_set(pattern.substr(p), text[t]) : SetMatch{};
        const bool hit = set.length ? set.hit : c == '?' || c == text[t];
        if (hit) {
          ++t;
          p += set.length ? set.length : 1;
          continue;
        }
      }
    }
    if (star == pattern.npos || retry >= text.size()) return false;
    t = ++retry;
    p = star + 1;
  }
  return true;
}

/// Which starts of `path` the parts of the pattern so far can match: linear in both, whatever a stranger writes.
bool match_parts(const std::vector<std::string>& path, const std::vector<std::string>& pattern) {
  std::vector<char> reached(path.size() + 1, 0);
  reached[0] = 1;
  for (size_t j = 0; j < pattern.size(); ++j) {
    std::vector<char> next(path.size() + 1, 0);
    const bool last = j + 1 == pattern.size();
    for (size_t i = 0; i <= path.size(); ++i) {
      if (!reached[i]) continue;
      if (pattern[j] == "**") {
        for (size_t to = last ? i + 1 : i; to <= path.size(); ++to) next[to] = 1;
      } else if (i < path.size() && match(path[i], pattern[j])) {
        next[i + 1] = 1;
      }
    }
    reached = std::move(next);
  }
  return reached[path.size()] != 0;
}

size_t count_parts(const std::vector<std::string>& parts, size_t upto, std::string_view prefix) {
  return static_cast<size_t>(
      std::count_if(parts.begin(), parts.begin() + static_cast<std::ptrdiff_t>(upto),
                    [&](const std::string& part) { return part.starts_with(prefix) && part != "." && part != ".."; }));
}

}  // namespace

bool matches_name(std::string_view name, std::string_view pattern) {
  if (pattern.ends_with('/')) return match(name, std::string(pattern) + "*");
  return match(name, pattern);
}

bool matches_path(std::string_view path, std::string_view pattern) {
  const std::vector<std::string> names = split(path, '/');
  const std::vector<std::string> parts = split(pattern, '/');
  if (names.empty() || parts.empty() || parts.size() > 64 || names.size() > 64) return false;
  const bool hidden = count_parts(names, names.size(), ".") != count_parts(parts, parts.size(), ".");
  const bool special = count_parts(names, names.size() - 1, "__") != count_parts(parts, parts.size() - 1, "__");
  return !hidden && !special && match_parts(names, parts);
}

bool has_magic(std::string_view pattern) { return pattern.find_first_of("*?[") != pattern.npos; }

}  // namespace lf
