#include "data/source/row_scanner.h"

#include <algorithm>

#include "base/error.h"
#include "base/strings.h"
#include "data/source/json_row.h"
#include "data/source/scanner_base_impl.h"

namespace lf {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

/// JSON and plain text.
class TextScanner final : public ScannerBase {
 public:
  TextScanner(std::unique_ptr<ByteReader> bytes, std::string file, RowKind kind)
      : ScannerBase(std::move(bytes), std::move(file)), kind_(kind) {}

  bool next(ScannedRow& row) override {
    if (shape_ == Shape::kUnknown) find_shape();
    switch (shape_) {
      case Shape::kArray:
        return next_element(row);
      case Shape::kValues:
        return next_value(row);
      case Shape::kLines:
        return next_line(row);
      default:
        return next_text(row);
    }
  }

  Json position() const override {
    return {{"offset", window_.offset()},
            {"number", number_},
            {"shape", static_cast<int>(shape_)},
            {"break", static_cast<int>(break_ahead_)},
            {"done", static_cast<int>(done_)}};
  }
  void seek(const Json& position) override {
    const uint64_t shape = number_in(position, "shape");
    LF_CHECK(kData, shape <= static_cast<uint64_t>(Shape::kTexts), "{}: a position of another source", file_);
    number_ = number_in(position, "number");
    window_.seek(number_in(position, "offset"));
    shape_ = static_cast<Shape>(shape);
    break_ahead_ = number_in(position, "break") != 0;
    done_ = number_in(position, "done") != 0;
  }

  /// Reads all as values one after another.
  static bool holds_whole_values(std::string_view text) {
    TextScanner probe(memory_bytes(text), "", RowKind::kJson);
    probe.shape_ = Shape::kValues;
    try {
      for (ScannedRow row; probe.next(row);) {
      }
    } catch (const Error&) {
      return false;
    }
    return true;
  }

 private:
  enum class Shape { kUnknown, kArray, kValues, kLines, kTexts };

  void find_shape() {
    window_.skip_mark();
    shape_ = Shape::kTexts;
    if (kind_ == RowKind::kText) return;
    window_.keep();
    const char first = skip_blanks();
    if (first == '[') {
      window_.forget();
      window_.advance();
      shape_ = Shape::kArray;
    } else {
      window_.back_to_kept();
      window_.forget();
      shape_ = kind_ == RowKind::kJsonLines || first == '\0' || first_line_is_whole() ? Shape::kLines : Shape::kValues;
    }
  }

  /// True when the first line that is not blank holds whole values, so that the file is read by lines.
  bool first_line_is_whole() {
    const uint64_t start = window_.offset();
    skip_blanks();
    begin_row();
    skip_line();
    const bool whole = !overlong_ && holds_whole_values(std::string(window_.kept()));
    window_.seek(start);
    return whole;
  }

  char skip_blanks() {
    while (!window_.at_end() && is_blank(window_.peek())) window_.advance();
    return window_.peek();
  }

  bool next_element(ScannedRow& row) {
    if (done_) return false;
    const char c = skip_blanks();
    if (c == ']') return end_array();
    if (number_ > 0) {
      if (window_.at_end()) fail("the file ends inside the array; a closing ']' is missing");
      if (c != ',') fail("',' or ']' was expected after a row");
      window_.advance();
      if (skip_blanks() == ']') fail("a comma stands before the closing ']'");
    }
    skip_value();
    ++number_;
    return finish_row(row, {{file_, number_, start_}, window_.kept()});
  }

  bool end_array() {
    window_.advance();
    skip_blanks();
    if (!window_.at_end()) fail("something follows the end of the array");
    done_ = true;
    return false;
  }

  bool next_value(ScannedRow& row) {
    const char c = skip_blanks();
    if (window_.at_end()) return false;
    if (c == ',' && number_ > 0) fail("a comma stands between rows that are in no array; put [ ] around all rows");
    skip_value();
    ++number_;
    return finish_row(row, {{file_, number_, start_}, window_.kept()});
  }

