#include "adapters/peft_names.h"

#include <algorithm>
#include <vector>

#include "base/error.h"
#include "base/strings.h"

namespace lf {

static constexpr std::string_view kPrefix = "base_model.model.";

PeftName parse_peft_name(std::string_view name, const std::string& where) {
  LF_CHECK(kFormat, name.starts_with(kPrefix), "{}: tensor '{}' does not begin with '{}'", where, printable(name),
           kPrefix);
  const std::vector<std::string> parts = split(name.substr(kPrefix.size()), '.');
  auto rest = [&](size_t begin, size_t end) {
    return join(std::vector<std::string>(parts.begin() + static_cast<int64_t>(begin),
                                         parts.begin() + static_cast<int64_t>(end)),
                ".");
  };
  for (size_t i = 1; i < parts.size(); ++i) {
    const std::string& part = parts[i];
    if (part == "lora_A" || part == "lora_B") {
      LF_CHECK(kUnsupported, parts.back() == "weight" && parts.size() - i <= 3,
               "{}: tensor '{}' is a bias of a factor, which is not available yet", where, printable(name));
      return {part == "lora_A" ? PeftName::Part::kA : PeftName::Part::kB, rest(0, i)};
    }
    LF_CHECK(kUnsupported, !part.starts_with("lora_"),
             "{}: tensor '{}' belongs to a variant of LoRA that is not available yet", where, printable(name));
    if (part == "original_module") return {PeftName::Part::kOriginal, rest(0, i) + "." + rest(i + 1, parts.size())};
    if (part == "modules_to_save" || part == "base_layer") {
      const size_t after = part == "modules_to_save" && parts.size() - i == 3 ? i + 2 : i + 1;
      return {PeftName::Part::kWhole, rest(0, i) + "." + rest(after, parts.size())};
    }
  }
  return {PeftName::Part::kWhole, rest(0, parts.size())};
}

std::string peft_name(const PeftName& name) {
  const char* suffix = name.part == PeftName::Part::kA   ? ".lora_A.weight"
                       : name.part == PeftName::Part::kB ? ".lora_B.weight"
                                                         : "";
  return std::string(kPrefix) + name.path + suffix;
}

}  // namespace lf
