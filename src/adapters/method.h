// Adapter methods: one file in methods/ = one method.
#pragma once
#include <span>
#include <string_view>

namespace lf {
struct MethodEntry {
  std::string_view name;
};
std::span<const MethodEntry* const> all_adapter_methods();
}  // namespace lf
