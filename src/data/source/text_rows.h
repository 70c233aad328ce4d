// Rows of one text file: json, jsonl, csv, txt, plain or compressed.
#pragma once
#include <memory>

#include "data/source/data_file.h"
#include "data/source/source.h"

namespace lf {

std::unique_ptr<RowStream> stream_text(const DataFile& file);
/// Local and not compressed: an index of 16 bytes a row; rows are read from the file.
std::unique_ptr<RowTable> index_text(const DataFile& file);

}  // namespace lf
