#include "data/source/text_rows.h"

#include <limits>
#include <unordered_map>

#include "base/error.h"
#include "data/source/csv_row.h"
#include "data/source/json_row.h"
#include "data/source/row_scanner.h"
#include "data/source/utf8.h"
#include "io/mapped_file.h"

namespace lf {
namespace {

RowKind row_kind(FileType type) {
  if (type == FileType::kCsv) return RowKind::kCsv;
  if (type == FileType::kText) return RowKind::kText;
  return type == FileType::kJsonLines ? RowKind::kJsonLines : RowKind::kJson;
}

Json text_row(std::string_view text, const RowPlace& place) {
  const size_t bad = find_invalid_utf8(text);
  LF_CHECK(kData, bad == std::string_view::npos, "{}, byte {}: not valid UTF-8", describe(place), place.offset + bad);
  return Json{{"text", std::string(text)}};
}

Json json_row(std::string_view text, const RowPlace& place) {
  Json value = parse_json_row(text, place);
  if (value.is_string()) return Json{{"text", std::move(value)}};  // an array of texts
  LF_CHECK(kData, value.is_object(), "{}, byte {}: an object with columns was needed but it is {} {}", describe(place),
           place.offset, value.is_array() ? "an" : "a", value.type_name());
  return value;
}

/// A scanner, and the way from the text of a row to its columns.
class TextRows {
 public:
  explicit TextRows(const DataFile& file)
      : kind_(row_kind(file.type)), scanner_(scan_rows(open_bytes(file), file.name, kind_)) {
    if (kind_ == RowKind::kCsv) learn_csv(file.name);
  }

  RowScanner& scanner() { return *scanner_; }
  const RowScanner& scanner() const { return *scanner_; }
  Json parse(std::string_view text, const RowPlace& place) const {
    if (kind_ == RowKind::kCsv) return shape_.row(text, place);
    return kind_ == RowKind::kText ? text_row(text, place) : json_row(text, place);
  }

 private:
  /// The header and the types of the first rows; then back to the first row.
  void learn_csv(const std::string& name) {
    ScannedRow row;
    if (!scanner_->next(row)) return;
    shape_ = CsvShape(row.text, name);
    const Json first = scanner_->position();
    bool more = true;
    for (size_t i = 0; more && i < CsvShape::kSampleRows; ++i) {
      try {
        more = scanner_->next(row);
        if (more) shape_.learn(row.text);
      } catch (const Error&) {  // reported when the rows are read
        more = false;
      }
    }
    scanner_->seek(first);
  }

  RowKind kind_;
  std::unique_ptr<RowScanner> scanner_;
  CsvShape shape_;
};

class TextStream final : public RowStream {
 public:
  explicit TextStream(const DataFile& file) : rows_(file) {}

  bool next(Json& row, RowPlace& place) override {
    ScannedRow scanned;
    bool more = false;
    try {
      more = rows_.scanner().next(scanned);
    } catch (const Error&) {
      place = scanned.place;
      throw;
    }
    place = scanned.place;
    if (!more) return false;
    row = rows_.parse(scanned.text, place);
    return true;
  }
  Json position() const override { return rows_.scanner().position(); }
  void seek(const Json& position) override { rows_.scanner().seek(position); }

 private:
  TextRows rows_;
};

class IndexedTable final : public RowTable {
 public:
  explicit IndexedTable(const DataFile& file) : name_(file.name), file_(file.address), rows_(file) {
    while (index_next()) {
    }
    spans_.shrink_to_fit();
  }

  size_t size() const override { return spans_.size(); }
  RowPlace place(size_t row) const override { return {name_, spans_[row].number, spans_[row].offset}; }
  Json row(size_t row) const override {
    const Span& span = spans_[row];
    if (const auto bad = bad_.find(row); bad != bad_.end()) throw Error(ErrorKind::kData, bad->second);
    thread_local std::string text;
    text.resize(span.bytes);
    file_.read(span.offset, text.data(), span.bytes);
    Json value = rows_.parse(text, place(row));
    if (text.capacity() > (size_t{4} << 20)) std::string().swap(text);
    return value;
  }

 private:
  struct Span {
    uint64_t offset = 0;
    uint32_t bytes = 0;
    uint32_t number = 0;
  };
  bool index_next() {
    ScannedRow row;
    try {
      if (!rows_.scanner().next(row)) return false;
    } catch (const Error& error) {  // a row that is too long stays in the index, so that it can be counted
      if (error.kind() != ErrorKind::kData) throw;
      row.text = {};
      bad_.emplace(spans_.size(), error.what());
    }
    LF_CHECK(kFormat, row.place.number <= std::numeric_limits<uint32_t>::max(), "{}: more than {} rows", name_,
             std::numeric_limits<uint32_t>::max());
    spans_.push_back(
        {row.place.offset, static_cast<uint32_t>(row.text.size()), static_cast<uint32_t>(row.place.number)});
    return true;
  }

  std::string name_;
  MappedFile file_;
  TextRows rows_;
  std::vector<Span> spans_;
  std::unordered_map<size_t, std::string> bad_;
};

}  // namespace

std::unique_ptr<RowStream> stream_text(const DataFile& file) { return std::make_unique<TextStream>(file); }
std::unique_ptr<RowTable> index_text(const DataFile& file) { return std::make_unique<IndexedTable>(file); }

}  // namespace lf
