// Datasets, templates, cutting and packing. Keys, defaults and meanings are LLaMA-Factory's.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "config/field.h"

namespace lf {

struct DataOptions {
  std::optional<std::string> template_name;  // key: template
  std::vector<std::string> dataset;
  std::vector<std::string> eval_dataset;
  std::string dataset_dir = "data";
  std::optional<std::string> media_dir;  // := dataset_dir when unset
  int64_t cutoff_len = 2048;             // already reduced by one when packing or neat_packing was written as true
  bool train_on_prompt = false;
  bool mask_history = false;
  bool streaming = false;
  int64_t buffer_size = 16384;  // rows of the shuffle buffer while streaming
  std::string mix_strategy = "concat";
  std::vector<double> interleave_probs;
  bool overwrite_cache = false;  // prepare again and renew the cache
  int64_t preprocessing_batch_size = 1000;
  std::optional<int64_t> preprocessing_num_workers;
  std::optional<int64_t> max_samples;
  bool ignore_pad_token_for_loss = true;
  double val_size = 0.0;  // a fraction below 1, else a count
  bool eval_on_each_dataset = false;
  std::optional<bool> packing;  // always set after parsing (stage pt: true)
  bool neat_packing = false;
  std::string packing_strategy = "upstream";  // a key of our own
  std::string on_bad_row = "error";           // these three too
  bool escape_special = false;
  bool media_outside = false;
  std::optional<std::string> tool_format;
  std::optional<std::string> default_system;
  std::optional<bool> enable_thinking = true;
  bool preserve_thinking = false;
  std::optional<std::string> tokenized_path;  // prepared data: read from there if it is there, else written there

  template <class Self, class Visitor>
  static void visit(Self& o, Visitor&& v) {
    v(o.template_name,
      {"template", "Data", "chat template; unset: taken from the tokenizer's own template, else empty"});
    v(o.dataset, {"dataset", "Data", "comma list of training datasets named in dataset_info.json"});
    v(o.eval_dataset, {"eval_dataset", "Data", "comma list of evaluation datasets; not together with val_size"});
    v(o.dataset_dir,
      {"dataset_dir", "Data",
       "folder with dataset_info.json; ONLINE: datasets are hub names; REMOTE:owner/name: the file of a hub"});
    v(o.media_dir, {"media_dir", "Data", "folder of images, videos and audio; unset: dataset_dir"});
    v(o.cutoff_len,
      {"cutoff_len", "Data", "most tokens of an example; one less when packing or neat_packing is written as true"});
    v(o.train_on_prompt, {"train_on_prompt", "Data", "loss on prompt tokens too (stage sft)"});
    v(o.mask_history, {"mask_history", "Data", "loss on the last turn only (stage sft)"});
    v(o.streaming,
      {"streaming", "Data", "read, encode and pack rows as they are needed, in constant memory; needs max_steps"});
    v(o.buffer_size, {"buffer_size", "Data", "rows of the shuffle buffer while streaming"});
    v(o.mix_strategy, {"mix_strategy",
                       "Data",
                       "how several datasets are joined",
                       {"concat", "interleave_under", "interleave_over", "interleave_once"}});
    v(o.interleave_probs,
      {"interleave_probs", "Data", "comma list of probabilities, one for each dataset (interleave strategies)"});
    v(o.overwrite_cache, {"overwrite_cache", "Data", "prepare the data again even if the cache holds it"});
    v(o.preprocessing_batch_size,
      {"preprocessing_batch_size", "Data", "rows prepared together; packing happens inside such a batch"});
    v(o.preprocessing_num_workers,
      {"preprocessing_num_workers", "Data", "shards of the dataset that are prepared (and packed) apart"});
    v(o.max_samples, {"max_samples", "Data", "keep the first N rows of each dataset"});
    v(o.ignore_pad_token_for_loss,
      {"ignore_pad_token_for_loss", "Data", "labels of padding are -100 (true) or the pad id (false)"});
    v(o.val_size,
      {"val_size", "Data", "part of the training data kept for evaluation: a fraction, or a count from 1 on"});
    v(o.eval_on_each_dataset, {"eval_on_each_dataset", "Data", "evaluate each dataset apart; metrics eval_<name>_..."});
    v(o.packing, {"packing", "Data", "join examples to full-length sequences; unset: on in stage pt, off elsewhere"});
    v(o.neat_packing, {"neat_packing", "Data", "packing in which examples do not see each other (stage sft)"});
    v(o.packing_strategy,
      {"packing_strategy",
       "Data",
       "which examples packing joins (stage sft; not a LLaMA-Factory key): as LLaMA-Factory does in each preprocessing "
       "batch, or best-fit over the whole set, which leaves less padding",
       {"upstream", "best_fit"}});
    v(o.on_bad_row, {"on_bad_row", "Data",
                     "rows that cannot be read or converted (not a LLaMA-Factory key): error, skip, or skip:N% to stop "
                     "when more than N % are bad"});
    v(o.escape_special, {"escape_special", "Data",
                         "texts of special tokens inside messages are tokenized as ordinary text, so that data cannot "
                         "forge turns (not a LLaMA-Factory key)"});
    v(o.media_outside,
      {"media_outside", "Data", "media files of rows may lie outside of media_dir (not a LLaMA-Factory key)"});
    v(o.tool_format, {"tool_format", "Data", "tool-call format instead of the template's own"});
    v(o.default_system, {"default_system", "Data", "system prompt instead of the template's own"});
    v(o.enable_thinking, {"enable_thinking", "Data",
                          "reasoning templates: train on thoughts (true), strip them (false), keep them and put the "
                          "empty block in the prompt (null)"});
    v(o.preserve_thinking, {"preserve_thinking", "Data", "reasoning templates: keep thoughts of earlier turns"});
    v(o.tokenized_path,
      {"tokenized_path", "Data",
       "folder of prepared data (save_to_disk of Python datasets): read if it is there, else written"});
  }
};

}  // namespace lf
