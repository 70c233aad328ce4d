#include "data/row_encoder.h"

#include "base/error.h"
#include "base/strings.h"
#include "data/format.h"
#include "data/parallel.h"

namespace lf {

void RowTally::add(const std::string& reason, const std::string& place) {
  const size_t detail = reason.find(" in [");  // roles differ from row to row
  Entry& entry = entries_[reason.substr(0, detail)];
  if (entry.count++ == 0) entry.first = place + (detail == std::string::npos ? "" : ": " + reason);
  ++count_;
}

std::string RowTally::text() const {
  std::vector<std::string> lines;
  for (const auto& [reason, entry] : entries_)
    lines.push_back(fmt::format("{} x {} (first: {})", entry.count, reason, entry.first));
  return join(lines, "; ");
}

std::string RowEncoder::where(const FlowRow& row) const {
  return fmt::format("{} (dataset {})", describe(row.place), names_[row.dataset]);
}

EncodedRow RowEncoder::encode_one(std::span<const Conversation> batch, size_t at, const FlowRow& row) {
  try {
    refuse_media(batch[at]);
    return encoder_.encode(batch, at);
  } catch (const Error& error) {
    throw_error(error.kind(), "{}: {}", where(row), error.what());
  }
}

std::vector<EncodedExample> RowEncoder::encode(std::vector<FlowRow> rows, const BatchBounds& batches) {
  std::vector<Conversation> conversations;
  std::vector<std::pair<size_t, size_t>> batch_of;  // first and size of the batch of each conversation
  std::vector<const FlowRow*> kept;
  conversations.reserve(rows.size());
  for (const auto& [first, last] : batches) {
    const size_t start = conversations.size();
    for (int64_t i = first; i < last; ++i) {
      if (rows[i].row < 0) continue;
      conversations.push_back(std::move(rows[i].conversation));
      kept.push_back(&rows[i]);
    }
    batch_of.resize(conversations.size(), {start, conversations.size() - start});
  }
  std::vector<EncodedRow> encoded(kept.size());
  std::vector<char> skipped(kept.size(), 0);
  parallel_for(kept.size(), threads_, [&](size_t i) {
    const auto [start, size] = batch_of[i];
    try {
      encoded[i] = encode_one({conversations.data() + start, size}, i - start, *kept[i]);
    } catch (const Error& error) {
      bad_rows_.add(error);
      skipped[i] = 1;
    }
  });
  rows_read_ += static_cast<int64_t>(rows.size());
  bad_rows_.check(rows_read_);

  std::vector<EncodedExample> out;
  for (size_t start = 0; start < kept.size(); start += batch_of[start].second) {
    std::vector<EncodedExample> whole;
    for (size_t i = start; i < start + batch_of[start].second; ++i) {
      if (!conversations[i].note.empty()) notes_.add(conversations[i].note, describe(kept[i]->place));
      if (skipped[i]) continue;
      if (encoded[i].dropped.empty())
        whole.push_back(std::move(encoded[i].example));
      else
        dropped_.add(encoded[i].dropped, describe(kept[i]->place));
    }
    for (EncodedExample& example : encoder_.finish(std::move(whole))) out.push_back(std::move(example));
  }
  return out;
}

std::vector<std::string> RowEncoder::summary() const {
  const std::string names = join(names_, ", ");
  std::vector<std::string> lines;
  if (dropped_.count() > 0)
    lines.push_back(fmt::format("{}: {} of {} rows dropped: {}", names, dropped_.count(), rows_read_, dropped_.text()));
  if (notes_.count() > 0) lines.push_back(fmt::format("{}: {}", names, notes_.text()));
  if (bad_rows_.count() > 0) lines.push_back(fmt::format("{}: {}", names, bad_rows_.text()));
  return lines;
}

std::string RowEncoder::why_empty() const {
  if (dropped_.count() > 0) return fmt::format(" All {} rows were dropped: {}", rows_read_, dropped_.text());
  return fmt::format(" {} rows were read.", rows_read_);
}

}  // namespace lf
