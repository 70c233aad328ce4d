#include "tokenizer/regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "base/error.h"
#include "base/strings.h"
#include "tokenizer/unicode.h"

namespace lf {
namespace {

constexpr size_t kMaxPattern = 1 << 16;
constexpr uint32_t kMatchLimit = 1'000'000;
constexpr uint32_t kHeapLimitKiB = 64 * 1024;

template <auto kFree>
struct Freed {
  template <class T>
  void operator()(T* pointer) const {
    kFree(pointer);
  }
};
using Code = std::unique_ptr<pcre2_code, Freed<pcre2_code_free>>;
using MatchData = std::unique_ptr<pcre2_match_data, Freed<pcre2_match_data_free>>;
using CompileContext = std::unique_ptr<pcre2_compile_context, Freed<pcre2_compile_context_free>>;
using MatchContext = std::unique_ptr<pcre2_match_context, Freed<pcre2_match_context_free>>;

std::string pcre2_message(int code) {
  PCRE2_UCHAR text[256];
  pcre2_get_error_message(code, text, sizeof text);
  return reinterpret_cast<const char*>(text);
}

}  // namespace

struct Regex::Compiled {
  Code code;
  MatchContext context;

  /// The first match at or after `from`; false when there is none.
  bool find(std::string_view text, size_t from, pcre2_match_data* data, const std::string& where) const {
    const auto* subject = reinterpret_cast<PCRE2_SPTR>(text.data());
    int result = pcre2_match(code.get(), subject, text.size(), from, PCRE2_NO_UTF_CHECK, data, context.get());
    if (result == PCRE2_ERROR_JIT_STACKLIMIT) {
      result =
          pcre2_match(code.get(), subject, text.size(), from, PCRE2_NO_UTF_CHECK | PCRE2_NO_JIT, data, context.get());
    }
    if (result == PCRE2_ERROR_NOMATCH) return false;
    LF_CHECK(kFormat, result > 0, "{}: the regular expression cannot be matched: {}", where, pcre2_message(result));
    return true;
  }
};

Regex::Regex(std::string_view pattern, std::string where)
    : where_(std::move(where)), matcher_(find_split_matcher(pattern)) {
  if (!matcher_) compile(pattern);
}

Regex Regex::without_matcher(std::string_view pattern, std::string where) {
  Regex regex;
  regex.where_ = std::move(where);
  regex.compile(pattern);
  return regex;
}

void Regex::compile(std::string_view pattern) {
  LF_CHECK(kFormat, pattern.size() <= kMaxPattern, "{}: a regular expression of {} bytes, at most {} are read", where_,
           pattern.size(), kMaxPattern);
  const std::string rewritten = onig_to_pcre2(pattern, where_);
  int error = 0;
  PCRE2_SIZE offset = 0;
  compiled_ = std::make_unique<Compiled>();
  const CompileContext options(pcre2_compile_context_create(nullptr));
  LF_CHECK(kResource, options != nullptr, "{}: out of memory", where_);
  pcre2_set_newline(options.get(), PCRE2_NEWLINE_LF);
  compiled_->code.reset(pcre2_compile(reinterpret_cast<PCRE2_SPTR>(rewritten.data()), rewritten.size(),
                                      PCRE2_UTF | PCRE2_UCP | PCRE2_MULTILINE | PCRE2_NEVER_BACKSLASH_C, &error,
                                      &offset, options.get()));
  LF_CHECK(kFormat, compiled_->code != nullptr, "{}: bad regular expression: {} at byte {} of {}", where_,
           pcre2_message(error), offset, printable(rewritten));
  pcre2_jit_compile(compiled_->code.get(), PCRE2_JIT_COMPLETE);
  compiled_->context.reset(pcre2_match_context_create(nullptr));
  LF_CHECK(kResource, compiled_->context != nullptr, "{}: out of memory", where_);
  pcre2_set_match_limit(compiled_->context.get(), kMatchLimit);
  pcre2_set_heap_limit(compiled_->context.get(), kHeapLimitKiB);
}

Regex::~Regex() = default;
Regex::Regex(Regex&&) noexcept = default;

void Regex::find_all(std::string_view text, std::vector<TextRange>& out) const {
  if (text.empty()) return;
  if (matcher_) {
    for (size_t at = 0; at < text.size();) {
      const size_t end = matcher_(text, at);
      if (end > at) out.push_back({at, end});
      at = end > at ? end : at + code_point_at(text, at).bytes;
    }
    return;
  }
  const MatchData data(pcre2_match_data_create_from_pattern(compiled_->code.get(), nullptr));
  LF_CHECK(kResource, data != nullptr, "{}: out of memory", where_);
  size_t at = 0;
  size_t last_end = std::string_view::npos;
  while (at <= text.size() && compiled_->find(text, at, data.get(), where_)) {
    const PCRE2_SIZE* range = pcre2_get_ovector_pointer(data.get());
    LF_CHECK(kFormat, range[0] <= range[1], "{}: \\K inside a look-around is not read", where_);
    if (range[0] == range[1] && range[1] == last_end) {  // no empty match right after a match
      if (at >= text.size()) break;
      at += code_point_at(text, at).bytes;
      continue;
    }
    out.push_back({range[0], range[1]});
    at = last_end = range[1];
  }
}

}  // namespace lf
