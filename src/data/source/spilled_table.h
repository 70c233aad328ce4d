// Random access over what can only be read forwards: all rows once, kept in an unlinked temporary file (CBOR).
#pragma once
#include <memory>

#include "data/source/source.h"

namespace lf {

/// Reads `rows` to its end. Bad rows stay bad: `row` throws their error again. kIo, naming the folder (TMPDIR) and what
/// was needed so far, when the disk is full; kFormat above 50 GB. `size_hint`: bytes of the input, for that message.
std::unique_ptr<RowTable> spill_rows(std::unique_ptr<RowStream> rows, uint64_t size_hint);

}  // namespace lf
