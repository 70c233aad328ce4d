// ByteLevel: GPT-2's split, then each byte as a letter. When the model reads raw bytes and nothing follows, the letters
// are left out.
#include "tokenizer/byte_level.h"

#include "tokenizer/pre_tokenizers/pre_tokenizers.h"
#include "tokenizer/split_matchers.h"

namespace lf {
namespace {

class ByteLevel : public PreTokenizer {
 public:
  explicit ByteLevel(const JsonView& spec)
      : add_prefix_space_(spec.boolean_or("add_prefix_space", true)), use_regex_(spec.boolean_or("use_regex", true)) {}

  bool leave_bytes_raw() override { return raw_ = true; }
  bool append_matchers(std::vector<SplitMatcher>& chain) const override {
    if (!raw_ || add_prefix_space_) return false;
    if (use_regex_) chain.push_back(find_split_matcher(kGpt2Pattern));
    return true;
  }

  void apply(PreText& text) const override {
    if (add_prefix_space_) prefix_spaces(text);
    if (use_regex_) split(text);
    if (!raw_) map(text);
  }

 private:
  static void prefix_spaces(PreText& text) {
    std::string out;
    std::vector<PreText::Piece> pieces;
    std::vector<uint32_t> sources;
    for (size_t i = 0; i < text.pieces.size(); ++i) {
      const std::string_view piece = text.piece(i);
      const size_t begin = out.size();
      const bool prefix = !piece.empty() && piece.front() != ' ';
      if (prefix) out += ' ';
      out += piece;
      pieces.push_back({begin, out.size()});
      if (text.has_spans()) {
        const auto first = static_cast<uint32_t>(text.pieces[i].begin);
        if (prefix) sources.push_back(first);
        for (uint32_t at = 0; at < piece.size(); ++at) sources.push_back(first + at);
      }
    }
    text.replace(std::move(out), std::move(pieces), sources);
  }

  static void split(PreText& text) {
    static const SplitMatcher match = find_split_matcher(kGpt2Pattern);
    std::vector<PreText::Piece> out;
    out.reserve(text.text.size() / 4 + 1);
    for (const PreText::Piece& whole : text.pieces) {
      const std::string_view piece = text.text.substr(whole.begin, whole.end - whole.begin);
      for (size_t at = 0; at < piece.size();) {
        const size_t end = match(piece, at);
        out.push_back({whole.begin + at, whole.begin + end});
        at = end;
      }
    }
    text.pieces = std::move(out);
  }

  static void map(PreText& text) {
    std::string out;
    out.reserve(text.text.size() * 2);
    std::vector<PreText::Piece> pieces;
    pieces.reserve(text.pieces.size());
    for (size_t i = 0; i < text.pieces.size(); ++i) {
      const size_t begin = out.size();
      for (const char c : text.piece(i)) out += byte_letter(static_cast<unsigned char>(c));
      pieces.push_back({begin, out.size()});
    }
    const std::vector<uint32_t> sources = text.has_spans() ? letter_sources(text) : std::vector<uint32_t>();
    text.replace(std::move(out), std::move(pieces), sources);
  }

  static std::vector<uint32_t> letter_sources(const PreText& text) {
    std::vector<uint32_t> sources;
    for (const PreText::Piece& piece : text.pieces) {
      for (size_t at = piece.begin; at < piece.end; ++at) {
        const size_t bytes = byte_letter(static_cast<unsigned char>(text.text[at])).size();
        sources.insert(sources.end(), bytes, static_cast<uint32_t>(at));
      }
    }
    return sources;
  }

  bool add_prefix_space_, use_regex_;
  bool raw_ = false;
};

}  // namespace

std::unique_ptr<PreTokenizer> make_byte_level(const JsonView& spec) { return std::make_unique<ByteLevel>(spec); }

}  // namespace lf
