#include "train/callbacks/counters.h"

#include <set>

#include "base/error.h"
#include "base/strings.h"

namespace lf {

TokenCount parse_token_count(std::string_view text) {
  const std::string name = to_lower(text);
  if (name == "no" || name == "false" || name.empty()) return TokenCount::kNo;
  if (name == "all" || name == "true") return TokenCount::kAll;
  if (name == "non_padding") return TokenCount::kNonPadding;
  throw_error(ErrorKind::kConfig, "include_num_input_tokens_seen must be no, all or non_padding but is '{}'",
              printable(text));
}

int64_t count_input_tokens(const Batch& batch, TokenCount mode) {
  switch (mode) {
    case TokenCount::kNo:
      return 0;
    case TokenCount::kAll:
      return batch.padded_tokens;
    case TokenCount::kNonPadding:
      return batch.ids.numel();
  }
  return 0;
}

int64_t non_embedding_parameters(Module& model) {
  std::set<const void*> tables;
  for (const auto& [name, module] : model.named_modules()) {
    if (module->kind() != "Embedding") continue;
    for (const NamedParameter& table : module->named_parameters()) tables.insert(table.tensor->unsafeGetTensorImpl());
  }
  int64_t count = 0;
  for (const NamedParameter& parameter : model.named_parameters()) {
    if (!tables.contains(parameter.tensor->unsafeGetTensorImpl())) count += parameter.tensor->numel();
  }
  return count;
}

double training_flos(const Batch& batch, int64_t non_embedding_parameters) {
  return 6.0 * static_cast<double>(batch.padded_tokens) * static_cast<double>(non_embedding_parameters);
}

}  // namespace lf
