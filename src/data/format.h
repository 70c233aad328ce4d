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
/// Those of `names` that the dataset uses, and with `ranking` the columns of its answers.
std::vector<std::string> used_columns(const DatasetAttr& attr, std::vector<DatasetAttr::Name> names);

/// The column of messages.
struct MessageColumn {
  const Json& messages;  // an array; empty when the row has none
  size_t first = 0;      // 1 when the first message is the system's
  std::string system;    // of the first message or else of the system column
};
/// kData when the column holds something else than a list.
MessageColumn message_column(const Json& row, const DatasetAttr& attr);

/// The images, videos and audios columns: one path or many, lists of frames, or datasets' {"bytes", "path"}. Paths of
/// local rows are joined with attr.media_dir when that file exists, else kept as they are (upstream's rule). kData for
/// paths that lead out of media_dir (absolute, or over ..; allowed with attr.media_outside) and for other types;
/// kUnsupported for URLs.
void read_media(const Json& row, const DatasetAttr& attr, Conversation& out);
/// kUnsupported when the row holds images, videos or audio: training cannot use them yet.
void refuse_media(const Conversation& conversation);

/// Splits aligned messages (upstream's rules): last one = response; feedback (kto_tag) and ranking pairs.
void split_response(const Json& row, const DatasetAttr& attr, std::vector<Message> messages, Conversation& out);
/// "user, assistant, user": for messages about broken rows.
std::string roles_of(const Json& messages, const DatasetAttr& attr);

}  // namespace lf
