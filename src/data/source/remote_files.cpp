#include "data/source/remote_files.h"

#include <arrow/filesystem/filesystem.h>
#include <arrow/util/config.h>
#include <dlfcn.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <mutex>

#include "base/strings.h"
#include "data/source/arrow_status_impl.h"
#include "data/source/data_file.h"
#include "data/source/glob.h"
#include "data/source/remote_input_impl.h"

namespace lf {
namespace {

using FileSystemPtr = std::shared_ptr<arrow::fs::FileSystem>;
using BufferPtr = std::shared_ptr<arrow::Buffer>;

/// scheme://user:secret@rest?query in its parts.
struct Address {
  std::string scheme, user, rest, query;

  explicit Address(const std::string& uri) {
    const size_t colon = uri.find("://");
    scheme = to_lower(uri.substr(0, colon));
    rest = uri.substr(colon + 3);
    if (const size_t mark = rest.find('?'); mark != std::string::npos && scheme != "file") {
      query = rest.substr(mark);
      rest.resize(mark);
    }
    const bool google = scheme == "gs" || scheme == "gcs";
    if (google && query.find("retry_limit_seconds") == std::string::npos)  // else 15 minutes without a network
      query += (query.empty() ? "?" : "&") + std::string("retry_limit_seconds=60");
    const size_t at = rest.find('@');
    if (at != std::string::npos && at < rest.find('/')) {
      user = rest.substr(0, at + 1);
      rest = rest.substr(at + 1);
    }
  }
  std::string with(const std::string& path) const { return scheme + "://" + user + path + query; }
  std::string shown() const { return scheme + "://" + rest; }
  /// What one file system object serves.
  std::string root() const { return scheme + "://" + user + rest.substr(0, rest.find('/')) + query; }
};

std::string percent_encoded(const std::string& path) {
  std::string out;
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = byte > 0x20 && byte < 0x7F && std::string_view("%?#\"<>[]\\^`{|}").find(c) == std::string::npos;
    out += plain ? std::string(1, c) : fmt::format("%{:02X}", byte);
  }
  return out;
}

/// File systems in use, one for each root.
class FileSystems {
 public:
  static FileSystems& instance() {
    static FileSystems systems;
    return systems;
  }

  /// `path`: of the URI inside the file system.
  FileSystemPtr open(const Address& address, std::string* path) {
    const std::lock_guard lock(mutex_);
    if (address.scheme == "s3") start_s3();
    const std::string uri = address.with(address.rest);
    FileSystemPtr& known = systems_[address.root()];
    if (known) {
      *path = check_arrow(known->PathFromUri(uri), address.shown());
    } else {
      auto made = as_system_error(arrow::fs::FileSystemFromUri(uri, path));
      if (address.scheme == "s3") end_s3_at_exit();
      known = check_arrow(std::move(made), address.shown());
    }
    return known;
  }

 private:
  /// Loads Arrow's S3 library, which lies beside libarrow.
  static void start_s3() {
    static const bool kStarted = [] {
      Dl_info libarrow{};
      const auto symbol = reinterpret_cast<void*>(&arrow::fs::LoadFileSystemFactories);
      LF_CHECK(kUnsupported, dladdr(symbol, &libarrow) != 0 && libarrow.dli_fname, "s3: libarrow was not found");
      const std::string arrow_path = libarrow.dli_fname;
      const std::string path = arrow_path.substr(0, arrow_path.rfind('/') + 1) + "libarrow_s3.so." ARROW_SO_VERSION;
      LF_CHECK(kUnsupported, std::filesystem::exists(path), "s3:// needs Arrow's S3 library, and {} is not there",
               path);
      check_arrow(arrow::fs::LoadFileSystemFactories(path.c_str()), path);
      return true;
    }();
    (void)kStarted;
  }

  /// Called when the first S3 file system was asked for: what is registered now runs before the library's own statics,
  /// which that made, are destroyed.
  static void end_s3_at_exit() {
    static const int kRegistered = std::atexit([] {
      instance().systems_.clear();
      arrow::fs::EnsureFinalized();
    });
    (void)kRegistered;
  }

  std::mutex mutex_;
  std::map<std::string, FileSystemPtr> systems_;
};

/// Runs `action(file system, path)`.
template <class Action>
auto on_file(const std::string& uri, Action&& action) {
  const Address address(uri);
  static const std::vector<std::string> kSchemes = {"s3", "gs", "gcs", "file"};
  LF_CHECK(kUnsupported, std::find(kSchemes.begin(), kSchemes.end(), address.scheme) != kSchemes.end(),
           "{}: addresses of the kind {}:// are not available; use s3://, gs://, gcs:// or file://", address.shown(),
           printable(address.scheme, 20));
  std::string path;
  return guard_arrow(address.shown(), [&] {
    return check_arrow(as_system_error(action(*FileSystems::instance().open(address, &path), path)), address.shown());
  });
}

/// A file whose failed reads are told from damaged contents, also behind a reader of Parquet.
class RemoteInput final : public arrow::io::RandomAccessFile {
 public:
  explicit RemoteInput(std::shared_ptr<arrow::io::RandomAccessFile> file) : file_(std::move(file)) {
    set_mode(arrow::io::FileMode::READ);
  }

