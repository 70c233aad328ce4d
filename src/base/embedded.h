// Files put into the binary at build time (cmake/embed.cmake).
#pragma once
#include <span>
#include <string_view>

namespace lf {
struct EmbeddedFile {
  std::string_view stem;  // file name without extension
  std::string_view content;
};
}  // namespace lf
