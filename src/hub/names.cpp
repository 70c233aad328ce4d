#include "hub/names.h"

#include <algorithm>

#include "base/error.h"
#include "base/strings.h"
#include "base/yaml.h"

namespace lf {
namespace {

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
}

bool has_control(std::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    const unsigned char c = static_cast<unsigned char>(text[i]);
    if (c < 0x20 || c == 0x7f) return true;
    if (c == 0xc2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xa0) return true;  // C1
  }
  return false;
}

/// Why `name` is refused, or "".
std::string_view file_name_fault(std::string_view name) {
  if (name.empty()) return "it is empty";
  if (name.size() > 4096) return "it is too long";
  if (name.find('\\') != name.npos) return "backslashes are refused";
  if (has_control(name)) return "control characters are refused";
  if (invalid_utf8(name) != std::string::npos) return "it is not UTF-8";
  if (name.front() == '/') return "absolute paths are refused";
  for (const std::string& part : split(name, '/')) {
    if (part == ".." || part == ".") return "'.' and '..' are refused";
    if (part.empty()) return "empty parts are refused";
    if (part.size() > 255) return "a part is longer than 255 bytes";
    const bool letter = (part[0] | 0x20) >= 'a' && (part[0] | 0x20) <= 'z';
    if (letter && part.size() > 1 && part[1] == ':') return "drive letters are refused";
  }
  return "";
}

bool is_repo_part(std::string_view part) {
  if (part.empty() || part.size() > 96) return false;
  const auto edge = [](char c) { return c == '-' || c == '.'; };
  return std::all_of(part.begin(), part.end(), is_word) && !edge(part.front()) && !edge(part.back());
}

bool is_hex(std::string_view text, size_t length) {
  const auto hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  return text.size() == length && std::all_of(text.begin(), text.end(), hex);
}

}  // namespace

void check_repo_file(std::string_view name) {
  const std::string_view fault = file_name_fault(name);
  LF_CHECK(kFormat, fault.empty(), "the hub names a file '{}': {}", printable(name, 200), fault);
}

bool is_repo_id(std::string_view id) {
  const size_t slash = id.find('/');
  const bool parts =
      slash == id.npos ? is_repo_part(id) : is_repo_part(id.substr(0, slash)) && is_repo_part(id.substr(slash + 1));
  return parts && id.find("--") == id.npos && id.find("..") == id.npos && !id.ends_with(".git");
}

void check_repo_id(std::string_view id) {
  LF_CHECK(kConfig, is_repo_id(id), "'{}' is not the name of a repository (owner/name)", printable(id, 200));
}

void check_revision(std::string_view revision) {
  const std::string_view fault = revision.size() > 255 ? "it is too long" : file_name_fault(revision);
  LF_CHECK(kConfig, fault.empty(), "revision '{}' is not a branch, tag or commit: {}", printable(revision, 100), fault);
}

bool is_commit(std::string_view text) { return is_hex(text, 40); }
bool is_sha256(std::string_view text) { return is_hex(text, 64); }

std::string etag_name(std::string_view header) {
  if (header.starts_with("W/")) header.remove_prefix(2);
  if (header.size() >= 2 && header.front() == '"' && header.back() == '"') header = header.substr(1, header.size() - 2);
  const bool good = !header.empty() && header.size() <= 128 && header.front() != '.' &&
                    std::all_of(header.begin(), header.end(), is_word);
  LF_CHECK(kFormat, good, "the hub sent the ETag '{}', which cannot name a file", printable(header, 100));
  return std::string(header);
}

}  // namespace lf
