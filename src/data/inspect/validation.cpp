#include "data/inspect/validation.h"

#include <xxhash.h>

#include <algorithm>
#include <deque>
#include <limits>

#include "base/error.h"
#include "base/registry.h"
#include "base/strings.h"
#include "data/format.h"

namespace lf {
namespace {

constexpr size_t kExamples = 3;

class Validator {
 public:
  Validator(const DatasetAttr& attr, const RowEncoding* encoding)
      : attr_(attr),
        encoding_(encoding),
        columns_(require_entry(all_formats(), attr.formatting, "dataset format").required_columns(attr)) {
    out_.dataset = attr.name;
    out_.source = describe(attr);
  }

  Validation run() {
    try {
      const bool tokens = encoding_ && encoding_->encoder;
      Inspector(attr_, encoding_).each(0, std::numeric_limits<int64_t>::max(), tokens, [this](const InspectedRow& row) {
        look_at(row);
        return true;
      });
    } catch (const Error& error) {
      add(true, "the data cannot be read", error.what());
    }
    look_at_all();
    for (auto& [key, finding] : findings_) out_.findings.push_back(std::move(finding));
    std::stable_sort(out_.findings.begin(), out_.findings.end(), [](const Finding& a, const Finding& b) {
      return a.problem != b.problem ? a.problem : a.count > b.count;
    });
    return std::move(out_);
  }

 private:
  void add(bool problem, const std::string& text, const std::string& example) {
    Finding& finding = findings_[text];
    finding.problem = problem;
    finding.text = text;
    if (++finding.count <= static_cast<int64_t>(kExamples)) finding.examples.push_back(example);
  }

  void look_at(const InspectedRow& row) {
    ++out_.rows;
    if (!row.error.empty()) return add(true, "rows that cannot be used", row.error);
    look_at_columns(row);
    look_for_repetition(row);
    look_at_texts(row);
    if (!row.dropped.empty()) {
      const std::string reason = row.dropped.substr(0, row.dropped.find(" in ["));
      return add(true, "dropped: " + reason, reason == row.dropped ? row.where : row.where + ": " + row.dropped);
    }
    ++out_.usable;
    if (!row.conversation.note.empty()) add(false, row.conversation.note, row.where);
    look_at_tokens(row);
  }

  void look_at_columns(const InspectedRow& row) {
    for (const auto& [name, value] : row.columns.items()) {
      if (++present_[name] == 1 && present_.size() <= 1000) order_.push_back(name);
    }
    for (const std::string& column : columns_) {
      if (!row.columns.contains(column)) add(false, missing_text(column), row.where);
    }
  }
  static std::string missing_text(const std::string& column) {
    return fmt::format("column '{}' is missing (counts as empty)", printable(column, 60));
  }

  /// A column that stands in no row is a mistake in dataset_info.json.
  void look_at_all() {
    if (out_.rows == 0 && findings_.empty()) add(true, "there are no rows", out_.source);
    if (order_.empty()) return;
    for (const std::string& column : columns_) {
      if (present_.contains(column)) continue;
      findings_.erase(missing_text(column));
      add(true,
          fmt::format("column '{}' is in no row{}; the columns are {}", printable(column, 60),
                      did_you_mean(column, order_), printable(join(order_, ", "), 400)),
          out_.source);
    }
    if (out_.usable == 0 && out_.rows > 0) add(true, "no row is left to train on", out_.source);
    count_repetition();
  }

  void look_for_repetition(const InspectedRow& row) {
    if (hashes_.size() == kRowsCompared) return;
    const std::string text = row.columns.dump(-1, ' ', false, Json::error_handler_t::replace);
    hashes_.emplace_back(XXH3_64bits(text.data(), text.size()), row.index);
  }
  void count_repetition() {
    std::sort(hashes_.begin(), hashes_.end());
    for (size_t i = 1, first = 0; i < hashes_.size(); ++i) {
      if (hashes_[i].first != hashes_[first].first) first = i;
      if (first == i) continue;
      add(false, "rows that repeat another row",
          fmt::format("row {} of the dataset repeats row {}", hashes_[i].second + 1, hashes_[first].second + 1));
    }
    if (hashes_.size() == kRowsCompared)
      add(false, fmt::format("only the first {} rows were compared with each other", kRowsCompared), out_.source);
  }

