#include "templates/jinja/text.h"

#include <algorithm>

#include "templates/jinja/budget.h"
#include "templates/jinja/value.h"

namespace lf::jinja {
namespace {

bool is_continuation(char byte) { return (static_cast<uint8_t>(byte) & 0xC0) == 0x80; }

bool is_line_end(char32_t c) {
  return (c >= 0x0A && c <= 0x0D) || (c >= 0x1C && c <= 0x1E) || c == 0x85 || c == 0x2028 || c == 0x2029;
}

bool strips(char32_t c, const std::optional<std::string_view>& chars) {
  if (!chars) return is_space(c);
  std::string text;
  append_utf8(text, c);
  return chars->find(text) != std::string_view::npos;
}

}  // namespace

size_t count_code_points(std::string_view text) {
  size_t count = 0;
  for (char byte : text) count += !is_continuation(byte);
  return count;
}

size_t byte_offset(const StringObject& text, size_t index) {
  if (index >= text.length) return text.text.size();
  if (text.ascii()) return index;
  size_t at = 0;
  for (; index > 0; --index) at += code_point_at(text.text, at).bytes;
  return at;
}

size_t code_point_index(const StringObject& text, size_t offset) {
  return text.ascii() ? offset : count_code_points(std::string_view(text.text).substr(0, offset));
}

std::string reversed_text(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t end = text.size(); end > 0;) {
    const size_t start = previous_code_point(text, end);
    out += text.substr(start, end - start);
    end = start;
  }
  return out;
}

bool is_space(char32_t c) {
  if (c < 0x80) return c == ' ' || (c >= 0x09 && c <= 0x0D) || (c >= 0x1C && c <= 0x1F);
  return c == 0x85 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 ||
         c == 0x202F || c == 0x205F || c == 0x3000;
}

std::string_view strip_left(std::string_view text, std::optional<std::string_view> chars) {
  size_t at = 0;
  while (at < text.size()) {
    const CodePoint point = code_point_at(text, at);
    if (!strips(point.value, chars)) break;
    at += point.bytes;
  }
  return text.substr(at);
}

std::string_view strip_right(std::string_view text, std::optional<std::string_view> chars) {
  size_t end = text.size();
  while (end > 0) {
    const size_t start = previous_code_point(text, end);
    if (!strips(code_point_at(text, start).value, chars)) break;
    end = start;
  }
  return text.substr(0, end);
}

std::string_view strip(std::string_view text, std::optional<std::string_view> chars) {
  return strip_left(strip_right(text, chars), chars);
}

std::vector<std::string_view> split_lines(std::string_view text, bool keep_ends) {
  std::vector<std::string_view> lines;
  size_t start = 0;
  for (size_t at = 0; at < text.size();) {
    const CodePoint point = code_point_at(text, at);
    const size_t end = at;
    at += point.bytes;
    if (!is_line_end(point.value)) continue;
    if (point.value == '\r' && at < text.size() && text[at] == '\n') ++at;
    charge();
    lines.push_back(text.substr(start, (keep_ends ? at : end) - start));
    start = at;
  }
  if (start < text.size()) lines.push_back(text.substr(start));
  return lines;
}

std::vector<std::string_view> split_blanks(std::string_view text, int64_t most) {
  std::vector<std::string_view> parts;
  text = strip_left(text);
  while (!text.empty()) {
    charge();
    if (most >= 0 && static_cast<int64_t>(parts.size()) == most) {
      parts.push_back(text);
      return parts;
    }
    size_t end = 0;
    while (end < text.size() && !is_space(code_point_at(text, end).value)) end += code_point_at(text, end).bytes;
    parts.push_back(text.substr(0, end));
    text = strip_left(text.substr(end));
  }
  return parts;
}

std::vector<std::string_view> split_blanks_right(std::string_view text, int64_t most) {
  if (most < 0) return split_blanks(text);
  std::vector<std::string_view> parts;
  text = strip_right(text);
  while (!text.empty()) {
    charge();
    if (static_cast<int64_t>(parts.size()) == most) {
      parts.push_back(text);
      break;
    }
    size_t start = text.size();
    while (start > 0 && !is_space(code_point_at(text, previous_code_point(text, start)).value)) {
      start = previous_code_point(text, start);
    }
    parts.push_back(text.substr(start));
    text = strip_right(text.substr(0, start));
  }
  std::reverse(parts.begin(), parts.end());
  return parts;
}

std::vector<std::string_view> split_at(std::string_view text, std::string_view separator, int64_t most) {
  std::vector<std::string_view> parts;
  for (size_t start = 0;;) {
    charge();
    const bool stop = most >= 0 && static_cast<int64_t>(parts.size()) == most;
    const size_t end = stop ? std::string_view::npos : text.find(separator, start);
    parts.push_back(text.substr(start, end == std::string_view::npos ? end : end - start));
    if (end == std::string_view::npos) return parts;
    start = end + separator.size();
  }
}

std::vector<std::string_view> split_at_right(std::string_view text, std::string_view separator, int64_t most) {
  std::vector<std::string_view> parts;
  for (;;) {
    charge();
    const bool stop = most >= 0 && static_cast<int64_t>(parts.size()) == most;
    const size_t at = stop || text.size() < separator.size() ? std::string_view::npos : text.rfind(separator);
    if (at == std::string_view::npos) {
      parts.push_back(text);
      std::reverse(parts.begin(), parts.end());
      return parts;
    }
    parts.push_back(text.substr(at + separator.size()));
    text = text.substr(0, at);
  }
}

namespace {

/// Of an empty pattern: `to` in front of each code point and at the end.
std::string with_text_between(std::string_view text, std::string_view to, int64_t most) {
  std::string out;
  size_t at = 0;
  for (; most != 0; --most) {
    charge_text(out.size() + to.size());
    out += to;
    if (at >= text.size()) return out;
    const size_t bytes = code_point_at(text, at).bytes;
    out += text.substr(at, bytes);
    at += bytes;
  }
  return out += text.substr(at);
}

}  // namespace

std::string replaced(std::string_view text, std::string_view from, std::string_view to, int64_t most) {
  if (from.empty()) return with_text_between(text, to, most);
  std::string out;
  size_t start = 0;
  for (; most != 0; --most) {
    const size_t at = text.find(from, start);
    if (at == std::string_view::npos) break;
    charge();
    out.append(text.substr(start, at - start)).append(to);
    start = at + from.size();
    check_growing(out);
  }
  return out.append(text.substr(start));
}

}  // namespace lf::jinja
