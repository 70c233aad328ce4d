// Everything that is wrong with a configuration, gathered so that a user sees it all at once.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/yaml.h"

namespace lf {

struct Problem {
  std::string where;  // "train.yaml:12:3" or "command line"
  YamlPosition at;    // for sorting; line 0 = not in the file
  std::string key;    // the key it is about, "" when there is none
  std::string message;
};

class Problems {
 public:
  /// Starts a list for the file `where` ("" in the flag form).
  explicit Problems(std::string_view where) : where_(where) {}

  /// A position with line 0 stands for the command line.
  void add(YamlPosition at, std::string_view key, std::string message);
  /// Is there a file at all?
  bool has_file() const { return !where_.empty(); }
  bool empty() const { return list_.empty(); }
  bool concerns(std::string_view key) const;
  /// In the order of the file, then those of the command line.
  std::vector<Problem> sorted() const;
  /// kConfig with one line a problem, when there is any.
  void throw_if_any() const;
  /// "train.yaml:12:3" or "command line".
  std::string place(YamlPosition at) const;

 private:
  std::string where_;
  std::vector<Problem> list_;
};

}  // namespace lf
