#include "data/parallel.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace lf {
namespace {

constexpr size_t kChunk = 8;

struct Work {
  size_t count;
  const std::function<void(size_t)>& body;
  std::atomic<size_t> next{0};
  std::mutex mutex;
  size_t failed_at = static_cast<size_t>(-1);
  std::exception_ptr error;

  /// Chunks are handed out in order, so every index below a failed one is still visited.
  void run() {
    for (size_t first = next.fetch_add(kChunk); first < count; first = next.fetch_add(kChunk)) {
      for (size_t i = first; i < std::min(first + kChunk, count); ++i) {
        try {
          body(i);
        } catch (...) {
          const std::lock_guard lock(mutex);
          if (i < failed_at) {
            failed_at = i;
            error = std::current_exception();
          }
          next = count;
          return;
        }
      }
    }
  }
};

}  // namespace

void parallel_for(size_t count, size_t threads, const std::function<void(size_t)>& body) {
  Work work{count, body};
  threads = std::min(std::max<size_t>(threads, 1), (count + kChunk - 1) / kChunk);
  std::vector<std::thread> others;
  for (size_t i = 1; i < threads; ++i) others.emplace_back([&] { work.run(); });
  work.run();
  for (std::thread& thread : others) thread.join();
  if (work.error) std::rethrow_exception(work.error);
}

size_t worker_threads() { return std::clamp<size_t>(std::thread::hardware_concurrency(), 1, 16); }

}  // namespace lf
