#include "data/prepare_rows.h"

#include "base/error.h"
#include "base/log.h"
#include "base/strings.h"
#include "data/loaded_dataset.h"
#include "data/mixing.h"
#include "data/parallel.h"
#include "data/prepare_options.h"

namespace lf {
namespace {

class Preparer {
 public:
  Preparer(const RunConfig& config, const Tokenizer& tokenizer, const Template& chat_template)
      : config_(config),
        options_(config.data),
        threads_(preparing_threads(config)),
        random_(static_cast<uint32_t>(config.training.seed)),
        encoder_(stage_encoder(config, false, tokenizer, chat_template)),
        eval_encoder_(stage_encoder(config, true, tokenizer, chat_template)) {}

  PreparedData run() {
    PreparedData out;
    const auto train = load_all(options_.dataset);
    const auto eval = load_all(options_.eval_dataset);
    if (!train.empty()) prepare_train(merge(train), out);
    if (options_.eval_on_each_dataset) {
      for (const auto& dataset : eval) add_eval(dataset->name(), merge({dataset}), out);
    } else if (!eval.empty()) {
      add_eval("", merge(eval), out);
    }
    return out;
  }

 private:
  using Loaded = std::vector<std::shared_ptr<LoadedDataset>>;

  Loaded load_all(const std::vector<std::string>& names) {
    Loaded datasets;
    for (DatasetAttr& attr : find_datasets(config_, names)) {
      log_info("data", "Loading dataset {}...",
               attr.origin == DatasetOrigin::kFile ? attr.path.filename().string() : describe(attr));
      datasets.push_back(std::make_shared<LoadedDataset>(std::move(attr), options_.max_samples, random_));
    }
    return datasets;
  }

  MergedRows merge(const Loaded& datasets) const {
    MergedRows all{datasets, {}};
    std::vector<int64_t> lengths;
    for (uint32_t i = 0; i < datasets.size(); ++i) {
      lengths.push_back(datasets[i]->size());
      for (int64_t row = 0; row < datasets[i]->size(); ++row) all.rows.emplace_back(i, row);
    }
    return all.picked(mix_rows(lengths, options_.mix_strategy, options_.interleave_probs, config_.training.seed));
  }

  void prepare_train(const MergedRows& rows, PreparedData& out) const {
    if (options_.val_size <= 1e-6) {
      out.train = encode(rows, *encoder_, out.warnings);
      return;
    }
    const Split split = split_rows(rows.size(), options_.val_size, config_.training.seed);
    out.train = encode(rows.picked(split.train), *encoder_, out.warnings);
    add_eval("", rows.picked(split.validation), out);
  }

  void add_eval(const std::string& name, const MergedRows& rows, PreparedData& out) const {
    out.eval.emplace_back(name, encode(rows, *eval_encoder_, out.warnings));
  }

  /// Windows of preprocessing batches: enough rows for all threads, few enough to be held at once.
  Dataset encode(const MergedRows& rows, const Encoder& encoder, std::vector<std::string>& warnings) const {
    Dataset out;
    BadRows bad_rows(bad_row_policy(config_));
    RowEncoder row_encoder(encoder, rows.names(), bad_rows, threads_);
    const auto batches = preprocessing_batches(rows.size(), options_.preprocessing_batch_size,
                                               options_.preprocessing_num_workers.value_or(1));
    for (size_t first = 0; first < batches.size();) {
      size_t last = first;
      while (last < batches.size() && batches[last].first - batches[first].first < kWindowRows) ++last;
      BatchBounds bounds(batches.begin() + first, batches.begin() + last);
      const int64_t base = bounds.front().first, end = bounds.back().second;
      for (auto& [from, to] : bounds) from -= base, to -= base;
      for (const EncodedExample& row : row_encoder.encode(read(rows, base, end, bad_rows), bounds)) out.append(row);
      first = last;
    }
    out = encoder.complete(std::move(out), join(rows.names(), ", "));
    check(row_encoder, out, warnings);
    return out;
  }

  std::vector<FlowRow> read(const MergedRows& rows, int64_t first, int64_t last, BadRows& bad_rows) const {
    std::vector<FlowRow> out(last - first);
    parallel_for(out.size(), threads_, [&](size_t i) {
      const auto [dataset, row] = rows.rows[first + i];
      const LoadedDataset& source = *rows.datasets[dataset];
      out[i].dataset = dataset;
      try {
        out[i].place = source.place(row);
        out[i].conversation = source.conversation(row);
        out[i].row = row;
      } catch (const Error& error) {
        bad_rows.add(error);
        out[i].row = -1;
      }
    });
    return out;
  }

  void check(const RowEncoder& rows, const Dataset& out, std::vector<std::string>& warnings) const {
    const auto warn = [&](std::string line) {
      log_warn("data", "{}", line);
      warnings.push_back(std::move(line));
    };
    for (std::string& line : rows.summary()) warn(std::move(line));
    if (out.empty()) throw_no_rows(config_, rows);
    if (out.kind() == ExampleKind::kUnsupervised) return;  // loss comes from what the model answers
    const std::string names = join(rows.names(), ", ");
    LF_CHECK(kData, out.target_tokens() > 0,
             "dataset {}: no token of its {} rows bears loss, so nothing can be learned; are the responses empty, or "
             "is cutoff_len {} so short that they are cut off?",
             names, out.size(), options_.cutoff_len);
    if (out.masked_rows() > 0) {
      warn(fmt::format("{}: no token bears loss in {} of {} rows (cutoff_len {})", names, out.masked_rows(), out.size(),
                       options_.cutoff_len));
    }
  }

  static constexpr int64_t kWindowRows = 4096;

  const RunConfig& config_;
  const DataOptions& options_;
  size_t threads_;
  NumpyLegacyGenerator random_;
  std::unique_ptr<Encoder> encoder_, eval_encoder_;
};

}  // namespace

PreparedData prepare_rows(const RunConfig& config, const Tokenizer& tokenizer, const Template& chat_template) {
  return Preparer(config, tokenizer, chat_template).run();
}

}  // namespace lf
