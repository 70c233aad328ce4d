#include "model/stored_names.h"

#include "base/error.h"
#include "base/strings.h"
#include "model/mixture_of_depths.h"

namespace lf {

namespace {
std::string shape_text(c10::IntArrayRef shape) { return fmt::format("[{}]", fmt::join(shape, ", ")); }

/// Up to `limit` lines, then "... and n more".
std::string listed(const std::vector<std::string>& lines, size_t limit = 20) {
  std::string text;
  for (size_t i = 0; i < std::min(limit, lines.size()); ++i) text += "\n    " + lines[i];
  if (lines.size() > limit) text += fmt::format("\n    ... and {} more", lines.size() - limit);
  return text;
}

/// Tensors that checkpoints carry but no model of ours has: buffers of old versions, and the copy of a tied head.
bool is_ignorable(const std::string& name, const ModelSpec& spec) {
  for (const std::string& pattern : spec.unused_tensors) {
    if (pattern.starts_with('*') ? name.ends_with(pattern.substr(1)) : name.starts_with(pattern)) return true;
  }
  return name.ends_with("rotary_emb.inv_freq") || name.ends_with("rotary_pos_emb.inv_freq") ||
         name.ends_with("attn.masked_bias") || name.ends_with("attn.bias") || name.ends_with("attention.masked_bias") ||
         name.ends_with("attention.bias") || (spec.tied_embeddings && name == spec.names.head + ".weight");
}

std::string file_name(const ModelWeights& weights, const std::string& tensor) {
  return weights.file_of(tensor).path().filename().string();
}

}  // namespace

StoredNames::StoredNames(const ModelSpec& spec, const ModelWeights& weights, bool unrouted)
    : spec_(spec), weights_(weights), prefix_(spec.names.base + "."), unrouted_(unrouted) {
  for (const std::string& name : weights.names()) {
    if (name.starts_with(prefix_)) return;
  }
  bare_ = weights.contains(spec.names.embedding + ".weight");
}

std::string StoredNames::find(const std::string& given) const {
  const std::string name = unrouted_ ? unrouted_name(given) : given;
  const auto other = spec_.other_names.find(name);
  if (other != spec_.other_names.end() && weights_.contains(other->second)) return other->second;
  return bare_ && name.starts_with(prefix_) ? name.substr(prefix_.size()) : name;
}

void check_tensors(const ModelSpec& spec, const ModelWeights& weights, const std::filesystem::path& folder) {
  std::vector<std::string> missing, unexpected, different;
  std::unordered_map<std::string, bool> known;
  const StoredNames names(spec, weights);
  for (TensorShape& want : spec.tensors()) {
    want.name = names.find(want.name);
    known[want.name] = true;
    if (!weights.contains(want.name)) {
      missing.push_back(fmt::format("{} {}", want.name, shape_text(want.shape)));
    } else if (std::vector<int64_t> shape = weights.info(want.name).shape; shape != want.shape) {
      different.push_back(fmt::format("{}: config.json says {}, {} has {}", want.name, shape_text(want.shape),
                                      file_name(weights, want.name), shape_text(shape)));
    }
  }
  for (const std::string& name : weights.names()) {
    if (!known.count(name) && !is_ignorable(name, spec)) {
      unexpected.push_back(
          fmt::format("{} {} in {}", printable(name), shape_text(weights.info(name).shape), file_name(weights, name)));
    }
  }
  if (missing.empty() && unexpected.empty() && different.empty()) return;
  std::string text;
  if (!missing.empty()) text += fmt::format("\n  missing ({}):{}", missing.size(), listed(missing));
  if (!unexpected.empty()) text += fmt::format("\n  unexpected ({}):{}", unexpected.size(), listed(unexpected));
  if (!different.empty()) text += fmt::format("\n  other shapes ({}):{}", different.size(), listed(different));
  throw_error(ErrorKind::kFormat, "{}: the weights do not fit config.json (model_type '{}'){}", folder.string(),
              spec.model_type, text);
}

}  // namespace lf
