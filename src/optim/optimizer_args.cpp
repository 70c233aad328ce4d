#include "optim/optimizer_args.h"

#include <algorithm>

#include "base/error.h"
#include "base/strings.h"
#include "optim/text_number.h"

namespace lf {

OptimizerArgs::OptimizerArgs(const std::string& text, std::string_view optimizer, const std::vector<std::string>& known)
    : optimizer_(optimizer) {
  for (const std::string& item : split_list(text)) {
    const size_t equals = item.find('=');
    LF_CHECK(kConfig, equals != std::string::npos, "optim_args: '{}' is not of the form key=value", printable(item));
    std::string key(trim(item.substr(0, equals)));
    LF_CHECK(kConfig, std::find(known.begin(), known.end(), key) != known.end(),
             "optim_args: {} does not take '{}'{} (known: {})", optimizer_, printable(key), did_you_mean(key, known),
             known.empty() ? "none" : join(known, ", "));
    values_[key] = trim(item.substr(equals + 1));
  }
}

double OptimizerArgs::number(const std::string& key, double fallback) const {
  const auto found = values_.find(key);
  return found == values_.end() ? fallback : parse_number(found->second, "optim_args: " + key);
}

bool OptimizerArgs::flag(const std::string& key) const {
  const auto found = values_.find(key);
  if (found == values_.end()) return false;
  const std::string value = to_lower(found->second);
  return value == "true" || value == "1" || value == "yes";
}

}  // namespace lf
