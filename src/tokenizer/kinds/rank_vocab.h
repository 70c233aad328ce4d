// Vocabularies of byte strings with ranks (tiktoken files, tekken.json): the lowest rank that two neighbours make
// together is merged first, and a word that is in the vocabulary is taken whole.
#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tokenizer/tokenizer.h"

namespace lf {

/// Byte strings with their ranks; the ranks may have holes.
using Ranks = std::vector<std::pair<std::string, TokenId>>;

/// Lines "base64 rank" of a tiktoken file; kFormat with `where` and the line otherwise.
Ranks read_tiktoken(std::string_view text, const std::string& where);

/// The pairs (left, right) of ranks in the order in which they merge. Each token comes about in one way only, which
/// merging its own bytes shows; tokens that no order of merges leads to have none. kFormat with `where` when a byte or
/// a rank is given twice, or one of the 256 bytes is missing.
std::vector<std::pair<size_t, size_t>> merges_of(const Ranks& ranks, const std::string& where);

struct RankSpecial {
  std::string content;
  TokenId id;
  bool special = true;
};

struct RankPipeline {
  std::string pattern;  // what words are, as fancy-regex reads it
  std::vector<RankSpecial> specials;
  TokenId first_id = 0;                 // id of rank 0
  std::string post_processor = "null";  // JSON
};

/// The tokenizer.json that gives the same ids.
std::string rank_tokenizer_json(const Ranks& ranks, const RankPipeline& pipeline, const std::string& where);

/// `pattern` of fancy-regex (tiktoken) as Oniguruma's Ruby syntax reads it: {n,m}+ is possessive there, and ^ and $ are
/// the ends of the text.
std::string fancy_to_onig(std::string_view pattern);

/// Bytes of standard base64 with padding; false when it is none.
bool decode_base64(std::string_view text, std::string& bytes);

}  // namespace lf
