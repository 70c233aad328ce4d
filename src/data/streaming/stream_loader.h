// Batches of a stream, made ahead of time by a thread of their own: a bounded queue, always in the same order.
#pragma once
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <thread>

#include "data/batch_source.h"
#include "data/loader.h"
#include "data/streaming/example_stream.h"

namespace lf {

struct StreamLoaderOptions {
  int64_t batch_size = 1;
  bool drop_last = false;
  int64_t preprocessing_batch_size = 1000;
  size_t threads = 1;   // that encode
  size_t prefetch = 2;  // batches made ahead
  CollateOptions collate = {};
};

/// Workers of a spec take turns, a batch each, as those of PyTorch's DataLoader.
class StreamLoader final : public BatchSource {
 public:
  /// `encoder` must outlive the loader.
  StreamLoader(StreamSpec spec, OpenRows open, const Encoder& encoder, StreamLoaderOptions options);
  ~StreamLoader() override { stop(); }

  std::optional<int64_t> examples() const override { return std::nullopt; }
  std::optional<int64_t> epoch_batches() const override { return std::nullopt; }
  std::optional<Batch> next() override;
  DataCursor cursor() const override { return cursor_; }
  void seek(DataCursor cursor) override;
  Json position() const override;
  void restore(const Json& position) override;

 private:
  /// Where each worker stands, and whose turn it is.
  struct Turn {
    std::vector<StreamMark> marks;
    std::vector<bool> ended;
    size_t next = 0;
  };
  struct Made {
    std::optional<Batch> batch;  // nothing: end of the epoch
    Turn after;
  };

  void open_workers();
  Made make();
  std::vector<EncodedExample> take_examples(ExampleStream& worker) const;
  void run();
  void start();
  void stop();

  StreamSpec spec_;
  OpenRows open_;
  StreamLoaderOptions options_;
  BadRows bad_rows_;
  RowEncoder encoder_;

  DataCursor cursor_;
  Turn turn_;  // after the last batch given out; no marks: start of the epoch

  // Of the thread while it runs.
  std::vector<std::unique_ptr<ExampleStream>> workers_;
  Turn made_;
  int64_t samples_ = 0;

  std::thread thread_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Made> queue_;
  std::exception_ptr error_;
  bool stopping_ = false;
};

}  // namespace lf
