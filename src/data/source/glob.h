// File name patterns: * ? [..] inside one name, ** for any number of folders. Hidden names need their dot written.
#pragma once
#include <string>
#include <vector>

namespace lf {

bool has_wildcards(const std::string& path);
/// `path` and `pattern` have '/' between names.
bool matches_glob(const std::string& pattern, const std::string& path);
/// Regular files that fit, sorted.
std::vector<std::string> expand_glob(const std::string& pattern);

}  // namespace lf
