// From pieces back to text, piece by piece.
#pragma once
#include <string>
#include <string_view>

#include "tokenizer/sentencepiece/segmenter.h"

namespace lf {

class SpDecoding {
 public:
  /// Both must outlive this.
  SpDecoding(const SpModelFile& file, const SpPieceIds& ids) : file_(file), ids_(ids) {}
  void add(std::string_view piece);
  /// The text of all pieces, before denormalisation.
  std::string finish();

 private:
  void add_bytes();
  void add_text(std::string_view piece);

  const SpModelFile& file_;
  const SpPieceIds& ids_;
  std::string text_, bytes_;
  bool at_start_ = true;  // a space mark that comes now is the dummy prefix
  bool prefix_was_taken_ = false;
};

}  // namespace lf
