// textwrap.wrap() of Python, for one line without tabs expanded.
#include <algorithm>
#include <deque>

#include "base/error.h"
#include "templates/jinja/budget.h"
#include "templates/jinja/compare.h"
#include "templates/jinja/filters.h"
#include "templates/jinja/repr.h"
#include "templates/jinja/text.h"
#include "tokenizer/regex.h"

namespace lf::jinja {
namespace {

/// Blanks, words (cut after hyphens between letters), dashes.
const Regex& word_pattern() {
  static const Regex pattern(R"([\t\n\x0b\x0c\r ]+|(?<=[\w!"'&.,?])-{2,}(?=\w)|[^\t\n\x0b\x0c\r ]+?)"
                             R"((?:-(?:(?<=(?!\d)\w(?!\d)\w-)|(?<=(?!\d)\w-[\w!"'&.,?]-))(?=(?!\d)\w-?(?!\d)\w))"
                             R"(|(?=[\t\n\x0b\x0c\r ]|\z)|(?<=[\w!"'&.,?])(?=-{2,}\w)))",
                             "wordwrap");
  return pattern;
}

const Regex& blank_pattern() {
  static const Regex pattern(R"([\t\n\x0b\x0c\r ]+|[^\t\n\x0b\x0c\r ]+)", "wordwrap");
  return pattern;
}

class Wrapper {
 public:
  Wrapper(const Value& width, bool break_words, bool break_hyphens)
      : width_(whole(width)),
        can_cut_(width.is_integral() || width_ == 0),
        break_words_(break_words),
        break_hyphens_(break_hyphens) {}

  std::vector<std::string> run(std::string_view line) {
    std::vector<TextRange> ranges;
    (break_hyphens_ ? word_pattern() : blank_pattern()).find_all(line, ranges);
    charge_items(ranges.size());
    for (const TextRange& range : ranges) chunks_.emplace_back(line.substr(range.begin, range.end - range.begin));
    while (!chunks_.empty()) make_line();
    return std::move(lines_);
  }

 private:
  static int64_t whole(const Value& width) {
    return width.is_integral() ? width.as_int() : static_cast<int64_t>(std::min(width.as_float(), 1e18));
  }
  static int64_t length(const std::string& text) { return static_cast<int64_t>(count_code_points(text)); }
  static bool blank(const std::string& text) { return strip(text).empty(); }

  void make_line() {
    charge();
    std::deque<std::string> line;
    int64_t used = 0;
    const auto take = [&] {
      used += length(chunks_.front());
      line.push_back(std::move(chunks_.front()));
      chunks_.pop_front();
    };
    if (blank(chunks_.front()) && !lines_.empty()) chunks_.pop_front();
    while (!chunks_.empty() && used + length(chunks_.front()) <= width_) take();
    if (!chunks_.empty() && length(chunks_.front()) > width_) {
      if (break_words_)
        line.push_back(break_word(width_ < 1 ? 1 : width_ - used));
      else if (line.empty())
        take();
    }
    if (!line.empty() && blank(line.back())) line.pop_back();
    if (line.empty()) return;
    std::string text;
    for (const std::string& part : line) text += part;
    lines_.push_back(std::move(text));
  }

  /// What fits of the next chunk, preferably up to a hyphen.
  std::string break_word(int64_t space) {
    LF_CHECK(kData, can_cut_, "the width must be an integer where words are cut");
    std::string& chunk = chunks_.front();
    const StringObject whole(chunk, false);
    size_t end = byte_offset(whole, static_cast<size_t>(space));
    const size_t hyphen = end == 0 ? std::string::npos : chunk.rfind('-', end - 1);
    const bool good = hyphen != std::string::npos && hyphen > 0 && chunk.find_first_not_of('-') < hyphen;
    if (break_hyphens_ && length(chunk) > space && good) end = hyphen + 1;
    std::string part = chunk.substr(0, end);
    charge_text(chunk.size());
    chunk.erase(0, end);
    return part;
  }

  const int64_t width_;  // 0 for those between 0 and 1
  const bool can_cut_, break_words_, break_hyphens_;
  std::deque<std::string> chunks_;
  std::vector<std::string> lines_;
};

}  // namespace

std::vector<std::string> wrap_line(std::string_view line, const Value& width, bool break_words, bool break_hyphens) {
  LF_CHECK(kData, ordered(Order::kGreater, width, Value::integer(0)), "invalid width {} (must be > 0)", repr(width));
  return Wrapper(width, break_words, break_hyphens).run(line);
}

}  // namespace lf::jinja
