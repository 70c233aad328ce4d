// Names of pre-tokenizers: resources/gguf/pre_tokenizers.tsv has llama.cpp's table, probe.txt its text.
#include "base/embedded.h"
#include "base/error.h"
#include "base/strings.h"
#include "hub/digest.h"
#include "stages/gguf/vocabulary.h"
#include "tokenizer/published_patterns.h"

namespace lf {

std::span<const EmbeddedFile> embedded_gguf();

namespace {

std::string_view resource(std::string_view stem) {
  for (const EmbeddedFile& file : embedded_gguf()) {
    if (file.stem == stem) return file.content;
  }
  throw_error(ErrorKind::kInternal, "the resource gguf/{} is not in the program", stem);
}

/// SHA-256 of the ids as Python prints a list.
std::string hash_of(const std::vector<TokenId>& ids) {
  std::vector<std::string> words;
  for (const TokenId id : ids) words.push_back(std::to_string(id));
  return text_sha256("[" + join(words, ", ") + "]");
}

/// Hashes of the probe: as the tokenizer encodes it, and with or without BOS, which settings of a run change but which
/// says nothing about how text is cut.
std::vector<std::string> probe_hashes(const Tokenizer& tokenizer) {
  std::vector<TokenId> plain = tokenizer.encode(resource("probe"));
  std::vector<std::string> hashes = {hash_of(tokenizer.encode(resource("probe"), true)), hash_of(plain)};
  if (const auto bos = tokenizer.bos_id()) {
    plain.insert(plain.begin(), *bos);
    hashes.push_back(hash_of(plain));
  }
  return hashes;
}

std::string name_of_hash(const std::string& hash) {
  for (const std::string& line : split(resource("pre_tokenizers"), '\n')) {
    if (line.starts_with(hash) && line.size() > hash.size() && line[hash.size()] == '\t')
      return line.substr(hash.size() + 1);
  }
  return "";
}

/// Vocabularies of one's own (trained, extended) still cut text as a known family does.
std::string name_of_expression(const Json& file) {
  const Json pre = file.value("pre_tokenizer", Json::object());
  if (!pre.is_object()) return "";
  if (pre.value("type", "") == "ByteLevel") return pre.value("use_regex", true) ? "gpt-2" : "";
  const Json parts = pre.value("pretokenizers", Json::array());
  if (pre.value("type", "") != "Sequence" || parts.size() != 2 || parts[1].value("type", "") != "ByteLevel") return "";
  const Json& first = parts[0];
  const bool by_regex = parts[1].value("use_regex", true);
  if (first.value("type", "") == "Digits" && first.value("individual_digits", false) && by_regex) return "smollm";
  if (first.value("type", "") != "Split" || by_regex || first.value("behavior", "") != "Isolated" ||
      first.value("invert", false))
    return "";
  const Json pattern = first.value("pattern", Json::object());
  const std::string text = pattern.is_object() ? pattern.value("Regex", "") : "";
  return text == kLlama3Pattern ? "llama-bpe" : text == kQwenPattern ? "qwen2" : "";
}

}  // namespace

std::string gguf_pre_tokenizer(const Tokenizer& tokenizer, const Json& file) {
  const std::vector<std::string> hashes = probe_hashes(tokenizer);
  std::string name;
  for (const std::string& hash : hashes) name = name.empty() ? name_of_hash(hash) : name;
  if (name.empty()) name = name_of_expression(file);
  LF_CHECK(kUnsupported, !name.empty(),
           "export_gguf: llama.cpp has no name for this tokenizer's way to cut text (probe {}, pre_tokenizer {})",
           hashes[0], printable(file.value("pre_tokenizer", Json()).dump()));
  return name;
}

}  // namespace lf
