#include "base/error.h"
#include "templates/jinja/interp.h"

namespace lf::jinja {

Params::Params(std::string_view function, const Args& args, std::initializer_list<std::string_view> names,
               size_t required)
    : function_(function), names_(names), values_(names.size()) {
  LF_CHECK(kData, args.positional.size() <= names_.size(), "{}() takes at most {} arguments but {} were given",
           function, names_.size(), args.positional.size());
  std::copy(args.positional.begin(), args.positional.end(), values_.begin());
  for (const auto& [name, value] : args.named) {
    const auto at = std::find(names_.begin(), names_.end(), name) - names_.begin();
    LF_CHECK(kData, at < static_cast<int64_t>(names_.size()), "{}() got an unexpected keyword argument '{}'", function,
             name);
    LF_CHECK(kData, values_[at].is_missing(), "{}() got multiple values for argument '{}'", function, name);
    values_[at] = value;
  }
  for (size_t i = 0; i < required; ++i) {
    LF_CHECK(kData, has(i), "{}() is missing the argument '{}'", function, names_[i]);
  }
}

bool Params::flag(size_t i, bool otherwise) const { return has(i) ? truth(values_[i]) : otherwise; }

bool Params::int_flag(size_t i, bool otherwise) const {
  if (!has(i)) return otherwise;
  const int64_t value = integer(i);
  LF_CHECK(kData, value >= INT32_MIN && value <= INT32_MAX, "{}(): Python int too large to convert to C int",
           function_);
  return value != 0;
}

int64_t Params::integer(size_t i) const {
  LF_CHECK(kData, values_[i].is_integral(), "{}(): {} must be an integer, not {}", function_, names_[i],
           type_name(values_[i]));
  return values_[i].as_int();
}

int64_t Params::integer(size_t i, int64_t otherwise) const { return has(i) ? integer(i) : otherwise; }

const std::string& Params::text(size_t i) const {
  LF_CHECK(kData, values_[i].is_string(), "{}(): {} must be a str, not {}", function_, names_[i],
           type_name(values_[i]));
  return values_[i].as_text();
}

std::string Params::text(size_t i, std::string otherwise) const { return has(i) ? text(i) : otherwise; }

const std::vector<Value>& positional_only(std::string_view function, const Args& args, size_t least, size_t most) {
  LF_CHECK(kData, args.named.empty(), "{}() takes no keyword arguments", function);
  LF_CHECK(kData, args.positional.size() >= least, "{}() takes at least {} arguments but {} were given", function,
           least, args.positional.size());
  LF_CHECK(kData, args.positional.size() <= most, "{}() takes at most {} arguments but {} were given", function, most,
           args.positional.size());
  return args.positional;
}

}  // namespace lf::jinja
