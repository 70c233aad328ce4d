// vocab.json and merges.txt: byte-level BPE as GPT-2 published it, with what Qwen2 and RoBERTa do round it.
#include "base/files.h"
#include "base/json.h"
#include "base/strings.h"
#include "tokenizer/json_view.h"
#include "tokenizer/kinds/json_text.h"
#include "tokenizer/kinds/kinds.h"
#include "tokenizer/unicode.h"
#include "tokenizer/vocab.h"

namespace lf {
namespace {

constexpr uint64_t kMaxBytes = uint64_t{256} << 20;
constexpr std::string_view kByteLevelTail = R"("trim_offsets":false,"use_regex":true})";

struct Vocabulary {
  std::string json;  // the object of vocab.json
  Vocab tokens;
};

Vocabulary read_vocab(const std::filesystem::path& path) {
  Vocabulary vocabulary;
  std::string text = read_file(path, kMaxBytes);
  const JsonFile parsed(text, path.string());
  vocabulary.json = "{";
  JsonCommas commas(vocabulary.json);
  for (auto [token, value] : parsed.root().object()) {
    int64_t id = 0;
    const bool good = !value.get(id) && id >= 0 && id <= kMaxTokenId;
    LF_CHECK(kFormat, good, "{}: the id of '{}' is not a number from 0 to {}", path.string(), printable(token),
             kMaxTokenId);
    LF_CHECK(kFormat, vocabulary.tokens.insert(token, static_cast<TokenId>(id)) == Vocab::Insert::kDone,
             "{}: '{}' or its id {} is given twice", path.string(), printable(token), id);
    append_json_string(commas.next(), token);
    vocabulary.json += ':';
    append_json_number(vocabulary.json, id);
  }
  vocabulary.json += '}';
  return vocabulary;
}

/// The list of merges: lines of two texts; the first line may tell the version.
std::string read_merges(const std::filesystem::path& path) {
  const std::string text = read_file(path, kMaxBytes);
  LF_CHECK(kFormat, is_valid_utf8(text), "{}: not UTF-8", path.string());
  std::string merges = "[";
  JsonCommas commas(merges);
  size_t number = 0;
  for (std::string_view rest = text; !rest.empty();) {
    const size_t end = rest.find('\n');
    std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    ++number;
    if (line.empty() || line.starts_with("#version")) continue;
    const size_t space = line.find(' ');
    const bool good = space != std::string_view::npos && space > 0 && space + 1 < line.size() &&
                      line.find(' ', space + 1) == std::string_view::npos;
    LF_CHECK(kFormat, good, "{}:{}: needed two token texts but found '{}'", path.string(), number, printable(line, 60));
    append_json_string(commas.next(), line);
  }
  return merges + "]";
}

/// Tokens that a class names by itself; they count where the vocabulary has them.
void name_defaults(const Vocab& vocab, TokenizerConfig& config) {
  const auto use = [&](const char* key, const char* token) {
    if (vocab.find(token) != kNoToken) config.default_token(key, token);
  };
  const std::string& name = config.class_name();
  if (name == "GPT2Tokenizer" || name == "CodeGenTokenizer") {
    for (const char* key : {"bos_token", "eos_token", "unk_token"}) use(key, "<|endoftext|>");
  } else if (name == "Qwen2Tokenizer") {
    for (const char* key : {"eos_token", "unk_token", "pad_token"}) use(key, "<|endoftext|>");
  } else if (name == "RobertaTokenizer") {
    for (const auto& [key, token] :
         {std::pair("bos_token", "<s>"), std::pair("eos_token", "</s>"), std::pair("sep_token", "</s>"),
          std::pair("cls_token", "<s>"), std::pair("unk_token", "<unk>"), std::pair("pad_token", "<pad>")}) {
      use(key, token);
    }
  }
}

std::optional<std::pair<std::string, TokenId>> token_of(const Vocab& vocab, const std::string& token, bool wanted) {
  const TokenId id = wanted && !token.empty() ? vocab.find(token) : kNoToken;
  return id == kNoToken ? std::nullopt : std::optional(std::pair(token, id));
}

std::string post_processor(const Vocab& vocab, const TokenizerConfig& config, bool prefix_space) {
  if (config.class_name() == "RobertaTokenizer") {
    const auto pair = [&](const char* key) {
      const auto token = token_of(vocab, config.named_token(key), true);
      LF_CHECK(kFormat, token, "RobertaTokenizer needs a {} that is in vocab.json", key);
      return fmt::format("[{},{}]", json_string(token->first), token->second);
    };
    return fmt::format(R"({{"type":"RobertaProcessing","sep":{},"cls":{},"trim_offsets":true,"add_prefix_space":{}}})",
                       pair("sep_token"), pair("cls_token"), prefix_space);
  }
  const auto bos = token_of(vocab, config.special_tokens().bos, config.add_bos_token());
  const auto eos = token_of(vocab, config.special_tokens().eos, config.flag("add_eos_token", false));
  if (bos || eos) return bos_eos_template(bos, eos);
  return std::string(R"({"type":"ByteLevel","add_prefix_space":true,)") + std::string(kByteLevelTail);
}

std::string pre_tokenizer(const TokenizerConfig& config, bool prefix_space) {
  if (config.class_name() != "Qwen2Tokenizer") {
    return fmt::format(R"({{"type":"ByteLevel","add_prefix_space":{},"trim_offsets":true,"use_regex":true}})",
                       prefix_space);
  }
  return fmt::format(
      R"({{"type":"Sequence","pretokenizers":[{{"type":"Split","pattern":{{"Regex":{}}},"behavior":"Isolated",)"
      R"("invert":false}},{{"type":"ByteLevel","add_prefix_space":{},"trim_offsets":true,"use_regex":false}}]}})",
      json_string(known_tiktoken(151643, "").pattern), prefix_space);
}

}  // namespace

ConvertedTokenizer convert_bpe_files(const std::filesystem::path& vocab_file, const std::filesystem::path& merges_file,
                                     TokenizerConfig& config) {
  const std::string& name = config.class_name();
  LF_CHECK(
      kUnsupported, name != "CLIPTokenizer" && name != "HerbertTokenizer" && name != "OpenAIGPTTokenizer",
      "{}: vocab.json and merges.txt of a {} are not byte-level; a tokenizer.json is needed (load it in Python and "
      "save_pretrained it)",
      vocab_file.string(), name);
  const Vocabulary vocab = read_vocab(vocab_file);
  name_defaults(vocab.tokens, config);
  const bool prefix_space = config.flag("add_prefix_space", false);
  std::string json = R"({"version":"1.0","truncation":null,"padding":null,"added_tokens":[],"normalizer":)";
  json += name == "Qwen2Tokenizer" ? R"({"type":"NFC"})" : "null";
  json += R"(,"pre_tokenizer":)" + pre_tokenizer(config, prefix_space);
  json += R"(,"post_processor":)" + post_processor(vocab.tokens, config, prefix_space);
  json += R"(,"decoder":{"type":"ByteLevel","add_prefix_space":true,"trim_offsets":true,"use_regex":true},)"
          R"("model":{"type":"BPE","dropout":null,"unk_token":null,"continuing_subword_prefix":"",)"
          R"("end_of_word_suffix":"","fuse_unk":false,"byte_fallback":false,"ignore_merges":false,"vocab":)";
  json += vocab.json + R"(,"merges":)" + read_merges(merges_file) + "}}";
  return {"vocab.json + merges.txt", std::move(json)};
}

}  // namespace lf
