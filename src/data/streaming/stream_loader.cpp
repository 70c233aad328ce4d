#include "data/streaming/stream_loader.h"

#include "base/error.h"
#include "base/log.h"

namespace lf {
namespace {

std::vector<std::string> names_of(const StreamSpec& spec) {
  std::vector<std::string> names;
  for (const DatasetAttr& attr : spec.datasets) names.push_back(attr.name);
  return names;
}

}  // namespace

StreamLoader::StreamLoader(StreamSpec spec, OpenRows open, const Encoder& encoder, StreamLoaderOptions options)
    : spec_(std::move(spec)),
      open_(std::move(open)),
      options_(options),
      bad_rows_(spec_.bad_rows),
      encoder_(encoder, names_of(spec_), bad_rows_, options_.threads) {
  LF_CHECK(kConfig, options_.batch_size > 0, "the batch size must be positive but is {}", options_.batch_size);
  LF_CHECK(kConfig, spec_.workers > 0, "a stream needs at least one worker");
}

/// The workers of the current epoch, at the place where the last batch given out ended.
void StreamLoader::open_workers() {
  workers_.clear();
  made_ = turn_;
  for (int64_t i = 0; i < spec_.workers; ++i) {
    auto rows = std::make_unique<RowPipeline>(spec_, open_, cursor_.epoch, i, bad_rows_);
    workers_.push_back(std::make_unique<ExampleStream>(std::move(rows), encoder_, options_.preprocessing_batch_size));
    if (!turn_.marks.empty() && !turn_.ended[i]) workers_[i]->restore(turn_.marks[i]);
  }
  made_.ended.resize(workers_.size(), false);
  if (made_.marks.empty()) {
    for (const auto& worker : workers_) made_.marks.push_back(worker->mark());
  }
  samples_ = cursor_.batch * options_.batch_size;
}

/// As many examples as a batch needs; none when the worker is done (or the rest is dropped).
std::vector<EncodedExample> StreamLoader::take_examples(ExampleStream& worker) const {
  std::vector<EncodedExample> examples;
  while (static_cast<int64_t>(examples.size()) < options_.batch_size) {
    std::optional<EncodedExample> example = worker.next();
    if (!example) break;
    examples.push_back(std::move(*example));
  }
  if (options_.drop_last && static_cast<int64_t>(examples.size()) < options_.batch_size) examples.clear();
  return examples;
}

StreamLoader::Made StreamLoader::make() {
  for (size_t tries = 0; tries < workers_.size(); ++tries) {
    const size_t at = made_.next;
    made_.next = (made_.next + 1) % workers_.size();
    if (made_.ended[at]) continue;
    const std::vector<EncodedExample> examples = take_examples(*workers_[at]);
    made_.marks[at] = workers_[at]->mark();
    if (examples.empty()) {
      made_.ended[at] = true;
      continue;
    }
    Dataset rows;
    std::vector<int64_t> order;
    for (const EncodedExample& example : examples) {
      order.push_back(rows.size());
      rows.append(example);
    }
    Batch batch = collate(rows, order, options_.collate);
    for (int64_t& sample : batch.samples) sample += samples_;
    samples_ += rows.size();
    return {std::move(batch), made_};
  }
  for (const std::string& line : encoder_.summary()) log_warn("data", "{}", line);
  return {std::nullopt, {}};
}

void StreamLoader::run() {
  try {
    open_workers();
    for (bool more = true; more;) {
      Made made = make();
      more = made.batch.has_value();
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return stopping_ || queue_.size() < options_.prefetch; });
      if (stopping_) return;
      queue_.push_back(std::move(made));
      changed_.notify_all();
    }
  } catch (...) {
    const std::lock_guard lock(mutex_);
    error_ = std::current_exception();
    changed_.notify_all();
  }
}

void StreamLoader::start() {
  if (thread_.joinable()) return;
  thread_ = std::thread([this] { run(); });
}

void StreamLoader::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    changed_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
  stopping_ = false;
  queue_.clear();
  error_ = nullptr;
  workers_.clear();
}

std::optional<Batch> StreamLoader::next() {
  start();
  Made made;
  {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !queue_.empty() || error_; });
    if (queue_.empty()) std::rethrow_exception(error_);
    made = std::move(queue_.front());
    queue_.pop_front();
    changed_.notify_all();
  }
  if (!made.batch) {
    seek({cursor_.epoch + 1, 0});
    return std::nullopt;
  }
  turn_ = std::move(made.after);
  ++cursor_.batch;
  return std::move(made.batch);
}

void StreamLoader::seek(DataCursor cursor) {
  LF_CHECK(kInternal, cursor.batch == 0, "a stream cannot go to batch {} of an epoch", cursor.batch);
  stop();
  cursor_ = cursor;
  turn_ = {};
}

Json StreamLoader::position() const {
  Json workers = Json::array();
  for (size_t i = 0; i < turn_.marks.size(); ++i) {
    workers.push_back(
        {{"window", *turn_.marks[i].window}, {"used", turn_.marks[i].used}, {"ended", bool(turn_.ended[i])}});
  }
  return {{"epoch", cursor_.epoch}, {"batch", cursor_.batch}, {"turn", turn_.next}, {"workers", workers}};
}

void StreamLoader::restore(const Json& position) {
  stop();
  const Json& workers = position.at("workers");
  LF_CHECK(kConfig, workers.empty() || static_cast<int64_t>(workers.size()) == spec_.workers,
           "the stream was read by {} workers and is read by {} now: set dataloader_num_workers back", workers.size(),
           spec_.workers);
  cursor_ = {position.at("epoch").get<int64_t>(), position.at("batch").get<int64_t>()};
  turn_ = {};
  turn_.next = position.at("turn").get<size_t>();
  for (const Json& worker : workers) {
    turn_.marks.push_back({std::make_shared<const Json>(worker.at("window")), worker.at("used").get<int64_t>()});
    turn_.ended.push_back(worker.at("ended").get<bool>());
  }
  LF_CHECK(kFormat, turn_.next < static_cast<size_t>(spec_.workers), "a stored position in a stream is damaged");
}

}  // namespace lf
