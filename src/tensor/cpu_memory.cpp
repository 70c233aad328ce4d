#include "tensor/cpu_memory.h"

#include <c10/core/Allocator.h>
#include <c10/core/CPUAllocator.h>
#include <c10/core/impl/alloc_cpu.h>
#include <sys/mman.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <set>
#include <unordered_map>

namespace lf {
namespace {

constexpr size_t kPage = 4096;
constexpr size_t kHugePage = size_t{2} << 20;

/// Free and used blocks of memory mapped from the system. Addresses are page-aligned, sizes whole pages.
class Pool {
 public:
  /// nullptr when the system has no more.
  void* take(size_t bytes) {
    const std::lock_guard lock(mutex_);
    const size_t size = (bytes + kPage - 1) / kPage * kPage;
    char* at = reuse(size);
    if (!at) at = map(size);
    if (!at) return nullptr;
    used_[at] = size;
    counts_.live += size;
    counts_.most_live = std::max(counts_.most_live, counts_.live);
    highest_ = std::max(highest_, counts_.live);
    return at;
  }

  /// Whether the block was of this pool.
  bool give(void* pointer) {
    const std::lock_guard lock(mutex_);
    const auto found = used_.find(static_cast<char*>(pointer));
    if (found == used_.end()) return false;
    counts_.live -= found->second;
    keep(found->first, found->second);
    used_.erase(found);
    return true;
  }

  CpuMemory counts() {
    const std::lock_guard lock(mutex_);
    return counts_;
  }
  void reset_most_live() {
    const std::lock_guard lock(mutex_);
    counts_.most_live = counts_.live;
  }

 private:
  /// The smallest free block that is large enough; the rest of it stays free.
  char* reuse(size_t size) {
    const auto found = by_size_.lower_bound({size, nullptr});
    if (found == by_size_.end()) return nullptr;
    const auto [whole, at] = *found;
    forget(at, whole);
    if (whole > size) keep(at + size, whole - size);
    return at;
  }

  char* map(size_t size) {
    const size_t allowed = std::max(highest_, counts_.live + size);
    shrink(allowed + std::max(allowed / 64, kHugePage) - size);
    void* at = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (at == MAP_FAILED) {
      shrink(0);
      at = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
      if (at == MAP_FAILED) return nullptr;
    }
    if (size >= kHugePage) madvise(at, size, MADV_HUGEPAGE);  // fewer page faults; a refusal is no loss
    return static_cast<char*>(at);
  }

  /// Gives free blocks back, the largest first, until no more than `total` bytes are held or none is left.
  void shrink(size_t total) {
    while (!by_size_.empty() && counts_.live + counts_.cached > total) {
      const auto [size, at] = *by_size_.rbegin();
      const size_t excess = (counts_.live + counts_.cached - total + kPage - 1) / kPage * kPage;
      const size_t part = std::min(size, excess);
      forget(at, size);
      if (part < size) keep(at, size - part);
      munmap(at + (size - part), part);
    }
  }

  /// Joins the block with free neighbours.
  void keep(char* at, size_t size) {
    const auto after = free_.find(at + size);
    if (after != free_.end()) {
      const size_t more = after->second;
      forget(at + size, more);
      size += more;
    }
    auto before = free_.lower_bound(at);
    if (before != free_.begin() && (--before)->first + before->second == at) {
      const auto [start, length] = *before;
      forget(start, length);
      at = start;
      size += length;
    }
    free_[at] = size;
    by_size_.insert({size, at});
    counts_.cached += size;
  }

  void forget(char* at, size_t size) {
    free_.erase(at);
    by_size_.erase({size, at});
    counts_.cached -= size;
  }

  std::mutex mutex_;
  std::unordered_map<char*, size_t> used_;
  std::map<char*, size_t> free_;
  std::set<std::pair<size_t, char*>> by_size_;
  CpuMemory counts_;
  size_t highest_ = 0;
};

Pool* pool = nullptr;  // never destroyed: tensors with static lifetime give memory back at exit

void release(void* pointer) {
  if (pointer && !pool->give(pointer)) c10::free_cpu(pointer);
}

class PooledAllocator final : public c10::Allocator {
 public:
  c10::DataPtr allocate(size_t bytes) override {
    const c10::Device cpu(c10::DeviceType::CPU);
    if (bytes < kSmallestPooledBlock) {
      void* small = c10::alloc_cpu(bytes);
      return {small, small, &c10::free_cpu, cpu};
    }
    void* block = pool->take(bytes);
    TORCH_CHECK(block, "not enough memory: ", bytes, " bytes for a tensor could not be had");
    return {block, block, &release, cpu};
  }
  c10::DeleterFnPtr raw_deleter() const override { return &release; }
  void copy_data(void* to, const void* from, size_t bytes) const override { default_copy_data(to, from, bytes); }
};

}  // namespace

void use_cpu_pool() {
  if (pool) return;
  pool = new Pool;
  static PooledAllocator allocator;
  c10::SetCPUAllocator(&allocator, /*priority=*/1);
}

CpuMemory cpu_memory() { return pool ? pool->counts() : CpuMemory{}; }

void reset_most_live() {
  if (pool) pool->reset_most_live();
}

}  // namespace lf
