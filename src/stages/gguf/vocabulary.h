// A tokenizer in llama.cpp's terms: the tokenizer.* metadata of a GGUF file, as llama.cpp's converter writes it.
#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "base/json.h"
#include "io/gguf.h"
#include "tokenizer/tokenizer.h"

namespace lf {

/// ggml's token types.
enum class GgufTokenType : int32_t { kNormal = 1, kUnknown, kControl, kUserDefined, kUnused, kByte };

struct GgufVocabulary {
  std::string model;          // "gpt2": byte-level BPE by merges; "llama": SentencePiece BPE by scores
  std::string pre_tokenizer;  // llama.cpp's name of how text is cut before merging
  std::vector<std::string> tokens;
  std::vector<float> scores;        // "llama" only
  std::vector<int32_t> types;       // GgufTokenType
  std::vector<std::string> merges;  // "gpt2" only: "left right"
};

/// The vocabulary of `tokenizer`, filled up to `size` tokens (the rows of the embedding) with unused ones. `source`:
/// the model's folder, whose tokenizer.model gives the scores; without it they follow the merges of tokenizer.json.
/// kUnsupported: another kind of tokenizer than BPE, a pre-tokenizer that llama.cpp does not know, more tokens than
/// `size`.
GgufVocabulary gguf_vocabulary(const Tokenizer& tokenizer, const std::filesystem::path& source, int64_t size);

/// All tokenizer.* keys: vocabulary, special tokens (from the tokenizer, else from config.json), chat template.
GgufMetadata gguf_tokenizer_metadata(const Tokenizer& tokenizer, const Json& config,
                                     const std::filesystem::path& source, int64_t size);

/// llama.cpp's name of the pre-tokenizer of a byte-level BPE tokenizer: by the ids of a probe text, else by its
/// splitting expression. `file`: its tokenizer.json. kUnsupported when llama.cpp has none.
std::string gguf_pre_tokenizer(const Tokenizer& tokenizer, const Json& file);

/// A file that the tokenizer would save ("tokenizer.json"), parsed; an empty object when it saves none.
Json saved_tokenizer_file(const Tokenizer& tokenizer, const std::string& name);

}  // namespace lf
