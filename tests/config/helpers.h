// Parsing text as a configuration file in tests.
#pragma once
#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "base/error.h"
#include "config/parse.h"

namespace lf::testing {

using Args = std::vector<std::string>;

inline RunConfig train(std::string_view text, Args args = {}) {
  return parse_config_text(ConfigKind::kTrain, text, "t.yaml", args);
}
inline RunConfig infer(std::string_view text, Args args = {}) {
  return parse_config_text(ConfigKind::kInfer, text, "i.yaml", args);
}
inline RunConfig flags(ConfigKind kind, const Args& args) { return parse_run_config(kind, args); }

/// The message of the configuration error that `action` throws; "" when it throws none.
template <class Action>
std::string problem_of(Action action) {
  try {
    action();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kConfig) << error.what();
    return error.what();
  }
  return "";
}
inline std::string train_problem(std::string_view text, Args args = {}) {
  return problem_of([&] { train(text, args); });
}
inline std::string infer_problem(std::string_view text, Args args = {}) {
  return problem_of([&] { infer(text, args); });
}

/// The least that trains.
inline const std::string kBase = "model_name_or_path: m\ndo_train: true\ndataset: d\nbf16: true\n";

}  // namespace lf::testing
