// The decoders that are known, by the "type" of their JSON.
#include "tokenizer/decoders/decoders.h"

namespace lf {

std::unique_ptr<TokenDecoder> make_decoder(const JsonView& spec) {
  static constexpr std::pair<std::string_view, std::unique_ptr<TokenDecoder> (*)(const JsonView&)> kTable[] = {
      {"ByteLevel", make_byte_level_decoder},
      {"ByteFallback", make_byte_fallback_decoder},
      {"Fuse", make_fuse_decoder},
      {"Strip", make_strip_decoder},
      {"Replace", make_replace_decoder},
      {"Metaspace", make_metaspace_decoder},
      {"WordPiece", make_wordpiece_decoder},
      {"BPEDecoder", make_bpe_decoder},
      {"CTC", make_ctc_decoder},
      {"Sequence",
       [](const JsonView& s) -> std::unique_ptr<TokenDecoder> {
         return std::make_unique<SequenceOf<TokenDecoder, std::vector<std::string>>>(s, "decoders", make_decoder);
       }},
  };
  return make_component(spec, "decoder", kTable);
}

}  // namespace lf
