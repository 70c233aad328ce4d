// Factories of the single decoders; see make_decoder.cpp for their names.
#pragma once
#include "tokenizer/components.h"

namespace lf {

std::unique_ptr<TokenDecoder> make_byte_level_decoder(const JsonView& spec);
std::unique_ptr<TokenDecoder> make_byte_fallback_decoder(const JsonView& spec);
std::unique_ptr<TokenDecoder> make_fuse_decoder(const JsonView& spec);
std::unique_ptr<TokenDecoder> make_strip_decoder(const JsonView& spec);
std::unique_ptr<TokenDecoder> make_replace_decoder(const JsonView& spec);
std::unique_ptr<TokenDecoder> make_metaspace_decoder(const JsonView& spec);
std::unique_ptr<TokenDecoder> make_wordpiece_decoder(const JsonView& spec);
std::unique_ptr<TokenDecoder> make_bpe_decoder(const JsonView& spec);
std::unique_ptr<TokenDecoder> make_ctc_decoder(const JsonView& spec);

}  // namespace lf
