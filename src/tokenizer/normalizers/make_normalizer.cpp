// The normalizers that are known, by the "type" of their JSON.
#include "base/strings.h"
#include "tokenizer/normalizers/normalizers.h"

namespace lf {
namespace {

class NormalizerSequence : public SequenceOf<Normalizer, std::string> {
 public:
  explicit NormalizerSequence(const JsonView& spec) : SequenceOf(spec, "normalizers", make_normalizer) {}
  void apply_aligned(AlignedText& text) const override {
    for (const auto& part : parts_) part->apply_aligned(text);
  }
};

}  // namespace

void unsupported_component(const JsonView& spec, std::string_view kind, std::string_view type) {
  throw_error(ErrorKind::kUnsupported, "{}: the {} '{}' is not available", spec.where(), kind, printable(type));
}

std::unique_ptr<Normalizer> make_normalizer(const JsonView& spec) {
  static constexpr std::pair<std::string_view, std::unique_ptr<Normalizer> (*)(const JsonView&)> kTable[] = {
      {"NFC", make_nfc},
      {"NFD", make_nfd},
      {"NFKC", make_nfkc},
      {"NFKD", make_nfkd},
      {"Lowercase", make_lowercase},
      {"StripAccents", make_strip_accents},
      {"Strip", make_strip},
      {"Prepend", make_prepend},
      {"Replace", make_replace},
      {"ByteLevel", make_byte_letters},
      {"Precompiled", make_precompiled},
      {"Nmt", make_nmt},
      {"BertNormalizer", make_bert_normalizer},
      {"Sequence",
       [](const JsonView& s) -> std::unique_ptr<Normalizer> { return std::make_unique<NormalizerSequence>(s); }},
  };
  return make_component(spec, "normalizer", kTable);
}

}  // namespace lf
