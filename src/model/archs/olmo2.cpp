// OLMo 2 (arXiv 2501.00656): norms after attention and MLP instead of before, and one over all queries and all keys.
#include "model/family_parts.h"

namespace lf {

extern const ArchEntry entry_olmo2;
constinit const ArchEntry entry_olmo2{.name = "olmo2", .describe = olmo2_spec};

}  // namespace lf
