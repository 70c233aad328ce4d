#include "cli/tokenizer_lines.h"

#include <charconv>

#include "base/error.h"
#include "base/json.h"
#include "base/strings.h"

namespace lf {
namespace {

/// The JSON value of a line; errors say FILE:LINE:COLUMN.
Json parse_line(std::string_view line, const std::string& place) {
  try {
    return parse_json(line, place, {.max_depth = 64});
  } catch (const Error& error) {
    std::string message = error.what();
    const std::string first = place + ":1:";  // the line has one line
    if (message.starts_with(first)) message.replace(0, first.size(), place + ":");
    throw Error(ErrorKind::kData, message);
  }
}

void append_ids(std::string& out, const std::vector<TokenId>& ids) {
  char buffer[16];
  out += "{\"ids\": [";
  for (size_t i = 0; i < ids.size(); ++i) {
    if (i > 0) out += ", ";
    out.append(buffer, std::to_chars(buffer, buffer + sizeof buffer, ids[i]).ptr);
  }
  out += ']';
}

std::string encode_text(const Tokenizer& tokenizer, std::string_view text, const EncodeLineOptions& options) {
  std::string out;
  if (!options.tokens && !options.offsets) {
    append_ids(out, tokenizer.encode(text, options.special_tokens));
    return out + "}\n";
  }
  const Encoding encoding = tokenizer.encode_full(text, std::nullopt, {.add_special_tokens = options.special_tokens});
  append_ids(out, encoding.ids);
  if (options.tokens) out += ", \"tokens\": " + python_json(Json(encoding.tokens));
  if (options.offsets) {
    out += ", \"offsets\": [";
    for (size_t i = 0; i < encoding.offsets.size(); ++i) {
      const auto [begin, end] = encoding.offsets[i];
      fmt::format_to(std::back_inserter(out), "{}[{}, {}]", i > 0 ? ", " : "", begin, end);
    }
    out += ']';
  }
  return out + "}\n";
}

std::vector<TokenId> read_ids(const Json& value, const std::string& place) {
  const Json& list = value.is_object() && value.contains("ids") ? value["ids"] : value;
  LF_CHECK(kData, list.is_array(), "{}: needed {{\"ids\": [...]}} but found {}", place,
           printable(value.dump(-1, ' ', false, Json::error_handler_t::replace), 60));
  std::vector<TokenId> ids;
  ids.reserve(list.size());
  for (size_t i = 0; i < list.size(); ++i) {
    const Json& id = list[i];
    const bool good = id.is_number_integer() && (!id.is_number_unsigned() || id.get<uint64_t>() <= INT32_MAX) &&
                      id.get<int64_t>() >= 0 && id.get<int64_t>() <= INT32_MAX;
    LF_CHECK(kData, good, "{}: ids[{}] is not a token id", place, i);
    ids.push_back(id.get<TokenId>());
  }
  return ids;
}

}  // namespace

std::string encode_line(const Tokenizer& tokenizer, std::string_view line, const EncodeLineOptions& options,
                        const std::string& place) {
  if (!options.jsonl) return encode_text(tokenizer, line, options);
  const Json value = parse_line(line, place);
  LF_CHECK(kData, value.is_object() && value.contains("text") && value["text"].is_string(),
           "{}: needed an object with \"text\" (a string); --text reads the lines as they are", place);
  return encode_text(tokenizer, value["text"].get_ref<const std::string&>(), options);
}

std::string decode_line(const Tokenizer& tokenizer, std::string_view line, bool skip_special_tokens,
                        const std::string& place) {
  const std::vector<TokenId> ids = read_ids(parse_line(line, place), place);
  return "{\"text\": " + python_json(Json(tokenizer.decode(ids, skip_special_tokens))) + "}\n";
}

}  // namespace lf
