// One row shown to people (`data preview`): the conversation, and the tokens with their borders and which of them bear
// loss.
#pragma once
#include <string>

#include "data/inspect/inspector.h"

namespace lf {

struct ViewStyle {
  bool colour = false;  // escape sequences; loss is underlined as well as green, so colour is never alone
  bool utf8 = false;    // box characters instead of |
};

/// Lines that end with a newline. Control characters of the data are escaped.
std::string view_row(const InspectedRow& row, const RowEncoding* encoding, const ViewStyle& style);
/// {"row", "where", "system", "tools", "messages", "response", "images", ..., "error", "dropped", "note", "tokens":
/// [{"id", "text", "loss"}]}; pairs have "rejected_tokens" or "kl_tokens" too. Tokens that hold a part of a character
/// have the text "" but for the last of them.
Json row_json(const InspectedRow& row, const RowEncoding* encoding);

}  // namespace lf
