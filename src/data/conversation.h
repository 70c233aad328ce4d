// One row of a dataset in the form that all formats are brought to.
#pragma once
#include <string>
#include <vector>

#include "data/media.h"
#include "templates/template.h"

namespace lf {

struct Conversation {
  std::vector<Message> prompt;  // user, assistant, ..., user; empty when the row is broken
  std::vector<Message>
      response;  // one; two for ranking (chosen, rejected) and feedback data; none when there is no answer
  std::string system;
  std::string tools;  // JSON text
  std::vector<Media> images, videos, audios;
  std::string note;     // something was left out, for the log
  std::string problem;  // why the row is broken, for the summary of dropped rows; empty = whole
};

}  // namespace lf
