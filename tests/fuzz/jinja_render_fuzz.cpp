// rooms: base tokenizer templates
// Any text as a template, rendered with a conversation: a text or an lf::Error, within the limits. What follows a NUL
// byte of the input is the content of a message.
#include <algorithm>
#include <string>
#include <string_view>

#include "base/error.h"
#include "templates/jinja/template.h"

namespace {

lf::Json context(std::string_view content) {
  return {
      {"messages",
       {{{"role", "system"}, {"content", "Be brief."}},
        {{"role", "user"}, {"content", content}},
        {{"role", "assistant"}, {"content", nullptr}, {"tool_calls", {{{"name", "f"}, {"arguments", {{"x", 1.5}}}}}}}}},
      {"tools", {{{"name", "f"}, {"parameters", {{"type", "object"}}}}}},
      {"add_generation_prompt", true},
      {"bos_token", "<s>"},
      {"nested", {{{"children", {{{"children", lf::Json::array()}}}}}}},
      {"d", {{"a", 1}, {"b", "x"}}},
      {"l", {3, 1, 2, "z", nullptr}},
      {"f", 2.5}};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const size_t nul = std::min(input.find('\0'), size);
  lf::JinjaGlobals globals;
  globals.limits.steps = 20000;
  globals.limits.output_bytes = 1 << 18;
  try {
    const auto parsed = lf::JinjaTemplate::parse(input.substr(0, nul));
    parsed.render(context(nul < size ? input.substr(nul + 1) : "Hé <b>"), globals);
  } catch (const lf::Error& error) {
    if (error.kind() == lf::ErrorKind::kInternal) __builtin_trap();
  }
  return 0;
}
