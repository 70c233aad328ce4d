// The pre-tokenizers that are known, by the "type" of their JSON, and their Sequence.
#include <algorithm>

#include "tokenizer/pre_tokenizers/pre_tokenizers.h"

namespace lf {
namespace {

class PreSequence : public SequenceOf<PreTokenizer, PreText> {
 public:
  explicit PreSequence(const JsonView& spec) : SequenceOf(spec, "pretokenizers", make_pre_tokenizer) {}
  bool leave_bytes_raw() override { return !parts_.empty() && parts_.back()->leave_bytes_raw(); }
  bool needs_origin() const override {
    return std::any_of(parts_.begin(), parts_.end(), [](const auto& part) { return part->needs_origin(); });
  }
  bool append_matchers(std::vector<SplitMatcher>& chain) const override {
    return std::ranges::all_of(parts_, [&](const auto& part) { return part->append_matchers(chain); });
  }
};

}  // namespace

std::unique_ptr<PreTokenizer> make_pre_sequence(const JsonView& spec) { return std::make_unique<PreSequence>(spec); }

std::unique_ptr<PreTokenizer> make_pre_tokenizer(const JsonView& spec) {
  static constexpr std::pair<std::string_view, std::unique_ptr<PreTokenizer> (*)(const JsonView&)> kTable[] = {
      {"ByteLevel", make_byte_level},
      {"Metaspace", make_metaspace},
      {"Split", make_split},
      {"Digits", make_digits},
      {"Punctuation", make_punctuation},
      {"Whitespace", make_whitespace},
      {"WhitespaceSplit", make_whitespace_split},
      {"BertPreTokenizer", make_bert_split},
      {"CharDelimiterSplit", make_char_delimiter_split},
      {"UnicodeScripts", make_unicode_scripts},
      {"FixedLength", make_fixed_length},
      {"Sequence", make_pre_sequence},
  };
  return make_component(spec, "pre-tokenizer", kTable);
}

}  // namespace lf
