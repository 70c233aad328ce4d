// Conversations -> ids and labels, for one stage. Rows are encoded one by one; `finish` packs the rows of a
// preprocessing batch.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "config/data_options.h"
#include "data/batch.h"
#include "data/conversation.h"
#include "templates/template.h"
#include "tokenizer/tokenizer.h"

namespace lf {

/// An encoded row, or why it is dropped.
struct EncodedRow {
  EncodedExample example;
  std::string dropped;  // empty = kept
};

class Encoder {
 public:
  virtual ~Encoder() = default;
  /// Thread-safe.
  virtual EncodedRow encode(const Conversation& conversation) const = 0;
  /// Rows of the dataset out of the kept rows of one preprocessing batch, in order.
  virtual std::vector<EncodedExample> finish(std::vector<EncodedExample> rows) const = 0;
};

/// pt: the text of the first message and EOS; with packing, blocks of cutoff_len.
std::unique_ptr<Encoder> make_pretrain_encoder(const DataOptions& options, const Tokenizer& tokenizer);
/// sft: turns of the template, loss on responses; with packing, a greedy knapsack into rows of cutoff_len + 1.
std::unique_ptr<Encoder> make_supervised_encoder(const DataOptions& options, const Tokenizer& tokenizer,
                                                 const Template& chat_template);

}  // namespace lf
