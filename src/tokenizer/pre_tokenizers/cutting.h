// Cutting pieces at matches, with the five things that can be done with the matched part.
#pragma once
#include <vector>

#include "tokenizer/components.h"
#include "tokenizer/regex.h"

namespace lf {

enum class SplitBehavior { kRemoved, kIsolated, kMergedWithPrevious, kMergedWithNext, kContiguous };

/// "Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous".
SplitBehavior split_behavior(const JsonView& name);

/// Appends to `out` what is left of the piece [begin, end) when it is cut at `matches` (offsets from `begin`, left to
/// right). `inverted`: the parts between the matches count as the matches. Empty results are left out.
void cut_piece(PreText::Piece piece, const std::vector<TextRange>& matches, SplitBehavior behavior, bool inverted,
               std::vector<PreText::Piece>& out);

/// Cuts every piece at the matches that find(piece, matches) gives.
template <class Find>
void cut_pieces(PreText& text, SplitBehavior behavior, bool inverted, const Find& find) {
  std::vector<PreText::Piece> out;
  out.reserve(text.pieces.size());
  std::vector<TextRange> matches;
  for (size_t i = 0; i < text.pieces.size(); ++i) {
    matches.clear();
    find(text.piece(i), matches);
    cut_piece(text.pieces[i], matches, behavior, inverted, out);
  }
  text.pieces = std::move(out);
}

}  // namespace lf
