// Tokens beside the model's vocabulary: they are cut out of the text before (or after) it is normalised and never
// split.
#pragma once
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "tokenizer/components.h"
#include "tokenizer/token_finder.h"

namespace lf {

class AddedVocabulary {
 public:
  static constexpr size_t kMaxTokenBytes = 4096;

  /// Adds or changes a token and returns its id: that of the model when it knows the text, otherwise the next free one.
  TokenId add(const AddedToken& token, const Vocab& model);
  /// To be called before the add()s of one list: the ids of new tokens follow each other from here on.
  void begin_list(const Vocab& model);
  /// To be called after the last add(): prepares the search. `normalizer` may be null.
  void prepare(const Normalizer* normalizer);
  /// Special tokens in the text count as ordinary text from now on.
  void set_split_special(bool split) { split_special_ = split; }

  std::optional<TokenId> find(const std::string& content) const;
  const AddedToken* at(TokenId id) const;
  /// The text that token `id`, matched after normalising, has then; null when it is the content.
  const std::string* normalized_text(TokenId id) const;
  bool is_special(const std::string& content) const { return special_.contains(content); }
  /// By id, in ascending order.
  const std::map<TokenId, AddedToken>& all() const { return by_id_; }

  /// What a text is cut into: stretches of text and added tokens.
  struct Section {
    size_t begin, end;
    TokenId id;  // kNoToken for text
  };
  /// Cuts at the tokens that are matched in raw text.
  void cut_raw(std::string_view text, std::vector<Section>& out) const { cut(raw_, text, out); }
  /// Cuts at the tokens that are matched in normalised text.
  void cut_normalized(std::string_view text, std::vector<Section>& out) const { cut(normalized_, text, out); }
  bool has_normalized() const { return !normalized_.finder.empty(); }

 private:
  struct Search {
    TokenFinder finder;
    std::vector<TokenId> ids;
  };
  void cut(const Search& search, std::string_view text, std::vector<Section>& out) const;

  std::unordered_map<std::string, TokenId> by_content_;
  std::map<TokenId, AddedToken> by_id_;
  std::unordered_set<std::string> special_;
  std::unordered_map<TokenId, std::string> normalized_texts_;  // where they differ from the content
  TokenId next_id_ = 0;
  Search raw_, normalized_;
  bool split_special_ = false;
};

}  // namespace lf
