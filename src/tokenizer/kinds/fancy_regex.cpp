// tiktoken's regular expressions (fancy-regex) in the syntax that tokenizer.json is written in.
#include "tokenizer/kinds/rank_vocab.h"

namespace lf {
namespace {

/// Walks over a pattern and knows where the last atom (what a quantifier applies to) began in the output.
class Rewriter {
 public:
  explicit Rewriter(std::string_view pattern) : in_(pattern) {}

  std::string run() {
    while (at_ < in_.size()) step();
    return std::move(out_);
  }

 private:
  void step() {
    const char c = in_[at_];
    if (c == '\\') return atom(in_.substr(at_, escape_size()));
    if (c == '[') return atom(in_.substr(at_, class_size()));
    if (c == '(') {
      groups_.push_back(out_.size());
      return copy(1);
    }
    if (c == ')') {
      if (!groups_.empty()) {
        atom_ = groups_.back();
        groups_.pop_back();
      }
      return copy(1);
    }
    if (c == '$') return rewrite("\\z");
    if (c == '^') return rewrite("\\A");
    if (c == '{' && repeat_size() > 0) return repeat();
    if (c == '*' || c == '+' || c == '?') return copy(1);  // *+, ++ and ?+ are possessive in both
    if (c == '|') return copy(1);
    size_t bytes = 1;
    while (at_ + bytes < in_.size() && (static_cast<unsigned char>(in_[at_ + bytes]) & 0xC0) == 0x80) ++bytes;
    atom(in_.substr(at_, bytes));
  }

  /// {n,m}+ is possessive: the atom and its repeat become an atomic group.
  void repeat() {
    const size_t size = repeat_size();
    const bool possessive = at_ + size < in_.size() && in_[at_ + size] == '+';
    copy(size);
    if (!possessive) return;
    out_.insert(atom_, "(?>");
    out_ += ')';
    ++at_;
  }

  /// Bytes of {n}, {n,} or {n,m} here; 0 when it is none.
  size_t repeat_size() const {
    size_t i = at_ + 1;
    const auto digits = [&] {
      const size_t begin = i;
      while (i < in_.size() && in_[i] >= '0' && in_[i] <= '9') ++i;
      return i - begin;
    };
    if (digits() == 0) return 0;
    if (i < in_.size() && in_[i] == ',') {
      ++i;
      digits();
    }
    return i < in_.size() && in_[i] == '}' ? i + 1 - at_ : 0;
  }

  size_t escape_size() const {
    if (at_ + 1 >= in_.size()) return 1;
    const char kind = in_[at_ + 1];
    const bool braces =
        (kind == 'p' || kind == 'P' || kind == 'x' || kind == 'u') && at_ + 2 < in_.size() && in_[at_ + 2] == '{';
    if (!braces) return 2;
    const size_t end = in_.find('}', at_ + 3);
    return end == std::string_view::npos ? 2 : end + 1 - at_;
  }

  size_t class_size() const {
    int depth = 0;
    for (size_t i = at_; i < in_.size(); ++i) {
      if (in_[i] == '\\') {
        ++i;
      } else if (in_[i] == '[') {
        ++depth;
      } else if (in_[i] == ']' && --depth == 0) {
        return i + 1 - at_;
      }
    }
    return in_.size() - at_;
  }

  void atom(std::string_view text) {
    atom_ = out_.size();
    out_ += text;
    at_ += text.size();
  }
  void rewrite(std::string_view text) {
    atom_ = out_.size();
    out_ += text;
    ++at_;
  }
  void copy(size_t bytes) {
    out_ += in_.substr(at_, bytes);
    at_ += bytes;
  }

  std::string_view in_;
  size_t at_ = 0;
  std::string out_;
  size_t atom_ = 0;
  std::vector<size_t> groups_;  // where the open ones began
};

}  // namespace

std::string fancy_to_onig(std::string_view pattern) { return Rewriter(pattern).run(); }

}  // namespace lf
