// Fields under their topics, in the order in which topics first appear in the option structs.
#pragma once
#include <algorithm>
#include <string>
#include <vector>

#include "config/fields.h"

namespace lf {

struct Topic {
  std::string name;
  std::vector<FieldRef> fields;
};

inline std::vector<Topic> by_topic(const std::vector<FieldRef>& fields) {
  std::vector<Topic> topics;
  for (const FieldRef& field : fields) {
    auto same = [&](const Topic& topic) { return topic.name == field.info.topic; };
    auto found = std::find_if(topics.begin(), topics.end(), same);
    if (found == topics.end()) found = topics.insert(topics.end(), {std::string(field.info.topic), {}});
    found->fields.push_back(field);
  }
  return topics;
}

}  // namespace lf
