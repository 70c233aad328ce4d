#include "io/output_folder.h"

#include "base/error.h"
#include "base/strings.h"
#include "io/safetensors_writer.h"

namespace lf {

OutputFolder::OutputFolder(std::filesystem::path folder, WriteMode mode) : folder_(std::move(folder)), mode_(mode) {
  create_folder(folder_);
}

std::filesystem::path OutputFolder::target(const std::string& name) const {
  LF_CHECK(kFormat, is_plain_file_name(name), "{}: '{}' is not a plain file name", folder_.string(), printable(name));
  return folder_ / name;
}

void OutputFolder::add(FileRecord record) {
  std::erase_if(records_, [&](const FileRecord& known) { return known.name == record.name; });
  records_.push_back(std::move(record));
}

void OutputFolder::write_text(const std::string& name, std::string_view text) {
  add(write_file_durably(target(name), text, mode_));
}

void OutputFolder::write_tensors(const std::string& name, std::span<const NamedTensor> tensors,
                                 const SafetensorsMetadata& metadata) {
  DurableFile file(target(name), mode_);
  write_safetensors(file, tensors, metadata);
  add(file.commit());
}

void OutputFolder::write_file(const std::string& name, const std::function<void(DurableFile&)>& write) {
  DurableFile file(target(name), mode_);
  write(file);
  add(file.commit());
}

void OutputFolder::copy_file(const std::filesystem::path& from, const std::string& name) {
  const auto to = target(name);
  std::error_code ignored;
  if (std::filesystem::equivalent(from, to, ignored)) {
    add(record_of_file(to));
    return;
  }
  add(copy_file_durably(from, to, mode_));
}

void OutputFolder::remove_file(const std::string& name) {
  std::error_code status;
  std::filesystem::remove(target(name), status);
  LF_CHECK(kIo, !status, "{}: cannot be removed: {}", (folder_ / name).string(), status.message());
  std::erase_if(records_, [&](const FileRecord& known) { return known.name == name; });
}

}  // namespace lf
