#include "tokenizer/sentencepiece/normalizer.h"

#include "tokenizer/unicode.h"

namespace lf {

/// The growing result, with the place in the input of each of its bytes.
class SpNormalizer::Output {
 public:
  Output(std::string_view space, size_t reserve, std::vector<uint32_t>* origins) : space_(space), origins_(origins) {
    text.reserve(reserve);
    if (origins_) origins_->clear();
  }

  void add(std::string_view piece, size_t origin) {
    text += piece;
    if (origins_) origins_->resize(text.size(), static_cast<uint32_t>(origin));
  }
  void add_space(size_t origin) { add(space_, origin); }
  void add_escaped(std::string_view piece, size_t origin) {
    for (size_t at = 0; at < piece.size();) {
      const size_t space = piece.find(' ', at);
      add(piece.substr(at, space - at), origin);
      if (space == std::string_view::npos) return;
      add_space(origin);
      at = space + 1;
    }
  }
  /// Removes spaces at the end; returns where the first of them came from.
  size_t trim(size_t origin) {
    while (text.ends_with(space_)) {
      text.resize(text.size() - space_.size());
      if (!origins_) continue;
      origin = (*origins_)[text.size()];
      origins_->resize(text.size());
    }
    return origin;
  }
  void finish(size_t origin) {
    if (origins_) origins_->push_back(static_cast<uint32_t>(origin));
  }

  std::string text;

 private:
  std::string_view space_;
  std::vector<uint32_t>* origins_;
};

SpNormalizer::SpNormalizer(const SpNormalizerSpec& spec, bool whitespace_as_suffix, const PieceTrie* keep,
                           std::string_view where)
    : spec_(spec), suffix_(whitespace_as_suffix), charsmap_(spec.charsmap, where), keep_(keep) {
  if (keep_ && keep_->empty()) keep_ = nullptr;
}

SpNormalizer::Step SpNormalizer::step(std::string_view input) const {
  if (keep_) {
    if (const size_t length = keep_->longest_prefix(input).first) return {input.substr(0, length), length};
  }
  if (const auto rule = charsmap_.longest(input)) return {rule->text, rule->length};
  const size_t length = code_point_at(input, 0).bytes;
  return {input.substr(0, length), length};
}

std::string SpNormalizer::normalize(std::string_view input, std::vector<uint32_t>* origins) const {
  Output out(spec_.escape_whitespaces ? kSpaceMark : " ", input.size() + input.size() / 2 + 4, origins);
  size_t at = 0;
  while (spec_.remove_extra_whitespaces && at < input.size()) {
    const Step next = step(input.substr(at));
    if (next.text != " ") break;
    at += next.length;
  }
  if (at == input.size()) {
    out.finish(at);
    return {};
  }
  if (!suffix_ && spec_.add_dummy_prefix) out.add_space(at);
  bool after_space = spec_.remove_extra_whitespaces;
  while (at < input.size()) {
    const Step next = step(input.substr(at));
    std::string_view text = next.text;
    while (after_space && text.starts_with(' ')) text.remove_prefix(1);
    if (!text.empty()) {
      spec_.escape_whitespaces ? out.add_escaped(text, at) : out.add(text, at);
      after_space = spec_.remove_extra_whitespaces && text.ends_with(' ');
    }
    at += next.length;
  }
  size_t end = at;
  if (spec_.remove_extra_whitespaces) end = out.trim(end);
  if (suffix_ && spec_.add_dummy_prefix) out.add_space(end);
  out.finish(end);
  return std::move(out.text);
}

}  // namespace lf