  arrow::Status Close() override { return as_system_error(file_->Close()); }
  bool closed() const override { return file_->closed(); }
  arrow::Result<int64_t> Tell() const override { return as_system_error(file_->Tell()); }
  arrow::Status Seek(int64_t at) override { return as_system_error(file_->Seek(at)); }
  arrow::Result<int64_t> GetSize() override { return as_system_error(file_->GetSize()); }
  arrow::Result<int64_t> Read(int64_t bytes, void* out) override { return as_system_error(file_->Read(bytes, out)); }
  arrow::Result<BufferPtr> Read(int64_t bytes) override { return as_system_error(file_->Read(bytes)); }
  arrow::Result<int64_t> ReadAt(int64_t at, int64_t bytes, bool part, void* out) override {
    return as_system_error(file_->ReadAt(at, bytes, part, out));
  }
  arrow::Result<int64_t> ReadAt(int64_t at, int64_t bytes, void* out) override {
    return as_system_error(file_->ReadAt(at, bytes, out));
  }
  arrow::Result<BufferPtr> ReadAt(int64_t at, int64_t bytes, bool part) override {
    return as_system_error(file_->ReadAt(at, bytes, part));
  }
  arrow::Result<BufferPtr> ReadAt(int64_t at, int64_t bytes) override {
    return as_system_error(file_->ReadAt(at, bytes));
  }

 private:
  std::shared_ptr<arrow::io::RandomAccessFile> file_;
};

class RemoteBytes final : public ByteReader {
 public:
  explicit RemoteBytes(const std::string& uri) : name_(Address(uri).shown()), input_(open_remote_input(uri)) {
    size_ = static_cast<uint64_t>(check_arrow(input_->GetSize(), name_));
  }

  size_t read(char* out, size_t bytes) override {
    const auto wanted = static_cast<int64_t>(std::min<uint64_t>(bytes, size_ - at_));
    if (wanted == 0) return 0;
    const int64_t got = check_arrow(input_->ReadAt(static_cast<int64_t>(at_), wanted, out), name_);
    LF_CHECK(kIo, got > 0, "{}: ended at byte {} of {}", name_, at_, size_);
    at_ += static_cast<uint64_t>(got);
    return static_cast<size_t>(got);
  }
  void seek(uint64_t offset) override {
    LF_CHECK(kFormat, offset <= size_, "{}: byte {} lies behind the end (was the file changed?)", name_, offset);
    at_ = offset;
  }
  uint64_t input_size() const override { return size_; }

 private:
  std::string name_;
  std::shared_ptr<arrow::io::RandomAccessFile> input_;
  uint64_t size_ = 0;
  uint64_t at_ = 0;
};

using FileInfos = std::vector<arrow::fs::FileInfo>;

arrow::Result<FileInfos> infos_below(arrow::fs::FileSystem& system, const std::string& folder, bool recursive) {
  arrow::fs::FileSelector selector;
  selector.base_dir = folder;
  selector.recursive = recursive;
  return system.GetFileInfo(selector);
}

std::vector<std::string> data_files(const Address& address, const FileInfos& infos, const std::string& pattern) {
  std::vector<std::string> files;
  for (const auto& info : infos) {
    if (!info.IsFile() || !is_row_file(address.scheme + "://" + info.path()) || info.base_name().starts_with('.'))
      continue;
    if (!pattern.empty() && !matches_glob(pattern, info.path())) continue;
    files.push_back(address.with(percent_encoded(info.path())));
  }
  std::sort(files.begin(), files.end());
  LF_CHECK(kData, !files.empty(), "{}: no data files were found there", address.shown());
  return files;
}

std::vector<std::string> list_pattern(const Address& address) {
  const size_t wild = address.rest.find_first_of("*[");
  const std::string folder = address.rest.substr(0, address.rest.rfind('/', wild));
  const FileInfos infos = on_file(address.with(folder), [](auto& system, const std::string& path) {
    return infos_below(system, path, /*recursive=*/true);
  });
  return data_files(address, infos, address.rest);
}

}  // namespace

bool is_remote(const std::string& name) {
  const size_t colon = name.find("://");
  return colon != std::string::npos && colon > 0 &&
         std::all_of(name.begin(), name.begin() + static_cast<ptrdiff_t>(colon),
                     [](unsigned char c) { return std::isalnum(c) || c == '+' || c == '-' || c == '.'; });
}

std::string shown_address(const std::string& uri) { return Address(uri).shown(); }

std::vector<std::string> list_remote_files(const std::string& uri) {
  const Address address(uri);
  if (address.rest.find_first_of("*[") != std::string::npos) return list_pattern(address);
  const auto info = on_file(uri, [](auto& system, const std::string& path) { return system.GetFileInfo(path); });
  LF_CHECK(kData, info.type() != arrow::fs::FileType::NotFound, "File {} not found.", address.shown());
  if (info.IsFile()) return {uri};
  return data_files(
      address, on_file(uri, [](auto& system, const std::string& path) { return infos_below(system, path, false); }),
      "");
}

std::unique_ptr<ByteReader> open_remote_bytes(const std::string& uri) { return std::make_unique<RemoteBytes>(uri); }

std::shared_ptr<arrow::io::RandomAccessFile> open_remote_input(const std::string& uri) {
  return std::make_shared<RemoteInput>(
      on_file(uri, [](auto& system, const std::string& path) { return system.OpenInputFile(path); }));
}

}  // namespace lf
