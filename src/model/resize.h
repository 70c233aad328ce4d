// Growing the vocabulary of a loaded model: rows of the embedding and of the head for new tokens, filled as
// LLaMA-Factory does.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/loader.h"

namespace lf {

/// `init_special_tokens`. Noise is normal(0, 1 / sqrt(D)).
enum class NewRowInit {
  kNoise,                 // noise_init: mean of the rows of old tokens + noise
  kDescription,           // desc_init: mean of the embedding rows of the description's tokens
  kDescriptionWithNoise,  // desc_init_w_noise: the same + noise
};
/// kConfig for another name.
NewRowInit new_row_init(std::string_view name);

struct NewToken {
  int64_t id = 0;
  std::string text;                                 // for messages
  std::optional<std::vector<int64_t>> description;  // token ids of its description
};

struct ResizeOptions {
  int64_t tokens = 0;  // entries of the tokenizer
  std::vector<NewToken> new_tokens;
  NewRowInit init = NewRowInit::kNoise;
  uint64_t seed = 42;  // of the noise
};

struct VocabularySizes {
  int64_t before = 0, after = 0;
};

/// Where the tokenizer has more entries than the embedding has rows, embedding and head (also its bias) grow to the
/// next multiple of 64, and the sizes in spec and config follow; a tied head stays tied. Rows of `new_tokens` are
/// filled wherever they lie, also in rows that a padded matrix had to spare; so are all rows that were added. Rows
/// without a description are filled as kNoise says; a description without any old token stands for the mean of old
/// rows. The head is filled by the same rule as the embedding (descriptions from the embedding's rows, as upstream),
/// its bias with its mean. kUnsupported for a quantised head. To be called before anything is trainable.
VocabularySizes resize_vocabulary(LoadedModel& loaded, const ResizeOptions& options);

/// Rows of the embedding, hence the ids that the model knows.
int64_t embedding_rows(Decoder& model);
/// Last name parts of the modules that hold embedding and head ("embed_tokens", "lm_head"), in tree order.
std::vector<std::string> vocabulary_modules(Decoder& model);
/// Checkpoint names of their parameters.
std::vector<std::string> vocabulary_parameters(Decoder& model);
/// What `config` has to say about a vocabulary of `rows`: its keys that tell the size, with the new value.
Json vocabulary_overrides(const Json& config, int64_t rows);

}  // namespace lf
