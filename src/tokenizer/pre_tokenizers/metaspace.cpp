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
    for (size_t i = 0; i < text.pieces.size(); ++i) {
      const size_t begin = out.size();
      const bool first = text.at_start && text.pieces[i].begin == 0;
      append(out, text.piece(i),
             options_.prepend == PrependScheme::kAlways || (options_.prepend == PrependScheme::kFirst && first));
      pieces.push_back({begin, out.size()});
    }
    text.replace(std::move(out), std::move(pieces));
    if (options_.split) cut(text);
  }

 private:
  void append(std::string& out, std::string_view piece, bool prepend) const {
    if (piece.empty()) return;
    if (prepend && piece.front() != ' ' && !piece.starts_with(options_.replacement)) out += options_.replacement;
    for (const char c : piece) {
      if (c == ' ')
        out += options_.replacement;
      else
        out += c;
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
