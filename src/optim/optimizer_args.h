// optim_args: "momentum=0.9,nesterov=true".
#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace lf {

class OptimizerArgs {
 public:
  /// kConfig when an item is not key=value, or its key is not in `known`. `optimizer` names it in messages.
  OptimizerArgs(const std::string& text, std::string_view optimizer, const std::vector<std::string>& known);
  /// kConfig when the value is not a number.
  double number(const std::string& key, double fallback) const;
  /// true, 1, yes (any case) are true.
  bool flag(const std::string& key) const;

 private:
  std::string optimizer_;
  std::map<std::string, std::string> values_;
};

}  // namespace lf
