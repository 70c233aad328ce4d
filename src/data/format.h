// A dataset format: how columns become a conversation. One file in data/formats = one format (`formatting` in
// dataset_info.json).
#pragma once
#include <span>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "data/conversation.h"
#include "data/dataset_info.h"

namespace lf {

struct FormatEntry {
  std::string_view name;
  /// Row -> conversation. Throws kData (without the place) when a column has a type that cannot be read.
  Conversation (*convert)(const Json& row, const DatasetAttr& attr);
  /// Columns without which no row can be read.
  std::vector<std::string> (*required_columns)(const DatasetAttr& attr);
};

std::span<const FormatEntry* const> all_formats();

// What formats share.

/// The value of a column; null when the column is not used, absent from the row, or null.
const Json* find_column(const Json& row, const DatasetAttr::Name& name);
/// Text of a column; "" when there is none. kData when it holds something else.
std::string text_column(const Json& row, const DatasetAttr::Name& name);
/// The tools column: text as it is, a list or object as JSON text.
std::string tools_column(const Json& row, const DatasetAttr& attr);
/// kUnsupported when an images, videos or audios column is filled.
void refuse_media(const Json& row, const DatasetAttr& attr);

/// Splits aligned messages (upstream's rules): last one = response; feedback (kto_tag) and ranking pairs.
void split_response(const Json& row, const DatasetAttr& attr, std::vector<Message> messages, Conversation& out);
/// "user, assistant, user": for messages about broken rows.
std::string roles_of(const Json& messages, const DatasetAttr& attr);

}  // namespace lf