  void look_at_texts(const InspectedRow& row) {
    const std::vector<std::string> specials =
        encoding_ ? encoding_->specials.in(row.conversation) : guess_.in(row.conversation);
    if (!specials.empty()) {
      add(false,
          encoding_ && encoding_->options.escape_special
              ? "texts of special tokens inside messages (escape_special: true keeps them ordinary text)"
              : "texts of special tokens inside messages: they become the tokens and can end a turn (escape_special: "
                "true keeps them ordinary text)",
          fmt::format("{}: {}", row.where, printable(specials.front(), 60)));
    }
    for (const Message& answer : row.conversation.response) {
      if (answer.content.empty() && row.dropped.empty() && !attr_.kto_tag) add(false, "empty responses", row.where);
    }
    look_at_media(row);
  }

  void look_at_media(const InspectedRow& row) {
    const Conversation& c = row.conversation;
    for (const auto* list : {&c.images, &c.videos, &c.audios}) {
      for (const Media& media : *list) {
        for (const std::string& path : media.paths) {
          std::error_code status;
          if (!std::filesystem::is_regular_file(path, status))
            add(true, "media files that are not there", fmt::format("{}: {}", row.where, printable(path)));
        }
      }
    }
    if (!c.images.empty() || !c.videos.empty() || !c.audios.empty())
      add(false, "rows with images, videos or audio (training on them is not available yet)", row.where);
  }

  void look_at_tokens(const InspectedRow& row) {
    if (!encoding_ || !encoding_->encoder) return;
    const int64_t cutoff = encoding_->options.cutoff_len;
    if (row.whole_length > cutoff)
      add(false, fmt::format("rows longer than cutoff_len {}, which are cut", cutoff),
          fmt::format("{}: {} tokens", row.where, row.whole_length));
    const auto& labels = row.example.labels;
    const bool learns = row.example.kind == ExampleKind::kUnsupervised ||
                        std::any_of(labels.begin(), labels.end(), [](int32_t label) { return label != kIgnoreLabel; });
    if (!learns) add(false, "rows in which no token bears loss", row.where);
  }

  const DatasetAttr& attr_;
  const RowEncoding* encoding_;
  std::vector<std::string> columns_;
  SpecialTexts guess_;
  Validation out_;
  std::map<std::string, Finding> findings_;
  std::map<std::string, int64_t> present_;
  std::vector<std::string> order_;                    // columns as they appeared
  static constexpr size_t kRowsCompared = 5'000'000;  // 80 MB
  std::deque<std::pair<uint64_t, int64_t>> hashes_;   // of rows
};

}  // namespace

bool Validation::ok() const {
  return std::none_of(findings.begin(), findings.end(), [](const Finding& finding) { return finding.problem; });
}

Validation validate_dataset(const DatasetAttr& attr, const RowEncoding* encoding) {
  return Validator(attr, encoding).run();
}

std::string validation_text(const Validation& validation) {
  std::string text = fmt::format("{} ({}): {} row{}, {} usable\n", validation.dataset, validation.source,
                                 validation.rows, validation.rows == 1 ? "" : "s", validation.usable);
  for (const Finding& finding : validation.findings) {
    text += fmt::format("  {} {} x {}\n", finding.problem ? "problem:" : "note:", finding.count, finding.text);
    for (const std::string& example : finding.examples) text += "      " + example + "\n";
    if (finding.count > static_cast<int64_t>(finding.examples.size()))
      text += fmt::format("      ... and {} more\n", finding.count - static_cast<int64_t>(finding.examples.size()));
  }
  return text + (validation.ok() ? "  ok\n" : "");
}

Json validation_json(const Validation& validation) {
  Json findings = Json::array();
  for (const Finding& finding : validation.findings) {
    findings.push_back({{"problem", finding.problem},
                        {"text", finding.text},
                        {"count", finding.count},
                        {"examples", finding.examples}});
  }
  return {{"dataset", validation.dataset}, {"source", validation.source}, {"ok", validation.ok()},
          {"rows", validation.rows},       {"usable", validation.usable}, {"findings", std::move(findings)}};
}

}  // namespace lf
