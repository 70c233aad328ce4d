// A row of the encoders that holds several examples.
#pragma once
#include "data/encode/encoder.h"

namespace lf::testing {

/// Two examples of 3 and 2 tokens and one entry of padding, in one row.
inline EncodedExample pack(bool separate) {
  return {.ids = {11, 12, 13, 21, 22, 3},
          .labels = {-100, 12, 13, 21, 22, -100},
          .starts = {0, 3},
          .padding = 1,
          .separate = separate};
}

}  // namespace lf::testing
