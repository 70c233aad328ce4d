// The settings that the Metaspace pre-tokenizer and decoder share, old spellings included.
#pragma once
#include <string>

#include "tokenizer/json_view.h"

namespace lf {

enum class PrependScheme { kAlways, kFirst, kNever };

struct MetaspaceOptions {
  std::string replacement;
  PrependScheme prepend = PrependScheme::kAlways;
  bool split = true;
};

/// Reads replacement, prepend_scheme (or the older add_prefix_space) and split.
MetaspaceOptions metaspace_options(const JsonView& spec);

}  // namespace lf
