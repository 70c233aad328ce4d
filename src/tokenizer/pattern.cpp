#include "tokenizer/pattern.h"

namespace lf {
namespace {

constexpr size_t kMaxText = size_t{1} << 30;

}  // namespace

Pattern::Pattern(const JsonView& spec) {
  if (spec.is_string()) {
    literal_ = spec.string();
  } else if (const auto literal = spec.find("String")) {
    literal_ = literal->string();
  } else {
    const JsonView expression = spec.at("Regex");
    regex_.emplace(expression.string(), expression.where());
  }
}

void Pattern::find_all(std::string_view text, std::vector<TextRange>& out) const {
  if (regex_) return regex_->find_all(text, out);
  if (literal_.empty()) return;
  for (size_t at = text.find(literal_); at != std::string_view::npos; at = text.find(literal_, at + literal_.size())) {
    out.push_back({at, at + literal_.size()});
  }
}

void Pattern::replace_all(std::string& text, std::string_view content, std::vector<uint32_t>* sources) const {
  std::vector<TextRange> matches;
  find_all(text, matches);
  if (matches.empty() && !sources) return;
  const size_t at_most = text.size() + matches.size() * content.size();
  LF_CHECK(kFormat, at_most <= kMaxText, "replacing would make a text of {} bytes, at most {} are handled", at_most,
           kMaxText);
  std::string out;
  out.reserve(at_most);
  size_t copied = 0;
  const auto copy_to = [&](size_t end) {
    out.append(text, copied, end - copied);
    if (sources) {
      for (; copied < end; ++copied) sources->push_back(static_cast<uint32_t>(copied));
    }
  };
  for (const TextRange& match : matches) {
    copy_to(match.begin);
    out += content;
    if (sources) sources->insert(sources->end(), content.size(), static_cast<uint32_t>(match.end) - 1);
    copied = match.end;
  }
  copy_to(text.size());
  text = std::move(out);
}

}  // namespace lf
