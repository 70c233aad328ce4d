// tokenizer.json with another list of added tokens; everything else stays byte for byte as it was.
#pragma once
#include <map>
#include <string>
#include <string_view>

#include "tokenizer/tokenizer.h"

namespace lf {

/// `json` must be a valid JSON object.
std::string with_added_tokens(std::string_view json, const std::map<TokenId, AddedToken>& tokens);

}  // namespace lf
