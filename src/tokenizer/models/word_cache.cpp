#include "tokenizer/models/word_cache.h"

#include <atomic>

namespace lf {

uint32_t WordCache::new_owner() {
  static std::atomic<uint32_t> last{0};
  return ++last;
}

}  // namespace lf
