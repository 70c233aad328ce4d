// Records of CSV (RFC 4180) as pandas' default dialect bounds them: a quote counts only at the start of a field or
// inside a quoted one, line breaks inside quotes belong to the field, lines of blanks are no records.
#include "data/source/scanner_base_impl.h"

namespace lf {
namespace {

class CsvScanner final : public ScannerBase {
 public:
  CsvScanner(std::unique_ptr<ByteReader> bytes, std::string file) : ScannerBase(std::move(bytes), std::move(file)) {}

  bool next(ScannedRow& row) override {
    if (number_ == 0 && window_.offset() == 0) window_.skip_mark();
    for (pass_break(); !window_.at_end(); pass_break()) {
      begin_row();
      skip_record();
      break_ahead_ = true;
      const std::string_view text = window_.kept();
      if (text.find_first_not_of(" \t") == std::string_view::npos && !overlong_) continue;
      ++number_;
      return finish_row(row, {{file_, number_, start_}, text});
    }
    return false;
  }

  Json position() const override {
    return {{"offset", window_.offset()}, {"number", number_}, {"break", static_cast<int>(break_ahead_)}};
  }
  void seek(const Json& position) override {
    number_ = number_in(position, "number");
    break_ahead_ = number_in(position, "break") != 0;
    window_.seek(number_in(position, "offset"));
  }

 private:
  enum class State { kFieldStart, kField, kQuoted, kQuoteInQuoted };

  void pass_break() {
    if (!break_ahead_ || window_.at_end()) return;
    break_ahead_ = false;
    const bool carriage = window_.peek() == '\r';
    window_.advance();
    if (carriage && window_.peek() == '\n') window_.advance();
  }

  static State after(State state, char c) {
    switch (state) {
      case State::kQuoted:
        return c == '"' ? State::kQuoteInQuoted : State::kQuoted;
      case State::kFieldStart:
        if (c == '"') return State::kQuoted;
        break;
      case State::kQuoteInQuoted:
        if (c == '"') return State::kQuoted;
        break;
      case State::kField:
        break;
    }
    return c == ',' ? State::kFieldStart : State::kField;
  }

  void skip_record() {
    State state = State::kFieldStart;
    while (!window_.at_end()) {
      const std::string_view rest = window_.rest();
      for (size_t i = 0; i < rest.size(); ++i) {
        if ((rest[i] == '\n' || rest[i] == '\r') && state != State::kQuoted) {
          window_.advance(i);
          check_length();
          return;
        }
        state = after(state, rest[i]);
      }
      window_.advance(rest.size());
      check_length();
    }
    LF_CHECK(kFormat, state != State::kQuoted, "{}: row {}, byte {}: the file ends inside a quoted field (near: {})",
             file_, number_ + 1, start_, window_.excerpt(start_));
  }

  bool break_ahead_ = false;
};

}  // namespace

std::unique_ptr<RowScanner> scan_csv(std::unique_ptr<ByteReader> bytes, std::string file) {
  return std::make_unique<CsvScanner>(std::move(bytes), std::move(file));
}

}  // namespace lf
