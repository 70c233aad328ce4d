// Rows of a dataset on their way to training, one after another in constant memory: what the file holds, the
// conversation, the tokens and labels. The encoding is training's own (data/encode), each row by itself.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "config/run_config.h"
#include "data/dataset_info.h"
#include "data/encode/encoder.h"
#include "data/encode/escape_special.h"
#include "data/source/source.h"

namespace lf {

/// How rows are encoded. Without a tokenizer only conversations are made.
struct RowEncoding {
  const Tokenizer* tokenizer = nullptr;
  DataOptions options, uncut_options;
  std::string stage = "sft";
  std::unique_ptr<Encoder> encoder;        // packing off: one row, one example
  std::unique_ptr<Encoder> whole_encoder;  // without cutting, for true lengths
  SpecialTexts specials;
};

/// Tokenizer and template are a run's; both null = none, otherwise they must outlive the encoding. The stage is the
/// configuration's, or what a dataset is for when `guess_stage` (rm for ranking, kto with a kto_tag, pt without
/// responses, else sft).
std::unique_ptr<RowEncoding> make_encoding(const RunConfig& config, const Tokenizer* tokenizer,
                                           const Template* chat_template, const DatasetAttr& attr, bool guess_stage);

struct InspectedRow {
  int64_t index = 0;  // in the dataset, from 0
  std::string where;  // "chats.jsonl: row 12"
  Json columns;       // empty when the row cannot be read
  Conversation conversation;
  std::string error;    // the row cannot be read, converted or encoded
  std::string dropped;  // why training leaves it out
  EncodedExample example;
  int64_t whole_length = 0;  // tokens before cutting

  bool whole() const { return error.empty() && dropped.empty(); }
};

class Inspector {
 public:
  /// `encoding` may be null. Both must outlive the inspector.
  Inspector(const DatasetAttr& attr, const RowEncoding* encoding);

  /// Rows from `first` (0 = the first) on in order, encoded on all threads; stops when `visit` returns false or at row
  /// `last`. `whole_lengths`: also fill in whole_length.
  void each(int64_t first, int64_t last, bool whole_lengths, const std::function<bool(const InspectedRow&)>& visit);

 private:
  bool read(InspectedRow& row);
  void convert(InspectedRow& row, bool whole_lengths) const;

  const DatasetAttr& attr_;
  const RowEncoding* encoding_;
  Conversation (*convert_)(const Json& row, const DatasetAttr& attr);
  std::unique_ptr<RowStream> stream_;
  int64_t index_ = 0;
};

}  // namespace lf
