// Where the reference material stands: LF_SHARED, default ../shared beside the checkout. Absent on a user's machine:
// such tests say so and are skipped there, and fail when CI=true.
#pragma once
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>

namespace lf::testing {

inline std::filesystem::path source_dir() {
  const char* dir = std::getenv("LF_SOURCE_DIR");
  return dir ? dir : std::filesystem::current_path();
}

inline std::filesystem::path shared_path(const std::string& relative = "") {
  const char* dir = std::getenv("LF_SHARED");
  return (dir ? std::filesystem::path(dir) : source_dir() / ".." / "shared") / relative;
}

inline bool has_shared() { return std::filesystem::exists(shared_path("golden/data")); }

inline bool on_ci() {
  const char* ci = std::getenv("CI");
  return ci && std::string(ci) == "true";
}

inline std::filesystem::path fixture_path(const std::string& relative) {
  return source_dir() / "tests/fixtures" / relative;
}

}  // namespace lf::testing

#define LF_REQUIRE_SHARED()                                                             \
  do {                                                                                  \
    if (!lf::testing::has_shared()) {                                                   \
      if (lf::testing::on_ci()) FAIL() << "../shared is missing, and CI=true needs it"; \
      GTEST_SKIP() << "skipped: no ../shared";                                          \
    }                                                                                   \
  } while (false)