  bool next_line(ScannedRow& row) {
    for (pass_break(); !window_.at_end(); pass_break()) {
      begin_row();
      ++number_;
      skip_line();
      break_ahead_ = true;
      std::string_view text = window_.kept();
      const size_t from = std::min(text.find_first_not_of(" \t\r\n"), text.size());
      text.remove_prefix(from);
      while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
      if (text.empty() && !overlong_) continue;
      return finish_row(row, {{file_, number_, start_ + from}, text});
    }
    return false;
  }

  bool next_text(ScannedRow& row) {
    pass_break();
    if (window_.at_end()) return false;
    begin_row();
    ++number_;
    while (!window_.at_end()) {
      const std::string_view rest = window_.rest();
      const size_t end = rest.find_first_of("\r\n");
      window_.advance(std::min(end, rest.size()));
      check_length();
      if (end != std::string_view::npos) break;
    }
    break_ahead_ = true;
    return finish_row(row, {{file_, number_, start_}, window_.kept()});
  }

  /// The line break behind the last row is passed only now, because that may move the window.
  void pass_break() {
    if (!break_ahead_ || window_.at_end()) return;
    break_ahead_ = false;
    const bool carriage = window_.peek() == '\r';
    window_.advance();
    if (carriage && window_.peek() == '\n') window_.advance();
  }

  void skip_line() {
    while (!window_.at_end()) {
      const std::string_view rest = window_.rest();
      const size_t end = rest.find('\n');
      window_.advance(std::min(end, rest.size()));
      check_length();
      if (end != std::string_view::npos) return;
    }
  }

  void skip_value() {
    begin_row();
    const char c = window_.peek();
    if (c == '{' || c == '[')
      skip_nested();
    else if (c == '"')
      skip_string();
    else
      skip_word();
  }

  void skip_word() {
    while (!window_.at_end() && window_.peek() != ',' && window_.peek() != ']' && !is_blank(window_.peek())) {
      window_.advance();
      check_length();
    }
    if (window_.offset() == start_) fail("a row was expected");
  }

  void skip_nested() {
    size_t depth = 0;
    bool text = false, escaped = false;
    while (!window_.at_end()) {
      const std::string_view rest = window_.rest();
      for (size_t i = 0; i < rest.size(); ++i) {
        const char c = rest[i];
        if (text) {
          if (escaped)
            escaped = false;
          else if (c == '\\')
            escaped = true;
          else if (c == '"')
            text = false;
        } else if (c == '"') {
          text = true;
        } else if (c == '{' || c == '[') {
          ++depth;
        } else if ((c == '}' || c == ']') && --depth == 0) {
          window_.advance(i + 1);
          check_length();
          return;
        }
      }
      window_.advance(rest.size());
      check_length();
    }
    fail_at(start_, text ? "the file ends inside a text of this row; is a closing quote missing?"
                         : "the file ends inside this row");
  }

  void skip_string() {
    window_.advance();
    for (bool escaped = false; !window_.at_end(); window_.advance()) {
      const char c = window_.peek();
      if (!escaped && c == '"') {
        window_.advance();
        check_length();
        return;
      }
      escaped = !escaped && c == '\\';
      check_length();
    }
    fail_at(start_, "this text has no closing quote");
  }

  [[noreturn]] void fail(std::string_view reason) { fail_at(window_.offset(), reason); }
  [[noreturn]] void fail_at(uint64_t offset, std::string_view reason) {
    throw_error(ErrorKind::kFormat, "{}: row {}, byte {}: not valid JSON: {} (near: {})", file_, number_ + 1, offset,
                reason, window_.excerpt(offset));
  }

  RowKind kind_;
  Shape shape_ = Shape::kUnknown;
  bool done_ = false;
  bool break_ahead_ = false;
};

}  // namespace

std::unique_ptr<RowScanner> scan_rows(std::unique_ptr<ByteReader> bytes, std::string file, RowKind kind) {
  if (kind == RowKind::kCsv) return scan_csv(std::move(bytes), std::move(file));
  return std::make_unique<TextScanner>(std::move(bytes), std::move(file), kind);
}

}  // namespace lf
