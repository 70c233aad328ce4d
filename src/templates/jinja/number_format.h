// Numbers with width, sign, precision: what format() and the % operator share.
#pragma once
#include <string>

#include "templates/jinja/value.h"

namespace lf::jinja {

struct NumberStyle {
  char type = 0;      // d b o x X c, e E f F g G %, 0: as str()
  char sign = 0;      // '+', ' ' or 0
  char grouping = 0;  // ',' '_' or 0
  bool alternate = false;
  int precision = -1;
};

/// The digits of an integer (magnitude) in a base; `upper` for X.
std::string digits_of(uint64_t magnitude, int base, bool upper = false);
uint64_t magnitude_of(int64_t value);
/// A finite or infinite float as `type` asks, without its sign. kData for a precision beyond 1000.
std::string float_text(double value, const NumberStyle& style);
std::string sign_of(bool negative, char sign);
/// Commas or underscores between groups of digits of the part in front of a point.
std::string grouped(const std::string& digits, char separator, int group);
/// `text` in a field; align is one of < > ^. Width counts code points.
std::string padded(const std::string& text, int64_t width, const std::string& fill, char align);

/// str.center(): of an odd number of blanks the smaller half goes left, except where CPython does not do so.
std::string centered(const std::string& text, int64_t width, const std::string& fill);

}  // namespace lf::jinja
