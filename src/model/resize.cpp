// Rules: LLaMA-Factory, model/model_utils/embedding.py. Numbers are computed in fp32 and rounded to the weights' type.
#include "model/resize.h"

#include "base/error.h"
#include "base/log.h"
#include "base/strings.h"
#include "io/mapped_file.h"
#include "tensor/rng.h"

namespace lf {

namespace {
constexpr int64_t kMultiple = 64;

/// Mean of the rows [0, rows) of `weight` that are not in `excluded` (sorted): D fp32. In pieces, so that no fp32 copy
/// of the matrix exists.
Tensor mean_of_rows(const Tensor& weight, int64_t rows, const std::vector<int64_t>& excluded) {
  constexpr int64_t kPiece = 8192;
  Tensor sum = at::zeros({weight.size(1)}, weight.options().dtype(at::kDouble));
  int64_t count = 0;
  const auto add = [&](int64_t begin, int64_t end) {
    for (int64_t at = begin; at < end; at += kPiece) {
      const int64_t size = std::min(kPiece, end - at);
      sum += weight.narrow(0, at, size).sum(0, false, at::kDouble);
    }
    count += std::max<int64_t>(0, end - begin);
  };
  int64_t begin = 0;
  for (int64_t id : excluded) {
    if (id >= rows) break;
    add(begin, id);
    begin = id + 1;
  }
  add(begin, rows);
  return (sum / static_cast<double>(std::max<int64_t>(count, 1))).to(at::kFloat);
}

Tensor grown(const Tensor& old, int64_t rows) {
  std::vector<int64_t> shape = old.sizes().vec();
  shape[0] = rows;
  Tensor out = at::empty(shape, old.options());
  out.narrow(0, 0, old.size(0)).copy_(old);
  drop_mapped_pages(old.const_data_ptr(), old.nbytes());
  return out;
}

class RowFiller {
 public:
  RowFiller(const Tensor& embedding, int64_t before, int64_t after, const ResizeOptions& options)
      : embedding_(embedding), before_(before), options_(options), generator_(make_generator(options.seed)) {
    for (const NewToken& token : options.new_tokens) {
      if (token.id >= 0 && token.id < after) tokens_.emplace(token.id, &token);
    }
    for (const auto& [id, token] : tokens_) rows_.push_back(id);
    for (int64_t row = before; row < after; ++row) {
      if (!tokens_.count(row)) rows_.push_back(row);
    }
    std::sort(rows_.begin(), rows_.end());
  }

  bool empty() const { return rows_.empty(); }

  /// Writes the rows into `weight`, whose rows below `before` hold the old values.
  void fill(Tensor& weight) {
    const Tensor mean = mean_of_rows(weight, before_, rows_);
    for (int64_t row : rows_) {
      const NewToken* described = described_token(row);
      Tensor value = described ? description_mean(*described, mean) : mean;
      if (!described || options_.init == NewRowInit::kDescriptionWithNoise) value = value + noise(value);
      weight[row].copy_(value);
    }
  }

 private:
  /// Null where the row is filled by the noise rule.
  const NewToken* described_token(int64_t row) const {
    const auto token = tokens_.find(row);
    if (options_.init == NewRowInit::kNoise || token == tokens_.end()) return nullptr;
    return token->second->description ? token->second : nullptr;
  }

  Tensor description_mean(const NewToken& token, const Tensor& fallback) const {
    std::vector<int64_t> known;
    for (int64_t id : *token.description) {
      if (id >= 0 && id < before_ && !tokens_.count(id)) known.push_back(id);
    }
    if (known.empty()) {
      log_warn("model", "Description for token '{}' contains no valid tokens. Using mean of existing embeddings.",
               printable(token.text, 60));
      return fallback;
    }
    const Tensor ids = at::tensor(known, at::kLong).to(embedding_.device());
    return embedding_.index_select(0, ids).to(at::kFloat).mean(0);
  }

  /// normal(0, 1 / sqrt(D)), drawn on the CPU.
  Tensor noise(const Tensor& like) {
    Tensor out = at::empty(like.sizes(), at::kFloat);
    return out.normal_(0, 1.0 / std::sqrt(static_cast<double>(like.numel())), generator_).to(like.device());
  }

