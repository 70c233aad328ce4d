// What a row refers to beside its text. Placeholders (<image>, <video>, <audio>) in its messages stand for these.
#pragma once
#include <string>
#include <vector>

namespace lf {

/// One image, video or audio of a row.
struct Media {
  std::vector<std::string> paths;  // one file; several are the frames of a video
  std::string bytes;               // the encoded file itself, where the dataset holds it; else empty

  bool operator==(const Media&) const = default;
};

/// All media of a row, each kind in the order of its placeholders.
struct RowMedia {
  std::vector<Media> images, videos, audios;

  bool empty() const { return images.empty() && videos.empty() && audios.empty(); }
  bool operator==(const RowMedia&) const = default;
};

}  // namespace lf
