// load_tokenizer: which file of a model folder is read, and how.
#include "base/files.h"
#include "base/strings.h"
#include "tokenizer/hf_tokenizer.h"
#include "tokenizer/kinds/kinds.h"
#include "tokenizer/kinds/native_sentencepiece.h"
#include "tokenizer/kinds/sp_convert.h"

namespace lf {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kMaxJson = uint64_t{512} << 20;
constexpr uint64_t kMaxModel = uint64_t{64} << 20;

bool is_file(const fs::path& path) {
  std::error_code error;
  return fs::is_regular_file(path, error);
}

std::unique_ptr<Tokenizer> make(const ConvertedTokenizer& converted, const fs::path& file, TokenizerConfig config) {
  return std::make_unique<HfTokenizer>(converted.json, file.string(), std::move(config), converted.kind);
}

std::unique_ptr<Tokenizer> load_json(const fs::path& file, TokenizerConfig config, const TokenizerOptions& options) {
  std::string json = read_file(file, kMaxJson);
  const std::string name = file.string();
  const ReadingEffects effects = reading_effects(json, name, config, options.reading);
  json = with_reading(std::move(json), name, config, options.reading);
  auto made = std::make_unique<HfTokenizer>(std::move(json), name, std::move(config), "tokenizer.json", effects);
  made->set_added_token_names(options.added_token_names);
  return made;
}

std::unique_ptr<Tokenizer> load_tiktoken(const fs::path& file, TokenizerConfig config) {
  const ConvertedTokenizer converted = convert_tiktoken(file, config);
  return make(converted, file, std::move(config));
}

/// As transformers converts it when the class is one whose conversion is known; as the library reads it otherwise.
std::unique_ptr<Tokenizer> load_sentencepiece(const fs::path& file, TokenizerConfig config,
                                              const TokenizerOptions& options) {
  std::string bytes = read_file(file, kMaxModel);
  const SpClass kind = sp_class(config.class_name());
  if (kind == SpClass::kNative)
    return std::make_unique<SentencePieceTokenizer>(std::move(bytes), file.string(), std::move(config));
  const SentencePiece model(std::move(bytes), file.string());
  const ConvertedTokenizer converted{"SentencePiece", converted_sentencepiece(model, kind, config, options.reading)};
  return make(converted, file, std::move(config));
}

std::unique_ptr<Tokenizer> load_model_file(const fs::path& file, TokenizerConfig config,
                                           const TokenizerOptions& options) {
  if (looks_like_tiktoken(file)) return load_tiktoken(file, std::move(config));
  return load_sentencepiece(file, std::move(config), options);
}

/// The file in `folder` whose name ends so, the first by name.
std::optional<fs::path> with_ending(const fs::path& folder, std::string_view ending) {
  std::optional<fs::path> found;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    if (!name.ends_with(ending) || !is_file(entry.path())) continue;
    if (!found || entry.path() < *found) found = entry.path();
  }
  return found;
}

std::unique_ptr<Tokenizer> load_bpe_files(const fs::path& folder, TokenizerConfig config) {
  const fs::path vocab = folder / "vocab.json";
  const ConvertedTokenizer converted = convert_bpe_files(vocab, folder / "merges.txt", config);
  return make(converted, vocab, std::move(config));
}

std::unique_ptr<Tokenizer> load_file(const fs::path& file, TokenizerConfig config, const TokenizerOptions& options) {
  const std::string name = file.filename().string();
  if (name.starts_with("tekken") && name.ends_with(".json")) {
    const ConvertedTokenizer converted = convert_tekken(file, config);
    return make(converted, file, std::move(config));
  }
  if (name == "vocab.json" || name == "merges.txt") return load_bpe_files(file.parent_path(), std::move(config));
  if (name.ends_with(".json")) return load_json(file, std::move(config), options);
  if (name.ends_with(".tiktoken")) return load_tiktoken(file, std::move(config));
  if (name.ends_with(".txt")) {
    const ConvertedTokenizer converted = convert_vocab_txt(file, config);
    return make(converted, file, std::move(config));
  }
  return load_model_file(file, std::move(config), options);
}

/// In the order in which transformers would settle on one.
std::optional<fs::path> find_file(const fs::path& folder) {
  for (const char* name : {"tokenizer.json", "tekken.json", "tokenizer.model", "tiktoken.model", "spiece.model",
                           "sentencepiece.bpe.model", "qwen.tiktoken"}) {
    if (is_file(folder / name)) return folder / name;
  }
  if (const auto file = with_ending(folder, ".tiktoken")) return file;
  if (is_file(folder / "vocab.json") && is_file(folder / "merges.txt")) return folder / "vocab.json";
  if (is_file(folder / "vocab.txt")) return folder / "vocab.txt";
  for (const char* ending : {".model", ".spm", ".model.v3", ".model.v1"}) {
    if (const auto file = with_ending(folder, ending)) return file;
  }
  return std::nullopt;
}

[[noreturn]] void no_tokenizer(const fs::path& folder) {
  std::error_code error;
  LF_CHECK(kIo, fs::is_directory(folder, error), "{}: the model folder does not exist", folder.string());
  LF_CHECK(kIo, !is_file(folder / "vocab.json"), "{}: there is a vocab.json, but no merges.txt", folder.string());
  throw_error(ErrorKind::kIo,
              "{}: there is no tokenizer (looked for tokenizer.json, tekken.json, tokenizer.model, spiece.model or "
              "another *.model, *.tiktoken, vocab.json with merges.txt, vocab.txt)",
              folder.string());
}

}  // namespace

TokenizerReading tokenizer_reading(std::string_view name) {
  if (name == "as_written") return TokenizerReading::kAsWritten;
  if (name == "transformers4") return TokenizerReading::kTransformers4;
  if (name == "transformers5") return TokenizerReading::kTransformers5;
  throw_error(ErrorKind::kConfig, "a tokenizer is read as_written, as transformers4 or as transformers5, not as '{}'",
              printable(name, 40));
}

std::unique_ptr<Tokenizer> load_tokenizer(const fs::path& path, const TokenizerOptions& options) {
  if (is_file(path)) return load_file(path, TokenizerConfig(), options);
  const auto file = find_file(path);
  if (!file) no_tokenizer(path);
  return load_file(*file, TokenizerConfig(path), options);
}

}  // namespace lf
