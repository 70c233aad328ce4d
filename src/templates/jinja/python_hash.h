// Python's hash(), for the order in which sets are walked.
#pragma once
#include "templates/jinja/value.h"

namespace lf::jinja {

/// CPython's own number for ints, floats, bools, ranges and tuples of them. Python takes random numbers for strings and
/// addresses for what it knows only by identity; here these are any numbers, the same in each run. kData for what is
/// not hashable.
int64_t python_hash(const Value& value);

}  // namespace lf::jinja
