#include "data/loader.h"

#include "base/error.h"

namespace lf {

DataLoader::DataLoader(const Dataset& dataset, SamplerOptions sampler, CollateOptions collate)
    : dataset_(dataset), sampler_(dataset.size(), std::move(sampler)), collate_(collate) {}

std::optional<Batch> DataLoader::next() {
  if (cursor_.batch >= batches_per_epoch()) {
    cursor_ = {cursor_.epoch + 1, 0};
    return std::nullopt;
  }
  Batch batch = at(cursor_);
  ++cursor_.batch;
  return batch;
}

void DataLoader::seek(DataCursor cursor) {
  LF_CHECK(kData, cursor.epoch >= 0 && cursor.batch >= 0 && cursor.batch <= batches_per_epoch(),
           "the data position (epoch {}, batch {}) lies outside this dataset of {} batches", cursor.epoch, cursor.batch,
           batches_per_epoch());
  cursor_ = cursor;
}

void DataLoader::restore(const Json& position) {
  seek({position.at("epoch").get<int64_t>(), position.at("batch").get<int64_t>()});
}

Batch DataLoader::at(DataCursor cursor) const {
  return collate(dataset_, sampler_.batch(cursor.epoch, cursor.batch), collate_);
}

}  // namespace lf
