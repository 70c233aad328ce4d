// How the C library hands out memory.
#pragma once

namespace lf {

/// Fixes the size from which blocks are mapped by themselves (32 MiB, glibc's upper bound) and from which free memory
/// at the heap's top goes back to the system. glibc otherwise moves both while the program runs, and the peak of the
/// same run differs by several percent from one time to the next. MALLOC_* variables of the user's take precedence.
/// Does nothing with other C libraries. Call it first in main().
void settle_heap();

}  // namespace lf
