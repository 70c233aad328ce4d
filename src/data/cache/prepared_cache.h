// Prepared data in the cache: found by its key, or made and stored.
#pragma once
#include <functional>

#include "data/cache/cache_folder.h"
#include "data/prepare.h"

namespace lf {

/// `make` is called when the cache has nothing for this data, or when `renew`.
PreparedData cached(const CacheFolder& cache, const std::string& key, bool renew,
                    const std::function<PreparedData()>& make);

}  // namespace lf
