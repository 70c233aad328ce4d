// Small text helpers used everywhere.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace lf {

std::vector<std::string> split(std::string_view text, char separator);
/// split at commas, blanks around items removed, empty items dropped (LLaMA-Factory's "comma lists").
std::vector<std::string> split_list(std::string_view text);
std::string join(const std::vector<std::string>& parts, std::string_view separator);
std::string_view trim(std::string_view text);
std::string to_lower(std::string_view text);
std::string replace_all(std::string text, std::string_view from, std::string_view to);

/// Levenshtein distance.
size_t edit_distance(std::string_view a, std::string_view b);
/// Names near to `word`, best first: distance at most max(2, length / 3), or sharing a long prefix. At most `limit`.
std::vector<std::string> nearest(std::string_view word, const std::vector<std::string>& names, size_t limit = 3);
/// "; did you mean a or b?" or "" when nothing is near.
std::string did_you_mean(std::string_view word, const std::vector<std::string>& names);

/// Control characters escaped (\n, \t, \xNN) so that outside text cannot forge log lines or move the cursor.
std::string printable(std::string_view text, size_t max_bytes = 200);
/// "1.5 GB", "12 kB": powers of 1000.
std::string human_bytes(uint64_t bytes);

}  // namespace lf
