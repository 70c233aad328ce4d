// How text is generated. Keys, defaults and meanings are LLaMA-Factory's.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "config/field.h"

namespace lf {

struct GeneratingOptions {
  bool do_sample = true;
  double temperature = 0.95;  // 0 switches sampling off
  double top_p = 0.7;
  int64_t top_k = 50;         // 0 switches it off
  int64_t max_length = 1024;  // used only when max_new_tokens is not positive
  int64_t max_new_tokens = 1024;
  double repetition_penalty = 1.0;
  bool skip_special_tokens = true;

  template <class Self, class Visitor>
  static void visit(Self& o, Visitor&& v) {
    v(o.do_sample, {"do_sample", "Generating", "sample instead of taking the likeliest token"});
    v(o.temperature, {"temperature", "Generating", "softmax temperature; 0 switches sampling off"});
    v(o.top_p, {"top_p", "Generating", "nucleus sampling mass"});
    v(o.top_k, {"top_k", "Generating", "sample among the k likeliest tokens; 0 switches it off"});
    v(o.max_length,
      {"max_length", "Generating", "limit of prompt and answer; not used while max_new_tokens is positive"});
    v(o.max_new_tokens, {"max_new_tokens", "Generating", "limit of the answer"});
    v(o.repetition_penalty, {"repetition_penalty", "Generating", "above 1 makes repeated tokens less likely"});
    v(o.skip_special_tokens, {"skip_special_tokens", "Generating", "drop special tokens from the text"});
  }
};

}  // namespace lf
