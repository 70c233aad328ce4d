#include "model/reference_case.h"
#include "support/shared.h"

namespace lf::testing {

int64_t GrowingCache::length(int64_t sequence) const {
  auto found = lengths_.find(sequence);
  return found == lengths_.end() ? 0 : found->second;
}

std::pair<Tensor, Tensor> GrowingCache::append(int64_t layer, int64_t sequence, const Tensor& new_keys,
                                               const Tensor& new_values) {
  auto& [keys, values] = stored_[{layer, sequence}];
  keys = keys.defined() ? at::cat({keys, new_keys}, 1) : new_keys.clone();
  values = values.defined() ? at::cat({values, new_values}, 1) : new_values.clone();
  return {keys, values};
}

TokenStream stream_of(const std::vector<Tensor>& sequences) {
  TokenStream stream;
  std::vector<Tensor> positions;
  stream.bounds = {0};
  for (const Tensor& ids : sequences) {
    positions.push_back(at::arange(ids.numel(), at::kLong));
    stream.bounds.push_back(stream.bounds.back() + ids.numel());
  }
  stream.ids = at::cat(sequences).to(at::kLong);
  stream.positions = at::cat(positions);
  return stream;
}

TokenStream stream_at(const Tensor& ids, int64_t first_position) {
  TokenStream stream = stream_of({ids});
  stream.positions += first_position;
  return stream;
}

LoadedModel ReferenceCase::load(const Json& overrides) const {
  return load_model(model, {.dtype = at::kFloat, .config_overrides = overrides});
}

LoadedModel ReferenceCase::load_trainable(const Json& overrides) const {
  LoadedModel loaded = load(overrides);
  for (const NamedParameter& parameter : loaded.model->named_parameters()) make_trainable(parameter);
  return loaded;
}

Tensor ReferenceCase::value(const std::string& key) const { return SafetensorsFile(values).tensor(key).clone(); }

bool ReferenceCase::has(const std::string& key) const { return SafetensorsFile(values).contains(key); }

std::vector<std::string> ReferenceCase::keys() const { return SafetensorsFile(values).names(); }

std::vector<Tensor> ReferenceCase::batch_rows(const std::string& key) const {
  Tensor all = value("batch." + key), mask = value("batch.attention_mask");
  std::vector<Tensor> rows;
  for (int64_t r = 0; r < all.size(0); ++r) rows.push_back(all[r].slice(0, 0, mask[r].sum().item<int64_t>()));
  return rows;
}

std::vector<Tensor> ReferenceCase::packed_pieces(const std::string& key) const {
  Tensor all = value("packed." + key)[0], segments = value("packed.segment_ids")[0];
  std::vector<Tensor> pieces;
  for (int64_t s = 1; s <= segments.max().item<int64_t>(); ++s) {
    Tensor where = (segments == s).nonzero().flatten();
    pieces.push_back(all.index_select(0, where));
  }
  return pieces;
}

std::pair<Tensor, int64_t> next_token_loss(const Tensor& logits, const std::vector<Tensor>& labels) {
  std::vector<Tensor> targets;
  for (const Tensor& row : labels) {
    targets.push_back(at::cat({row.slice(0, 1).to(at::kLong), at::full({1}, -100, at::kLong)}));
  }
  Tensor all = at::cat(targets);
  Tensor sum = at::cross_entropy_loss(logits, all, {}, at::Reduction::Sum, -100);
  return {sum, (all != -100).sum().item<int64_t>()};
}

/// The folders in `parent`, by name; none when it does not exist.
static std::vector<std::string> folders_in(const std::filesystem::path& parent) {
  std::vector<std::string> names;
  std::error_code status;
  for (const auto& entry : std::filesystem::directory_iterator(parent, status)) {
    if (entry.is_directory()) names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<ReferenceCase> reference_cases() {
  std::vector<ReferenceCase> cases;
  const std::filesystem::path golden = shared_path("golden/data"), fixtures = fixture_path("archs");
  for (const std::string& name : folders_in(golden / "models")) {
    cases.push_back({"golden_" + name, golden / "models" / name, golden / "forward" / (name + ".safetensors")});
  }
  if (cases.empty()) cases.push_back({"golden_models", golden, golden});  // says that they are not there
  for (const std::string& name : folders_in(fixtures)) {
    cases.push_back({"fixture_" + name, fixtures / name, fixtures / name / "reference.safetensors"});
  }
  return cases;
}

}  // namespace lf::testing
