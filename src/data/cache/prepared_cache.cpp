#include "data/cache/prepared_cache.h"

#include "base/log.h"
#include "data/tokenized/dataset_files.h"

namespace lf {
namespace {

Json store_set(const std::filesystem::path& folder, const std::string& file, const std::string& name,
               const Dataset& dataset) {
  write_split(folder / file, dataset, {.exact = true});
  return {
      {"folder", file}, {"name", name}, {"kind", static_cast<int>(dataset.kind())}, {"separate", dataset.separate()}};
}

Json store(const std::filesystem::path& folder, const PreparedData& data) {
  Json sets = Json::array();
  if (!data.train.empty()) sets.push_back(store_set(folder, "train", "train", data.train));
  for (size_t i = 0; i < data.eval.size(); ++i)
    sets.push_back(store_set(folder, fmt::format("eval-{}", i), data.eval[i].first, data.eval[i].second));
  return {{"sets", sets}, {"warnings", data.warnings}};
}

PreparedData load(const std::filesystem::path& folder, const Json& description) {
  PreparedData data;
  for (const Json& set : description.at("sets")) {
    Dataset dataset = read_split(folder / set.at("folder").get<std::string>(),
                                 {.neat_packing = set.at("separate").get<bool>(),
                                  .exact = true,
                                  .kind = static_cast<ExampleKind>(set.at("kind").get<int>())});
    if (set.at("folder") == "train")
      data.train = std::move(dataset);
    else
      data.eval.emplace_back(set.at("name").get<std::string>(), std::move(dataset));
  }
  data.warnings = description.at("warnings").get<std::vector<std::string>>();
  for (const std::string& warning : data.warnings) log_warn("data", "{}", warning);
  return data;
}

}  // namespace

PreparedData cached(const CacheFolder& cache, const std::string& key, bool renew,
                    const std::function<PreparedData()>& make) {
  if (renew) cache.remove(key);
  const Json found = cache.find(key);
  if (!found.is_null()) {
    try {
      PreparedData data = load(cache.entry(key), found);
      log_info("data", "prepared data taken from {}", cache.entry(key).string());
      return data;
    } catch (const std::exception& error) {
      log_warn("data", "cached data cannot be read and is made anew: {}", error.what());
      cache.remove(key);
    }
  }
  PreparedData data = make();
  bool media = data.train.has_media();
  for (const auto& [name, dataset] : data.eval) media = media || dataset.has_media();
  if (!media) cache.put(key, [&](const std::filesystem::path& folder) { return store(folder, data); });
  return data;
}

}  // namespace lf
