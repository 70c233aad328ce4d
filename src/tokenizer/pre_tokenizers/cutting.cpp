#include "tokenizer/pre_tokenizers/cutting.h"

#include <algorithm>

#include "base/strings.h"

namespace lf {
namespace {

struct Part {
  size_t begin, end;
  bool matched;
};

std::vector<Part> parts_of(PreText::Piece piece, const std::vector<TextRange>& matches, bool inverted) {
  std::vector<Part> parts;
  parts.reserve(matches.size() * 2 + 1);
  size_t done = piece.begin;
  for (const TextRange& match : matches) {
    const size_t begin = piece.begin + match.begin;
    const size_t end = piece.begin + match.end;
    if (done != begin) parts.push_back({done, begin, inverted});
    parts.push_back({begin, end, !inverted});
    done = end;
  }
  if (done != piece.end) parts.push_back({done, piece.end, inverted});
  return parts;
}

void merge_contiguous(std::vector<Part>& parts) {
  std::vector<Part> merged;
  bool previous = false;
  for (const Part& part : parts) {
    if (part.matched == previous && !merged.empty())
      merged.back().end = part.end;
    else
      merged.push_back(part);
    previous = part.matched;
  }
  parts = std::move(merged);
}

/// A match joins the part before it, unless that was a match too.
void merge_with_previous(std::vector<Part>& parts) {
  std::vector<Part> merged;
  bool previous = false;
  for (const Part& part : parts) {
    if (part.matched && !previous && !merged.empty())
      merged.back().end = part.end;
    else
      merged.push_back(part);
    previous = part.matched;
  }
  parts = std::move(merged);
}

void merge_with_next(std::vector<Part>& parts) {
  std::vector<Part> merged;
  bool previous = false;
  for (auto part = parts.rbegin(); part != parts.rend(); ++part) {
    if (part->matched && !previous && !merged.empty())
      merged.back().begin = part->begin;
    else
      merged.push_back(*part);
    previous = part->matched;
  }
  std::reverse(merged.begin(), merged.end());
  parts = std::move(merged);
}

}  // namespace

SplitBehavior split_behavior(const JsonView& name) {
  static constexpr std::pair<std::string_view, SplitBehavior> kNames[] = {
      {"Removed", SplitBehavior::kRemoved},
      {"Isolated", SplitBehavior::kIsolated},
      {"MergedWithPrevious", SplitBehavior::kMergedWithPrevious},
      {"MergedWithNext", SplitBehavior::kMergedWithNext},
      {"Contiguous", SplitBehavior::kContiguous}};
  const std::string_view text = name.string();
  for (const auto& [known, behavior] : kNames) {
    if (known == text) return behavior;
  }
  throw_error(ErrorKind::kFormat, "{}: '{}' is not a way to split", name.where(), printable(text));
}

void cut_piece(PreText::Piece piece, const std::vector<TextRange>& matches, SplitBehavior behavior, bool inverted,
               std::vector<PreText::Piece>& out) {
  std::vector<Part> parts = parts_of(piece, matches, inverted);
  if (behavior == SplitBehavior::kContiguous) merge_contiguous(parts);
  if (behavior == SplitBehavior::kMergedWithPrevious) merge_with_previous(parts);
  if (behavior == SplitBehavior::kMergedWithNext) merge_with_next(parts);
  for (const Part& part : parts) {
    const bool removed = behavior == SplitBehavior::kRemoved && part.matched;
    if (!removed && part.begin < part.end) out.push_back({part.begin, part.end});
  }
}

}  // namespace lf
