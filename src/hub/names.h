// Names that come from a hub or a user and become parts of paths and addresses. All of them are hostile until checked.
#pragma once
#include <string>
#include <string_view>

namespace lf {

/// File of a repository: relative, '/' between parts, UTF-8. kFormat otherwise: absolute, "..", ".", empty parts, '\',
/// drive letters ("C:"), control characters, parts over 255 bytes (LM Studio's CVE-2026-119979 was a backslash).
void check_repo_file(std::string_view name);
/// "name" or "owner/name" under the hub's rules: letters, digits, '-', '_', '.', no "--" or "..", at most 96 bytes
/// each.
bool is_repo_id(std::string_view id);
/// kConfig when `id` is not one.
void check_repo_id(std::string_view id);
/// Branch, tag, commit or "refs/pr/1"; kConfig otherwise.
void check_revision(std::string_view revision);
/// 40 lower-case hex digits.
bool is_commit(std::string_view text);
/// 64 lower-case hex digits.
bool is_sha256(std::string_view text);
/// An ETag header without W/ and quotes; kFormat when it cannot be a file name.
std::string etag_name(std::string_view header);

}  // namespace lf
