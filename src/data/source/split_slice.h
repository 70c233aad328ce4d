// Parts of a split in datasets' notation: "train[:100]", "train[10%:20%]", "train[-50:]".
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace lf {

struct RowSlice {
  size_t from = 0, to = 0;
  size_t size() const { return to - from; }
};

/// One split, or the joined parts of one ("train[:10]+train[-10:]").
class SplitSlice {
 public:
  /// kData when `text` is no such thing; kUnsupported when different splits are joined.
  static SplitSlice parse(const std::string& text);
  /// train, test, ...; "train" for an empty text.
  const std::string& name() const { return name_; }
  bool whole() const { return parts_.size() == 1 && !parts_[0].from && !parts_[0].to; }
  /// The parts of a split of `rows` rows, as datasets cuts them: percents rounded to the closest row, bounds cut at the
  /// end.
  std::vector<RowSlice> of(size_t rows) const;

 private:
  struct Part {
    std::optional<int64_t> from, to;
    bool percent = false;
    RowSlice of(int64_t rows) const;
  };
  void add(const std::string& text);

  std::string name_;
  std::vector<Part> parts_;
};

}  // namespace lf
