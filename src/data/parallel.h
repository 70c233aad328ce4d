// A loop over independent items on several threads.
#pragma once
#include <cstddef>
#include <functional>

namespace lf {

/// Calls body(0) ... body(count - 1), each once, on up to `threads` threads. When bodies throw, the exception of the
/// lowest index is thrown on, whatever the timing.
void parallel_for(size_t count, size_t threads, const std::function<void(size_t)>& body);
/// Threads worth using on this machine.
size_t worker_threads();

}  // namespace lf
