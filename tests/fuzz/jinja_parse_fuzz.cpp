// rooms: base tokenizer templates
// Any text as a template: it parses or gives an lf::Error.
#include <string_view>

#include "base/error.h"
#include "templates/jinja/template.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    lf::JinjaTemplate::parse({reinterpret_cast<const char*>(data), size});
  } catch (const lf::Error& error) {
    if (error.kind() == lf::ErrorKind::kInternal) __builtin_trap();
  }
  return 0;
}
