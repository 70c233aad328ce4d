#include "tokenizer/components.h"

namespace lf {

void PreText::replace(std::string changed, std::vector<Piece> cut, const std::vector<uint32_t>& sources) {
  at_start = at_start && !pieces.empty() && pieces.front().begin == 0;
  if (has_spans()) {
    std::vector<ByteSpan> moved;
    moved.reserve(sources.size());
    for (const uint32_t source : sources) moved.push_back(spans[source]);
    span_storage = std::move(moved);
    spans = span_storage;
  }
  storage = std::move(changed);
  text = storage;
  pieces = std::move(cut);
}

}  // namespace lf
