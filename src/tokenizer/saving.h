// tokenizer.json with another list of added tokens, or another part; everything else stays byte for byte as it was.
#pragma once
#include <map>
#include <string>
#include <string_view>

#include "tokenizer/tokenizer.h"

namespace lf {

/// `json` must be a valid JSON object, `value` a JSON text. A member that is not there is put first.
std::string with_member(std::string_view json, std::string_view key, std::string_view value);
/// `json` must be a valid JSON object.
std::string with_added_tokens(std::string_view json, const std::map<TokenId, AddedToken>& tokens);

}  // namespace lf
