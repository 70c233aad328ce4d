// Files that a row refers to beside its text: paths as the dataset gives them, media_dir already applied.
#pragma once
#include <string>
#include <vector>

namespace lf {

struct MediaPaths {
  std::vector<std::string> images, videos, audios;

  bool empty() const { return images.empty() && videos.empty() && audios.empty(); }
  bool operator==(const MediaPaths&) const = default;
};

}  // namespace lf
