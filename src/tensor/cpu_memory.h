// Main memory of large tensors: kept and used again, but never more than the run has needed at once.
//
// The C library either maps a block anew each time, which makes the kernel clear its pages again, or leaves freed
// blocks as holes in its heap, which adds up to a third to the peak of a training run and differs from run to run. Here
// freed blocks stay cached, are split and joined, and go back to the system only when the memory held would grow beyond
// what was once alive at the same time, and a little.
#pragma once
#include <cstddef>

namespace lf {

/// Blocks below this come from the C library.
inline constexpr size_t kSmallestPooledBlock = size_t{128} << 10;

struct CpuMemory {
  size_t live = 0;       // bytes of blocks in use
  size_t cached = 0;     // of blocks kept for use again
  size_t most_live = 0;  // the highest `live` so far, or since reset_most_live()
};

/// Gives all tensors on the CPU their memory from the pool, from now on. Once is enough; earlier tensors keep theirs.
void use_cpu_pool();
/// Counts of the pool; zeros before use_cpu_pool().
CpuMemory cpu_memory();
/// Starts `most_live` again from what is alive now, for a measurement. The bound on what is held stays as it was.
void reset_most_live();

}  // namespace lf
