// What one option says about itself. Each option struct lists its fields once in `visit`; everything else is made from
// that list.
#pragma once
#include <string_view>
#include <vector>

namespace lf {

struct Field {
  std::string_view key;    // the YAML key and command line flag
  std::string_view topic;  // heading in --help and in the written configuration
  std::string_view help;
  std::vector<std::string_view> choices = {};  // values available here; empty = any
  bool secret = false;                         // masked wherever it is shown
};

}  // namespace lf
