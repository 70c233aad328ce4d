#include "data/row_index.h"

#include <cstring>
#include <limits>

#include "base/error.h"
#include "base/strings.h"
#include "data/source/json_row.h"

namespace lf {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

class Indexer {
 public:
  Indexer(std::string_view text, std::string_view file) : text_(text), file_(file) {}

  std::vector<RowSpan> array() {
    ++at_;
    skip_blanks();
    if (peek() == ']')
      ++at_;
    else
      array_elements();
    skip_blanks();
    if (!at_end()) fail("something follows the end of the array");
    return std::move(rows_);
  }

  std::vector<RowSpan> objects() {
    for (skip_blanks(); !at_end(); skip_blanks()) {
      element();
      skip_blanks();
      if (peek() == ',' && !at_end()) fail("a comma stands between rows that are in no array; put [ ] around all rows");
    }
    return std::move(rows_);
  }

  std::vector<RowSpan> lines() {
    uint64_t number = 0;
    while (!at_end()) {
      const size_t start = at_;
      const size_t end = std::min(text_.find('\n', at_), text_.size());
      ++number;
      at_ = end + 1;
      size_t from = start, to = end;
      while (from < to && is_blank(text_[from])) ++from;
      while (to > from && is_blank(text_[to - 1])) --to;
      if (from < to) add(from, to, number);
    }
    return std::move(rows_);
  }

  std::vector<RowSpan> text_lines() {
    uint64_t number = 0;
    while (!at_end()) {
      const size_t end = std::min(text_.find_first_of("\r\n", at_), text_.size());
      add(at_, end, ++number);
      at_ = end + (text_.substr(end, 2) == "\r\n" ? 2 : 1);
    }
    return std::move(rows_);
  }

  void skip_mark() {
    if (text_.substr(0, 3) == "\xEF\xBB\xBF") at_ = 3;
  }
  void skip_blanks() {
    while (!at_end() && is_blank(text_[at_])) ++at_;
  }
  bool at_end() const { return at_ >= text_.size(); }
  char peek() const { return at_end() ? '\0' : text_[at_]; }
  /// True when the first line holds whole values, so that the file is read by lines.
  bool first_line_is_whole() const {
    Indexer probe(text_.substr(0, std::min(text_.find('\n', at_), text_.size())), file_);
    probe.at_ = at_;
    try {
      probe.objects();
    } catch (const Error&) {
      return false;
    }
    return true;
  }

 private:
  [[noreturn]] void fail(std::string_view reason) const {
    const size_t from = at_ > 30 ? at_ - 30 : 0;
    throw_error(ErrorKind::kData, "{}: row {}, byte {}: not valid JSON: {} (near: {})", file_, rows_.size() + 1, at_,
                reason, printable(text_.substr(std::min(from, text_.size()), 60)));
  }

  void array_elements() {
    while (true) {
      skip_blanks();
      element();
      skip_blanks();
      if (peek() == ']') break;
      if (at_end()) fail("the file ends inside the array; a closing ']' is missing");
      if (peek() != ',') fail("',' or ']' was expected after a row");
      ++at_;
      skip_blanks();
      if (peek() == ']') fail("a comma stands before the closing ']'");
    }
    ++at_;
  }

  void element() {
    const size_t start = at_;
    if (peek() == '{' || peek() == '[') {
      skip_nested();
    } else if (peek() == '"') {
      skip_string();
    } else {
      while (!at_end() && peek() != ',' && peek() != ']' && !is_blank(peek())) ++at_;
      if (at_ == start) fail("a row was expected");
    }
    add(start, at_, rows_.size() + 1);
  }

  void skip_nested() {
    const size_t start = at_;
    size_t depth = 0;
    for (; !at_end(); ++at_) {
      const char c = text_[at_];
      if (c == '"') {
        skip_string();
        --at_;
      } else if (c == '{' || c == '[') {
        ++depth;
      } else if ((c == '}' || c == ']') && --depth == 0) {
        ++at_;
        return;
      }
    }
    at_ = start;
    fail("the file ends inside this row");
  }

  void skip_string() {
    const size_t start = at_++;
    for (; !at_end(); ++at_) {
      if (text_[at_] == '\\')
        ++at_;
      else if (text_[at_] == '"')
        break;
    }
    if (at_end()) {
      at_ = start;
      fail("this text has no closing quote");
    }
    ++at_;
  }

  void add(size_t from, size_t to, uint64_t number) {
    LF_CHECK(kData, to - from <= kMaxRowBytes, "{}: row {}, byte {}: {} long, at most {} are read", file_, number, from,
             human_bytes(to - from), human_bytes(kMaxRowBytes));
    LF_CHECK(kData, number <= std::numeric_limits<uint32_t>::max(), "{}: more than {} rows", file_,
             std::numeric_limits<uint32_t>::max());
    rows_.push_back({from, static_cast<uint32_t>(to - from), static_cast<uint32_t>(number)});
  }

  std::string_view text_;
  std::string_view file_;
  size_t at_ = 0;
  std::vector<RowSpan> rows_;
};

}  // namespace

std::vector<RowSpan> index_rows(std::string_view text, std::string_view file, RowKind kind) {
  Indexer indexer(text, file);
  indexer.skip_mark();
  if (kind == RowKind::kText) return indexer.text_lines();
  Indexer first = indexer;
  first.skip_blanks();
  if (first.at_end()) return {};
  if (first.peek() == '[') return first.array();
  if (kind == RowKind::kJsonLines || first.first_line_is_whole()) return indexer.lines();
  return first.objects();
}

}  // namespace lf
