// Conversations -> ids and labels, for one stage. Rows are encoded one by one; `finish` packs the rows of a
// preprocessing batch, `complete` what concerns the dataset as a whole.
#pragma once
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "config/data_options.h"
#include "data/batch.h"
#include "data/conversation.h"
#include "data/dataset.h"
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
  /// What the rows are.
  virtual ExampleKind kind() const = 0;
  /// Row `row` of a preprocessing batch (the rows that upstream's map gets together). Only feedback data looks at the
  /// others: their responses make the KL pairs. Thread-safe.
  virtual EncodedRow encode(std::span<const Conversation> batch, size_t row) const = 0;
  /// A row by itself (a batch of one).
  EncodedRow encode(const Conversation& conversation) const { return encode({&conversation, 1}, 0); }
  /// Rows of the dataset out of the kept rows of one preprocessing batch, in order.
  virtual std::vector<EncodedExample> finish(std::vector<EncodedExample> rows) const { return rows; }
  /// True: `finish` leaves rows as they are and `complete` packs them, so the whole dataset must be at hand (no
  /// streaming).
  virtual bool packs_whole_set() const { return false; }
  /// The dataset out of all rows that `finish` returned. Call once; logs what a look at the whole set tells. `name`
  /// (of the datasets) is for these messages.
  virtual Dataset complete(Dataset rows, const std::string& name) const {
    (void)name;
    return rows;
  }
};

// Encoders keep references to their arguments.

/// pt: the text of the first message and EOS; with packing, blocks of cutoff_len.
std::unique_ptr<Encoder> make_pretrain_encoder(const DataOptions& options, const Tokenizer& tokenizer);
/// sft: turns of the template, loss on responses; with packing, a greedy knapsack into rows of cutoff_len + 1.
std::unique_ptr<Encoder> make_supervised_encoder(const DataOptions& options, const Tokenizer& tokenizer,
                                                 const Template& chat_template);
/// rm, dpo: one prompt with the chosen and with the rejected response.
std::unique_ptr<Encoder> make_pairwise_encoder(const DataOptions& options, const Tokenizer& tokenizer,
                                               const Template& chat_template);
/// kto: a completion with its tag, and the same prompt with the completion of the row before (the KL pair; the first
/// row of a batch gets the last one's).
std::unique_ptr<Encoder> make_feedback_encoder(const DataOptions& options, const Tokenizer& tokenizer,
                                               const Template& chat_template);
/// ppo, and sft evaluation with predict_with_generate: the prompt, and the reference response beside it.
std::unique_ptr<Encoder> make_unsupervised_encoder(const DataOptions& options, const Tokenizer& tokenizer,
                                                   const Template& chat_template);

/// The encoder of a stage (pt, sft, rm, dpo, kto, ppo). `generate`: an evaluation set of stage sft with
/// predict_with_generate. kUnsupported for other stages.
std::unique_ptr<Encoder> make_encoder(const std::string& stage, bool generate, const DataOptions& options,
                                      const Tokenizer& tokenizer, const Template& chat_template);
/// Why training drops the conversation, as far as that shows without tokens; empty = it stays.
std::string why_dropped(const std::string& stage, const Conversation& conversation);
/// Whether a stage reads datasets with "ranking": true (rm, dpo) or those without (all others).
bool stage_needs_ranking(const std::string& stage);
/// kData in upstream's words when the dataset's `ranking` is not the one that the stage needs.
void check_ranking(const std::string& dataset, bool ranking, const std::string& stage);

}  // namespace lf
