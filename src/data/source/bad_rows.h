// What happens to rows that cannot be read or converted (option `on_bad_row`).
#pragma once
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

#include "base/error.h"

namespace lf {

/// `error` (default), `skip`, or `skip:N%`: skip, but stop when more than N % of the rows are bad.
struct BadRowPolicy {
  bool skip = false;
  double most_percent = 100;

  /// kConfig when `text` is none of the three.
  static BadRowPolicy parse(std::string_view text);
};

/// Counts the rows that are skipped. Thread-safe.
class BadRows {
 public:
  explicit BadRows(BadRowPolicy policy) : policy_(policy) {}

  /// Call in the handler of an Error about one row. Rethrows it unless rows are skipped and it is of kind kData.
  void add(const Error& error);
  /// kData when more than the share that the policy allows of `rows_read` rows (bad ones included) is bad.
  void check(int64_t rows_read) const;
  int64_t count() const;
  /// "3 bad rows skipped (first: chats.jsonl: row 12, byte 4711: ...)"; "" when there is none.
  std::string text() const;

 private:
  BadRowPolicy policy_;
  mutable std::mutex mutex_;
  int64_t count_ = 0;
  std::string first_;
};

}  // namespace lf
