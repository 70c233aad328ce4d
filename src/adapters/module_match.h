// Which modules of a tree the names of a configuration mean: PEFT's rules.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "layers/linear.h"
#include "tensor/module.h"

namespace lf {

struct LinearTarget {
  std::string path;  // "model.layers.0.self_attn.q_proj"
  Linear* linear = nullptr;
};

/// `all`: last name parts of all linear layers but the output head (`lm_head`), each once, in tree order. Other names
/// as given.
std::vector<std::string> expand_targets(Module& model, const std::vector<std::string>& targets);

/// Linear layers whose path is one of `names` or ends in ".name", in tree order, without those that `modules_to_save`
/// covers. kConfig when a name means nothing (lists what exists), kUnsupported when it means something that is not
/// linear.
std::vector<LinearTarget> match_linears(Module& model, const std::vector<std::string>& names,
                                        const std::vector<std::string>& modules_to_save);

/// Modules whose path ends in one of `names`, in tree order; kConfig when a name means nothing.
std::vector<std::pair<std::string, Module*>> match_modules(Module& model, const std::vector<std::string>& names);

/// The linear layer at `path`, or null.
Linear* find_linear(Module& model, std::string_view path);

}  // namespace lf
