// What transformers makes of a tokenizer.json beyond what is written in it. 4.x (measured: 4.56.2) runs the file as it
// is, but some classes put their own BOS and EOS round a text and change what decoding gives. 5.x (5.8.0) keeps only
// the vocabulary and the merges of the file for the classes it knows, and builds the rest of the pipeline itself.
#pragma once
#include <string>

#include "tokenizer/tokenizer_config.h"

namespace lf {

/// What a reading changes beside the pipeline: what decoding does to the text at its end, and the scores of a Unigram
/// model.
struct ReadingEffects {
  bool clean_up = false;         // blanks before punctuation and contractions go
  bool word_ends = false;        // CLIP: "</w>" becomes a blank, and the text is stripped
  bool drop_timestamps = false;  // Whisper: <|12.34|> goes
  /// transformers 5 builds T5's model from numbers that Python has read, which are exact; the Rust library's own reader
  /// rounds them twice. The last bit decides ties.
  bool exact_scores = false;
  /// Whether apply() changes nothing.
  bool empty() const { return !clean_up && !word_ends && !drop_timestamps; }
  std::string apply(std::string text) const;
};

/// `json` (a tokenizer.json) with the parts that the reading changes; the tokens and flags that the class has by
/// default go into `config`.
std::string with_reading(std::string json, const std::string& file, TokenizerConfig& config, TokenizerReading reading);
ReadingEffects reading_effects(const std::string& json, const std::string& file, const TokenizerConfig& config,
                               TokenizerReading reading);

}  // namespace lf
