// How the C library hands out memory.
#pragma once

namespace lf {

/// Fixes the size from which blocks are mapped by themselves (32 MiB, glibc's upper bound) and from which free memory
/// at the heap's top goes back to the system. glibc otherwise moves both while the program runs, and the peak of the
/// same run differs by several percent from one time to the next. MALLOC_* variables of the user's take precedence.
/// Does nothing with other C libraries. Call it first in main().
void settle_heap();

/// oneDNN and libtorch's wrapper of it keep compiled products of up to 1,024 shapes each, some hundred kilobytes
/// apiece. Mixtures of experts and rows of many lengths bring new shapes at every step, so that memory grows for
/// minutes; 64 serve all blocks of a step. Their own variables, where the user has set them, take precedence. Call it
/// in main(), before libtorch is used.
void limit_product_caches();

}  // namespace lf
