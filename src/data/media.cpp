// Media columns of a row. A path in a row is text from a stranger: it stays inside media_dir unless the user allows
// otherwise.
#include <filesystem>

#include "base/error.h"
#include "base/strings.h"
#include "data/format.h"

namespace lf {
namespace {

namespace fs = std::filesystem;

/// Lexically and, where links lead elsewhere, really inside.
bool stays_inside(const fs::path& folder, const fs::path& relative) {
  const fs::path plain = relative.lexically_normal();
  if (plain.is_absolute() || *plain.begin() == "..") return false;
  std::error_code status;
  const fs::path root = fs::weakly_canonical(folder, status);
  if (status) return false;
  const fs::path real = fs::weakly_canonical(folder / plain, status);
  if (status) return false;
  const fs::path inside = real.lexically_relative(root);
  return !inside.empty() && *inside.begin() != "..";
}

class MediaReader {
 public:
  MediaReader(const DatasetAttr& attr, std::string column) : attr_(attr), column_(std::move(column)) {}

  std::vector<Media> read(const Json& value) const {
    if (!value.is_array()) return {one(value)};
    std::vector<Media> all;
    for (const Json& item : value) {
      if (!item.is_null()) all.push_back(one(item));
    }
    return all;
  }

 private:
  Media one(const Json& value) const {
    if (value.is_string()) return {{path(value.get<std::string>())}, ""};
    if (value.is_object()) return stored(value);
    LF_CHECK(kData, value.is_array(),
             "column '{}' must hold paths, lists of frames, or objects with bytes or path, but "
             "there is a {}",
             printable(column_, 60), value.type_name());
    Media frames;
    for (const Json& frame : value) {
      LF_CHECK(kData, frame.is_string(), "column '{}': the frames of a video must be paths", printable(column_, 60));
      frames.paths.push_back(path(frame.get<std::string>()));
    }
    return frames;
  }

  /// {"bytes": ..., "path": ...} as datasets keeps images and audio.
  Media stored(const Json& value) const {
    Media media;
    if (const auto bytes = value.find("bytes"); bytes != value.end() && bytes->is_binary())
      media.bytes.assign(bytes->get_binary().begin(), bytes->get_binary().end());
    const auto name = value.find("path");
    if (media.bytes.empty() && name != value.end() && name->is_string()) media.paths = {path(name->get<std::string>())};
    LF_CHECK(kData, !media.bytes.empty() || !media.paths.empty(), "column '{}' holds an object without bytes and path",
             printable(column_, 60));
    return media;
  }

  std::string path(const std::string& given) const {
    const size_t scheme = given.find("://");
    LF_CHECK(kUnsupported, scheme == std::string::npos || scheme > 10,
             "column '{}': '{}' is an address; media are read from files only", printable(column_, 60),
             printable(given));
    LF_CHECK(kData, !given.empty() && given.find('\0') == std::string::npos, "column '{}' holds an empty path",
             printable(column_, 60));
    LF_CHECK(kData, attr_.media_outside || stays_inside(attr_.media_dir, given),
             "column '{}': '{}' leads out of the media folder {}; put the file there, or allow it with media_outside: "
             "true",
             printable(column_, 60), printable(given), attr_.media_dir.string());
    if (attr_.origin != DatasetOrigin::kFile) return given;
    std::error_code status;
    const fs::path joined = attr_.media_dir / given;
    return fs::is_regular_file(joined, status) ? joined.string() : given;
  }

  const DatasetAttr& attr_;
  std::string column_;
};

}  // namespace

void read_media(const Json& row, const DatasetAttr& attr, Conversation& out) {
  const auto read = [&](const DatasetAttr::Name& name) {
    const Json* value = find_column(row, name);
    return value ? MediaReader(attr, *name).read(*value) : std::vector<Media>();
  };
  out.images = read(attr.images);
  out.videos = read(attr.videos);
  out.audios = read(attr.audios);
}

void refuse_media(const Conversation& conversation) {
  const char* kind = !conversation.images.empty()   ? "images"
                     : !conversation.videos.empty() ? "videos"
                     : !conversation.audios.empty() ? "audio"
                                                    : nullptr;
  LF_CHECK(kUnsupported, kind == nullptr, "the row holds {}; training on images, videos and audio is not available yet",
           kind);
}

}  // namespace lf
