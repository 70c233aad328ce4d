// Glob patterns over file names of a repository.
#pragma once
#include <string_view>

namespace lf {

/// Python's fnmatch.fnmatchcase: * and ? also match '/', [seq], [!seq]. What allow_patterns of the hub clients mean; a
/// pattern that ends in '/' stands for everything below.
bool matches_name(std::string_view name, std::string_view pattern);

/// fsspec's glob, what data_files of a dataset means: * and ? stay inside one part of the path, ** as a whole part
/// stands for any parts. Hidden names (".x") and special folders ("__x") are only matched by patterns that say so, as
/// datasets has it.
bool matches_path(std::string_view path, std::string_view pattern);

/// True when `pattern` holds one of * ? [.
bool has_magic(std::string_view pattern);

}  // namespace lf
