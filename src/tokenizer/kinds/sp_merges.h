// The merge list of a SentencePiece BPE model, as transformers works it out (generate_merges): every cut of a piece in
// two pieces, ordered by the score of the whole (or, as transformers 5 has it, by its id).
#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tokenizer/vocab.h"

namespace lf {

struct ScoredPiece {
  std::string text;
  double score = 0;
};

/// `vocab`: ids of the pieces; `by_score`: best score first, else lowest id first. The views point into `pieces`.
std::vector<std::pair<std::string_view, std::string_view>> sp_merges(const std::vector<ScoredPiece>& pieces,
                                                                     const Vocab& vocab, bool by_score);

}  // namespace lf
