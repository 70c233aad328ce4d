// GLM-4 9B as transformers has it: half of each head turns, in interleaved pairs; gate and up are one matrix.
#include "model/family_parts.h"

namespace lf {

extern const ArchEntry entry_glm;
constinit const ArchEntry entry_glm{.name = "glm", .describe = glm_spec};

}  // namespace lf