  Tensor embedding_;
  int64_t before_;
  const ResizeOptions& options_;
  at::Generator generator_;
  std::map<int64_t, const NewToken*> tokens_;
  std::vector<int64_t> rows_;  // to be filled, ascending
};

void grow_bias(Linear& head, int64_t rows) {
  if (!head.has_bias()) return;
  const Tensor old = head.bias();
  head.bias() = grown(old, rows);
  head.bias().narrow(0, old.size(0), rows - old.size(0)).fill_(old.to(at::kFloat).mean().item<float>());
}

const char* log_text(NewRowInit init) {
  switch (init) {
    case NewRowInit::kNoise:
      return "noisy mean initialization (noise_init)";
    case NewRowInit::kDescription:
      return "semantic initialization (desc_init)";
    case NewRowInit::kDescriptionWithNoise:
      return "semantic initialization with noise (desc_init_w_noise)";
  }
  return "?";
}

/// (path, module) of embedding and head.
std::vector<std::pair<std::string, Module*>> vocabulary_paths(Decoder& model) {
  std::vector<std::pair<std::string, Module*>> out;
  for (const auto& [path, module] : model.named_modules()) {
    if (module == &model.embedding() || module == &model.head()) out.emplace_back(path, module);
  }
  return out;
}
}  // namespace

NewRowInit new_row_init(std::string_view name) {
  if (name == "noise_init") return NewRowInit::kNoise;
  if (name == "desc_init") return NewRowInit::kDescription;
  if (name == "desc_init_w_noise") return NewRowInit::kDescriptionWithNoise;
  throw_error(ErrorKind::kConfig, "init_special_tokens must be noise_init, desc_init or desc_init_w_noise but is '{}'",
              printable(name));
}

VocabularySizes resize_vocabulary(LoadedModel& loaded, const ResizeOptions& options) {
  at::NoGradGuard no_grad;
  Decoder& model = *loaded.model;
  const int64_t before = embedding_rows(model);
  const int64_t wanted = (options.tokens + kMultiple - 1) / kMultiple * kMultiple;
  const int64_t after = options.tokens > before ? wanted : before;
  const Tensor old = model.embedding().weight();
  RowFiller filler(old, before, after, options);
  if (filler.empty()) return {before, after};
  LF_CHECK(kUnsupported, !model.head().storage(), "Cannot resize embedding layers of a quantized model.");

  log_info("model", "Using {} for new special tokens", log_text(options.init));
  const bool tied = model.head().is_tied();
  model.embedding().weight() = grown(old, after);
  filler.fill(model.embedding().weight());
  if (!tied) {
    model.head().weight() = grown(model.head().weight(), after);
    filler.fill(model.head().weight());
  }
  if (after == before) return {before, after};
  grow_bias(model.head(), after);
  model.head().outputs_changed();
  model.set_vocab_size(after);
  loaded.spec.vocab_size = after;
  loaded.config.update(vocabulary_overrides(loaded.config, after));
  log_info("model", "Resized token embeddings from {} to {}.", before, after);
  return {before, after};
}

int64_t embedding_rows(Decoder& model) { return model.embedding().weight().size(0); }

std::vector<std::string> vocabulary_modules(Decoder& model) {
  std::vector<std::string> out;
  for (const auto& [path, module] : vocabulary_paths(model)) out.push_back(path.substr(path.rfind('.') + 1));
  return out;
}

std::vector<std::string> vocabulary_parameters(Decoder& model) {
  std::vector<std::string> out;
  for (const NamedParameter& parameter : model.named_parameters()) {
    if (parameter.owner == &model.embedding() || parameter.owner == &model.head()) out.push_back(parameter.name);
  }
  return out;
}

Json vocabulary_overrides(const Json& config, int64_t rows) {
  Json out = Json::object();
  for (const char* key : {"vocab_size", "padded_vocab_size"}) {
    if (config.contains(key)) out[key] = rows;
  }
  if (const auto text = config.find("text_config"); text != config.end() && text->is_object()) {
    out["text_config"] = *text;
    out["text_config"].update(vocabulary_overrides(*text, rows));
  }
  return out;
}

}  // namespace lf
