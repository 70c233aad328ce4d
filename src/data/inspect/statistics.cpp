#include "data/inspect/statistics.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/strings.h"

namespace lf {
namespace {

int64_t characters(const Conversation& conversation) {
  int64_t count = 0;
  const auto add = [&](std::string_view text) {
    count += std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; });
  };
  for (const auto* messages : {&conversation.prompt, &conversation.response}) {
    for (const Message& message : *messages) add(message.content);
  }
  add(conversation.system);
  add(conversation.tools);
  return count;
}

void count_tokens(const std::vector<int32_t>& labels, size_t tokens, Statistics& out) {
  out.kept_tokens += static_cast<int64_t>(tokens);
  out.loss_tokens += std::count_if(labels.begin(), labels.end(), [](int32_t label) { return label != kIgnoreLabel; });
}

void count_row(const InspectedRow& row, bool tokens, Statistics& out) {
  ++out.rows;
  out.bad += !row.error.empty();
  out.dropped += row.error.empty() && !row.dropped.empty();
  if (!row.whole()) return;
  ++out.usable;
  out.turns += static_cast<int64_t>(row.conversation.prompt.size() + row.conversation.response.size());
  const int64_t length = tokens ? row.whole_length : characters(row.conversation);
  ++out.lengths[length];
  out.total += length;
  if (!tokens) return;
  out.truncated += row.whole_length > out.cutoff;
  count_tokens(row.example.labels, row.example.ids.size(), out);
  if (row.example.kind == ExampleKind::kPairwise)
    count_tokens(row.example.second_labels, row.example.second_ids.size(), out);
}

struct Bucket {
  int64_t from = 0, to = 0, count = 0;  // lengths from to to, inclusive
};

/// Powers of two, from the shortest row to the longest.
std::vector<Bucket> histogram(const Statistics& statistics) {
  std::vector<Bucket> buckets;
  if (statistics.lengths.empty()) return buckets;
  int64_t from = 0, to = 15;
  for (auto at = statistics.lengths.begin(); at != statistics.lengths.end(); from = to + 1, to = to * 2 + 1) {
    int64_t count = 0;
    for (; at != statistics.lengths.end() && at->first <= to; ++at) count += at->second;
    if (!buckets.empty() || count > 0) buckets.push_back({from, to, count});
  }
  return buckets;
}

double percent(int64_t part, int64_t whole) {
  return whole == 0 ? 0 : 100.0 * static_cast<double>(part) / static_cast<double>(whole);
}

double mean(int64_t sum, int64_t count) {
  return count == 0 ? 0 : static_cast<double>(sum) / static_cast<double>(count);
}

}  // namespace

int64_t Statistics::quantile(double q) const {
  if (lengths.empty()) return 0;
  auto rank = static_cast<int64_t>(std::ceil(q * static_cast<double>(usable - 1)));
  auto at = lengths.begin();
  for (; rank >= at->second; ++at) rank -= at->second;
  return at->first;
}

Statistics dataset_statistics(const DatasetAttr& attr, const RowEncoding* encoding) {
  const bool tokens = encoding && encoding->encoder;
  Statistics out;
  out.dataset = attr.name;
  out.source = describe(attr);
  out.unit = tokens ? "tokens" : "characters";
  out.cutoff = tokens ? encoding->options.cutoff_len : 0;
  Inspector(attr, encoding).each(0, std::numeric_limits<int64_t>::max(), tokens, [&](const InspectedRow& row) {
    count_row(row, tokens, out);
    return true;
  });
  return out;
}

std::string statistics_text(const Statistics& s, int width) {
  std::string text = fmt::format("{} ({})\n  rows        {} ({} usable, {} dropped, {} bad)\n", s.dataset, s.source,
                                 s.rows, s.usable, s.dropped, s.bad);
  if (s.usable == 0) return text;
  text += fmt::format(
      "  messages    {:.1f} a row\n  {:<11} {} in all, {:.1f} a row; shortest {}, median {}, 90 % {}, 99 % {}, longest "
      "{}\n",
      mean(s.turns, s.usable), s.unit, s.total, mean(s.total, s.usable), s.quantile(0), s.quantile(0.5),
      s.quantile(0.9), s.quantile(0.99), s.quantile(1));
  if (s.cutoff > 0) {
    text += fmt::format("  truncated   {} rows ({:.1f} %) are longer than cutoff_len {}\n", s.truncated,
                        percent(s.truncated, s.usable), s.cutoff);
    text += fmt::format("  masked      {:.1f} % of {} tokens kept bear no loss\n",
                        percent(s.kept_tokens - s.loss_tokens, s.kept_tokens), s.kept_tokens);
  }
  int64_t most = 1;
  const std::vector<Bucket> buckets = histogram(s);
  for (const Bucket& bucket : buckets) most = std::max(most, bucket.count);
  const int room = std::max(width - 40, 10);
  for (const Bucket& bucket : buckets) {
    const auto bar =
        static_cast<size_t>(std::ceil(static_cast<double>(bucket.count) * room / static_cast<double>(most)));
    text += fmt::format("  {:>8} - {:<8} {:>9} {}\n", bucket.from, bucket.to, bucket.count, std::string(bar, '#'));
  }
  return text;
}

Json statistics_json(const Statistics& s) {
  Json buckets = Json::array();
  for (const Bucket& bucket : histogram(s))
    buckets.push_back({{"from", bucket.from}, {"to", bucket.to}, {"count", bucket.count}});
  Json out = {{"dataset", s.dataset},
              {"source", s.source},
              {"rows", s.rows},
              {"usable", s.usable},
              {"dropped", s.dropped},
              {"bad", s.bad},
              {"unit", s.unit},
              {"total", s.total},
              {"shortest", s.quantile(0)},
              {"median", s.quantile(0.5)},
              {"p90", s.quantile(0.9)},
              {"p99", s.quantile(0.99)},
              {"longest", s.quantile(1)},
              {"messages", s.turns},
              {"histogram", std::move(buckets)}};
  if (s.cutoff > 0) {
    out["cutoff_len"] = s.cutoff;
    out["truncated"] = s.truncated;
    out["kept_tokens"] = s.kept_tokens;
    out["loss_tokens"] = s.loss_tokens;
  }
  return out;
}

}  // namespace lf
