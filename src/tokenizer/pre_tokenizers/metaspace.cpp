// Metaspace: spaces become U+2581, one is put in front, and the text is cut before each.
#include "tokenizer/metaspace.h"

#include "base/strings.h"
#include "tokenizer/pre_tokenizers/cutting.h"
#include "tokenizer/pre_tokenizers/pre_tokenizers.h"
#include "tokenizer/unicode.h"

namespace lf {

MetaspaceOptions metaspace_options(const JsonView& spec) {
  MetaspaceOptions options;
  const JsonView replacement = spec.at("replacement");
  options.replacement = replacement.string();
  LF_CHECK(kFormat,
           !options.replacement.empty() && code_point_at(options.replacement, 0).bytes == options.replacement.size(),
           "{}: needed one character but found '{}'", replacement.where(), printable(options.replacement));
  options.split = spec.boolean_or("split", true);
  if (const auto scheme = spec.find("prepend_scheme")) {
    const std::string_view name = scheme->string();
    LF_CHECK(kFormat, name == "always" || name == "first" || name == "never", "{}: '{}' is not always, first or never",
             scheme->where(), printable(name));
    options.prepend = name == "always"  ? PrependScheme::kAlways
                      : name == "first" ? PrependScheme::kFirst
                                        : PrependScheme::kNever;
  } else if (!spec.boolean_or("add_prefix_space", true)) {
    options.prepend = PrependScheme::kNever;
  }
  return options;
}

namespace {

class Metaspace : public PreTokenizer {
 public:
  explicit Metaspace(const JsonView& spec) : options_(metaspace_options(spec)) {}

  void apply(PreText& text) const override {
    std::string out;
    out.reserve(text.text.size() + text.text.size() / 2 + 8);
    std::vector<PreText::Piece> pieces;
    pieces.reserve(text.pieces.size());
    std::vector<uint32_t> sources;
    for (size_t i = 0; i < text.pieces.size(); ++i) {
      const std::string_view piece = text.piece(i);
      const size_t begin = out.size();
      const bool prepend = !piece.empty() && prepends(text, i);
      if (prepend) out += options_.replacement;
      append(out, piece);
      pieces.push_back({begin, out.size()});
      if (text.has_spans()) add_sources(text.pieces[i], prepend, text.text, sources);
    }
    text.replace(std::move(out), std::move(pieces), sources);
    if (options_.split) cut(text);
  }
  bool needs_origin(bool unchanged) const override { return !unchanged && options_.prepend == PrependScheme::kFirst; }

 private:
  bool prepends(const PreText& text, size_t i) const {
    const std::string_view piece = text.piece(i);
    if (piece.front() == ' ' || piece.starts_with(options_.replacement)) return false;
    return options_.prepend == PrependScheme::kAlways ||
           (options_.prepend == PrependScheme::kFirst && text.begins_input(i));
  }

  void append(std::string& out, std::string_view piece) const {
    for (const char c : piece) {
      if (c == ' ')
        out += options_.replacement;
      else
        out += c;
    }
  }

  void add_sources(PreText::Piece piece, bool prepend, std::string_view text, std::vector<uint32_t>& sources) const {
    const size_t mark = options_.replacement.size();
    if (prepend) sources.insert(sources.end(), mark, static_cast<uint32_t>(piece.begin));
    for (size_t at = piece.begin; at < piece.end; ++at) {
      sources.insert(sources.end(), text[at] == ' ' ? mark : 1, static_cast<uint32_t>(at));
    }
  }

  void cut(PreText& text) const {
    cut_pieces(
        text, SplitBehavior::kMergedWithNext, false, [&](std::string_view piece, std::vector<TextRange>& matches) {
          const std::string& mark = options_.replacement;
          for (size_t at = piece.find(mark); at != std::string_view::npos; at = piece.find(mark, at + mark.size())) {
            matches.push_back({at, at + mark.size()});
          }
        });
  }

  MetaspaceOptions options_;
};

}  // namespace

std::unique_ptr<PreTokenizer> make_metaspace(const JsonView& spec) { return std::make_unique<Metaspace>(spec); }

}  // namespace lf
