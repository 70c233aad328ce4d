// WordPiece: the longest token from the left, then the longest continuation, and so on; a word that cannot be cut so is
// unknown as a whole.
#include "base/strings.h"
#include "tokenizer/models/models.h"
#include "tokenizer/models/prefix_trie.h"
#include "tokenizer/unicode.h"

namespace lf {
namespace {

class WordPiece : public Model {
 public:
  explicit WordPiece(const JsonView& spec) : where_(spec.where()) {
    constexpr int64_t kUsualChars = 100, kMost = int64_t{1} << 40;
    read_token_ids(vocab_, spec.at("vocab"));
    trie_ = PrefixTrie(vocab_);
    unk_ = vocab_.find(spec.string_or("unk_token", "[UNK]"));
    const auto most = spec.find("max_input_chars_per_word");
    max_chars_ = static_cast<size_t>(most ? most->integer(0, kMost) : kUsualChars);
    const std::string prefix = spec.string_or("continuing_subword_prefix", "##");
    no_continuation_ = !follow(PrefixTrie::kRoot, prefix, continuation_);
  }

  void tokenize(std::string_view piece, std::vector<TokenId>& out) const override {
    const size_t before = out.size();
    const bool cut = cut_word(piece, [&](TokenId id, size_t, size_t) { out.push_back(id); });
    if (cut) return;
    out.resize(before);
    out.push_back(unknown(piece));
  }

  void tokenize_spans(std::string_view piece, std::vector<TokenSpan>& out) const override {
    const size_t before = out.size();
    const bool cut = cut_word(piece, [&](TokenId id, size_t begin, size_t end) {
      out.push_back({id, static_cast<uint32_t>(begin), static_cast<uint32_t>(end)});
    });
    if (cut) return;
    out.resize(before);
    out.push_back({unknown(piece), 0, static_cast<uint32_t>(piece.size())});
  }

  const Vocab& vocab() const override { return vocab_; }

 private:
  /// Goes down `text` from `node`; false when no token goes that way.
  bool follow(uint32_t node, std::string_view text, uint32_t& reached) const {
    for (const char c : text) {
      node = trie_.child(node, static_cast<uint8_t>(c));
      if (node == PrefixTrie::kRoot) return false;
    }
    reached = node;
    return true;
  }

  bool is_too_long(std::string_view piece) const {
    if (piece.size() <= max_chars_) return false;
    size_t chars = 0;
    for (const char c : piece) chars += (static_cast<uint8_t>(c) & 0xC0) != 0x80;
    return chars > max_chars_;
  }

  /// Calls visit(id, begin, end) for each token; false when the word cannot be cut.
  template <class Visit>
  bool cut_word(std::string_view piece, const Visit& visit) const {
    if (is_too_long(piece)) return false;
    for (size_t begin = 0; begin < piece.size();) {
      if (begin > 0 && no_continuation_) return false;
      uint32_t node = begin == 0 ? PrefixTrie::kRoot : continuation_;
      TokenId longest = kNoToken;
      size_t longest_end = begin;
      for (size_t at = begin; at < piece.size();) {
        node = trie_.child(node, static_cast<uint8_t>(piece[at++]));
        if (node == PrefixTrie::kRoot) break;
        const bool whole = at == piece.size() || (static_cast<uint8_t>(piece[at]) & 0xC0) != 0x80;
        if (!whole || trie_.token(node) == kNoToken) continue;
        longest = trie_.token(node);
        longest_end = at;
      }
      if (longest == kNoToken) return false;
      visit(longest, begin, longest_end);
      begin = longest_end;
    }
    return true;
  }

  TokenId unknown(std::string_view piece) const {
    LF_CHECK(kFormat, unk_ != kNoToken, "{}: '{}' cannot be cut into tokens and unk_token is not in the vocabulary",
             where_, printable(piece));
    return unk_;
  }

  Vocab vocab_;
  PrefixTrie trie_;
  TokenId unk_ = kNoToken;
  size_t max_chars_ = 0;
  uint32_t continuation_ = PrefixTrie::kRoot;  // where the continuing_subword_prefix leads
  bool no_continuation_ = false;               // ... nowhere
  std::string where_;
};

}  // namespace

std::unique_ptr<Model> make_wordpiece(const JsonView& spec) { return std::make_unique<WordPiece>(spec); }

}  // namespace lf
