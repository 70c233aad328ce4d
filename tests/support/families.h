// One tiny model of every family: those of ../shared where it is, and our own fixtures.
#pragma once
#include <algorithm>
#include <filesystem>
#include <ostream>
#include <string>
#include <vector>

#include "support/shared.h"

namespace lf::testing {

struct Family {
  std::string name;
  std::filesystem::path folder;
};
inline void PrintTo(const Family& family, std::ostream* out) { *out << family.name; }

inline std::vector<Family> families() {
  std::vector<Family> out;
  std::error_code status;
  for (const auto& parent : {shared_path("golden/data/models"), fixture_path("archs")}) {
    const std::string prefix = parent == fixture_path("archs") ? "fixture_" : "golden_";
    for (const auto& entry : std::filesystem::directory_iterator(parent, status)) {
      if (entry.is_directory()) out.push_back({prefix + entry.path().filename().string(), entry.path()});
    }
  }
  std::sort(out.begin(), out.end(), [](const Family& a, const Family& b) { return a.name < b.name; });
  return out;
}

}  // namespace lf::testing
