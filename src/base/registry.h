// Looking an entry up in a table that lf_collect made (one file = one entry, see docs/ARCHITECTURE.md).
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/strings.h"

namespace lf {

/// Names of all entries, in table order. Entry has `std::string_view name`.
template <class Entry>
std::vector<std::string> entry_names(std::span<const Entry* const> table) {
  std::vector<std::string> names;
  for (const Entry* entry : table) names.emplace_back(entry->name);
  return names;
}

/// The entry called `name`, or null.
template <class Entry>
const Entry* find_entry(std::span<const Entry* const> table, std::string_view name) {
  for (const Entry* entry : table) {
    if (entry->name == name) return entry;
  }
  return nullptr;
}

/// The entry called `name`; otherwise throws kUnsupported with the nearest names. `what` is e.g. "optimizer".
template <class Entry>
const Entry& require_entry(std::span<const Entry* const> table, std::string_view name, std::string_view what) {
  if (const Entry* entry = find_entry(table, name)) return *entry;
  throw_error(ErrorKind::kUnsupported, "{} '{}' is not known{} (known: {})", what, printable(name),
              did_you_mean(name, entry_names(table)), join(entry_names(table), ", "));
}

}  // namespace lf
