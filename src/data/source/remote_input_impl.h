// A remote file with random access. Only for files that include Arrow.
#pragma once
#include <arrow/io/interfaces.h>

#include <memory>
#include <string>

namespace lf {

std::shared_ptr<arrow::io::RandomAccessFile> open_remote_input(const std::string& uri);

}  // namespace lf
