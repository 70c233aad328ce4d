// Orders of mixed and streamed rows against Python datasets: random cases of tools/make_stream_orders.py, those in
// tests/fixtures/data or a file named by LF_ORDER_CASES (fresh ones, made by tests/interop/test_datasets_orders.py).
#include <gtest/gtest.h>

#include <cstdlib>

#include "data/mixing.h"
#include "data/streaming/row_pipeline.h"
#include "support/shared.h"

namespace lf {
namespace {

/// Rows [first, last) of a dataset that exists only here.
class CountedRows final : public SourceRows {
 public:
  CountedRows(int64_t first, int64_t last) : first_(first), last_(last), row_(first) {}
  bool next(Json& row, RowPlace&) override {
    if (row_ >= last_) return false;
    row = {{"instruction", "q"}, {"input", ""}, {"output", "a"}};
    ++row_;
    return true;
  }
  int64_t row() const override { return row_; }
  int64_t first() const override { return first_; }
  void seek(int64_t row) override { row_ = row; }
  Json marks(const std::vector<int64_t>&) const override { return Json::array(); }
  void learn(const Json&) override {}

 private:
  int64_t first_, last_, row_;
};

using Rows = std::vector<std::pair<uint32_t, int64_t>>;

StreamSpec spec_of(const Json& one) {
  StreamSpec spec;
  for (size_t i = 0; i < one["lengths"].size(); ++i) {
    spec.datasets.emplace_back();
    spec.datasets.back().name = std::to_string(i);
  }
  spec.mix_strategy = one["strategy"];
  if (!one["probabilities"].is_null()) spec.probabilities = one["probabilities"].get<std::vector<double>>();
  if (!one["buffer"].is_null()) spec.buffer_size = one["buffer"].get<int64_t>();
  if (!one["take"].is_null()) spec.take = one["take"].get<int64_t>();
  spec.skip = one["skip"];
  spec.seed = one["seed"];
  spec.workers = one["workers"];
  return spec;
}

/// As open_rows(): contiguous parts for several workers.
OpenRows open_counted(const Json& one) {
  return [lengths = one["lengths"].get<std::vector<int64_t>>(), workers = one["workers"].get<int64_t>()](
             const DatasetAttr& attr, int64_t worker) -> std::unique_ptr<SourceRows> {
    const int64_t rows = lengths[std::stoul(attr.name)];
    const int64_t first = rows / workers * worker + std::min(worker, rows % workers);
    return std::make_unique<CountedRows>(first, first + rows / workers + (worker < rows % workers));
  };
}

Rows read(RowPipeline& rows, size_t most = SIZE_MAX) {
  Rows out;
  for (FlowRow row; out.size() < most && rows.next(row);) out.emplace_back(row.dataset, row.row);
  return out;
}

Rows expected_of(const Json& rows) {
  Rows out;
  for (const Json& row : rows) out.emplace_back(row[0], row[1]);
  return out;
}

void check_stream(const Json& one, const std::string& what) {
  BadRows bad_rows({});
  for (int64_t worker = 0; worker < one["workers"]; ++worker) {
    RowPipeline rows(spec_of(one), open_counted(one), one["epoch"], worker, bad_rows);
    EXPECT_EQ(read(rows), expected_of(one["stream"][worker])) << what << ", worker " << worker;
  }
}

/// Stopping after every number of rows and going on in a fresh pipeline changes nothing.
void check_cuts(const Json& one, const std::string& what) {
  BadRows bad_rows({});
  const Rows whole = expected_of(one["stream"][0]);
  for (size_t cut = 0; cut <= whole.size(); ++cut) {
    RowPipeline first(spec_of(one), open_counted(one), one["epoch"], 0, bad_rows);
    Rows rows = read(first, cut);
    const std::string stored = first.state().dump();
    RowPipeline second(spec_of(one), open_counted(one), one["epoch"], 0, bad_rows);
    second.restore(Json::parse(stored));
    const Rows rest = read(second);
    rows.insert(rows.end(), rest.begin(), rest.end());
    ASSERT_EQ(rows, whole) << what << ", cut at " << cut;
  }
}

void check_file(const std::filesystem::path& file) {
  size_t number = 0;
  const Json cases = read_json(file);
  for (const Json& one : cases["cases"]) {
    const std::string what = fmt::format("{}, case {}: {} of {}", file.filename().string(), number++,
                                         one["strategy"].get<std::string>(), one["lengths"].dump());
    if (one["kind"] == "map") {
      const auto probabilities =
          one["probabilities"].is_null() ? std::vector<double>() : one["probabilities"].get<std::vector<double>>();
      EXPECT_EQ(mix_rows(one["lengths"], one["strategy"], probabilities, one["seed"]),
                one["map"].get<std::vector<int64_t>>())
          << what;
    } else {
      check_stream(one, what);
      check_cuts(one, what);
    }
  }
  EXPECT_GT(number, 0);
}

TEST(Orders, EqualThoseOfPythonDatasetsAndSurviveEveryCut) {
  if (const char* file = std::getenv("LF_ORDER_CASES")) {
    check_file(file);
    return;
  }
  check_file(lf::testing::source_dir() / "tests/fixtures/data/orders.json");
  check_file(lf::testing::source_dir() / "tests/fixtures/data/orders_once.json");
}

}  // namespace
}  // namespace lf
