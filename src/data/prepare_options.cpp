#include "data/prepare_options.h"

#include "base/error.h"
#include "base/log.h"
#include "base/strings.h"
#include "data/parallel.h"

namespace lf {

std::vector<DatasetAttr> find_datasets(const RunConfig& config, const std::vector<std::string>& names) {
  std::vector<DatasetAttr> found;
  if (names.empty()) return found;
  const DatasetInfo info = DatasetInfo::find(config);
  for (const std::string& name : names) {
    found.push_back(info.entry(name));
    check_ranking(name, found.back().ranking, config.finetuning.stage);
  }
  return found;
}

std::unique_ptr<Encoder> stage_encoder(const RunConfig& config, bool evaluation, const Tokenizer& tokenizer,
                                       const Template& chat_template) {
  (void)evaluation;  // evaluation by generation (predict_with_generate) is refused by the parser so far
  LF_CHECK(
      kUnsupported, config.finetuning.stage != "sft" || config.data.ignore_pad_token_for_loss,
      "ignore_pad_token_for_loss: false is not available yet: batches hold no padding to learn from; leave it true");
  auto encoder = make_encoder(config.finetuning.stage, false, config.data, tokenizer, chat_template);
  LF_CHECK(kConfig, !config.data.streaming || !encoder->packs_whole_set(),
           "packing over the whole set needs all rows at hand and is not possible with streaming: true");
  return encoder;
}

size_t preparing_threads(const RunConfig& config) {
  const size_t machine = worker_threads();
  const auto asked = config.data.preprocessing_num_workers;
  return asked ? std::min(static_cast<size_t>(*asked), machine) : machine;
}

BadRowPolicy bad_row_policy(const RunConfig& config) { return BadRowPolicy::parse(config.data.on_bad_row); }

CollateOptions collate_options(const RunConfig& config) {
  return {.pad_to_multiple = padding_multiple(config.finetuning.stage, config.training.do_train)};
}

void throw_no_rows(const RunConfig& config, const RowEncoder& rows) {
  const std::string names = join(rows.names(), ", ");
  LF_CHECK(kData, config.finetuning.stage != "pt",
           "Cannot find sufficient samples, consider increasing dataset size.{} (dataset {}, cutoff_len {})",
           rows.why_empty(), names, config.data.cutoff_len);
  throw_error(ErrorKind::kData, "Cannot find valid samples, check the data format.{} (dataset {})", rows.why_empty(),
              names);
}

}  // namespace lf
