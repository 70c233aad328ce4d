// One call of a tool, as a model writes it and as data holds it.
#pragma once
#include <string>
#include <vector>

namespace lf {

struct FunctionCall {
  std::string name;
  std::string arguments;  // JSON text, normally an object

  bool operator==(const FunctionCall&) const = default;
};

using FunctionCalls = std::vector<FunctionCall>;

}  // namespace lf
