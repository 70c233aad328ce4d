#include "data/inspect/inspector.h"

#include <limits>

#include "base/error.h"
#include "base/registry.h"
#include "data/format.h"
#include "data/parallel.h"
#include "data/source/resolve.h"
#include "data/source/split_slice.h"

namespace lf {
namespace {

constexpr int64_t kWindowRows = 256;
constexpr int64_t kFirstWindow = 16;          // so that the first rows are shown at once
constexpr int64_t kNoCut = int64_t{1} << 34;  // products with lengths still fit

/// Parts of splits have no streams, so their table is walked.
class TableWalk final : public RowStream {
 public:
  explicit TableWalk(std::unique_ptr<RowTable> table) : table_(std::move(table)) {}

  bool next(Json& row, RowPlace& place) override {
    if (at_ >= table_->size()) return false;
    place = table_->place(at_);
    const size_t at = at_++;  // behind the row, also when it cannot be read
    row = table_->row(at);
    return true;
  }
  Json position() const override { return at_; }
  void seek(const Json& position) override { at_ = position.get<size_t>(); }

 private:
  std::unique_ptr<RowTable> table_;
  size_t at_ = 0;
};

std::unique_ptr<RowStream> open_rows(const SourceSpec& spec) {
  if (SplitSlice::parse(spec.split).whole()) return open_stream(spec);
  return std::make_unique<TableWalk>(open_table(spec));
}

std::string stage_for(const DatasetAttr& attr) {
  if (attr.ranking) return "rm";
  if (attr.kto_tag) return "kto";
  return !attr.messages && !attr.response ? "pt" : "sft";
}

}  // namespace

std::unique_ptr<RowEncoding> make_encoding(const RunConfig& config, const Tokenizer* tokenizer,
                                           const Template* chat_template, const DatasetAttr& attr, bool guess_stage) {
  auto encoding = std::make_unique<RowEncoding>();
  encoding->options = config.data;
  encoding->options.packing = false;
  encoding->options.neat_packing = false;
  encoding->options.packing_strategy = "upstream";
  encoding->stage = guess_stage ? stage_for(attr) : config.finetuning.stage;
  if (!tokenizer) return encoding;
  encoding->tokenizer = tokenizer;
  encoding->specials = SpecialTexts(*tokenizer, *chat_template);
  encoding->encoder = make_encoder(encoding->stage, false, encoding->options, *tokenizer, *chat_template);
  encoding->uncut_options = encoding->options;
  encoding->uncut_options.cutoff_len = kNoCut;
  encoding->whole_encoder = make_encoder(encoding->stage, false, encoding->uncut_options, *tokenizer, *chat_template);
  return encoding;
}

Inspector::Inspector(const DatasetAttr& attr, const RowEncoding* encoding)
    : attr_(attr),
      encoding_(encoding),
      convert_(require_entry(all_formats(), attr.formatting, "dataset format").convert),
      stream_(open_rows(resolve_source(attr))) {}

bool Inspector::read(InspectedRow& row) {
  RowPlace place;
  bool more = true;
  try {
    more = stream_->next(row.columns, place);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kData) throw;
    row.error = error.what();
    row.columns = Json();
  }
  row.index = index_++;
  row.where = describe(place);
  return more;
}

void Inspector::convert(InspectedRow& row, bool whole_lengths) const {
  if (!row.error.empty()) return;
  try {
    row.conversation = convert_(row.columns, attr_);
    row.dropped = encoding_ ? why_dropped(encoding_->stage, row.conversation) : row.conversation.problem;
    if (!encoding_ || !encoding_->encoder) return;
    EncodedRow encoded = encoding_->encoder->encode(row.conversation);
    row.dropped = std::move(encoded.dropped);
    row.example = std::move(encoded.example);
    if (!whole_lengths || !row.dropped.empty()) return;
    const EncodedExample uncut = encoding_->whole_encoder->encode(row.conversation).example;
    row.whole_length = static_cast<int64_t>(std::max(uncut.ids.size(), uncut.second_ids.size()));
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kData && error.kind() != ErrorKind::kUnsupported) throw;
    row.error = row.where + ": " + error.what();
  }
}

void Inspector::each(int64_t first, int64_t last, bool whole_lengths,
                     const std::function<bool(const InspectedRow&)>& visit) {
  bool more = true;
  for (InspectedRow skipped; more && index_ < first;) {
    skipped = {};
    more = read(skipped);
  }
  for (int64_t window = kFirstWindow; more && index_ < last; window = kWindowRows) {
    std::vector<InspectedRow> rows;
    while (index_ < last && static_cast<int64_t>(rows.size()) < window) {
      InspectedRow row;
      more = read(row);
      if (!more) break;
      rows.push_back(std::move(row));
    }
    parallel_for(rows.size(), worker_threads(), [&](size_t i) { convert(rows[i], whole_lengths); });
    for (const InspectedRow& row : rows) {
      if (!visit(row)) return;
    }
  }
}

}  // namespace lf
