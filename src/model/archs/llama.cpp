// Llama 1 to 3.x, and everything published under its model_type.
#include "model/arch.h"

namespace lf {

extern const ArchEntry entry_llama;
constinit const ArchEntry entry_llama{.name = "llama", .describe = llama_spec};

}  // namespace lf
