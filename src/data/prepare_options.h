// What preparing and streaming both take from the configuration.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "config/run_config.h"
#include "data/dataset_info.h"
#include "data/encode/encoder.h"
#include "data/loader.h"
#include "data/row_encoder.h"
#include "data/source/bad_rows.h"

namespace lf {

/// The entries of dataset_info.json; kData for unknown names and for data of another stage.
std::vector<DatasetAttr> find_datasets(const RunConfig& config, const std::vector<std::string>& names);
/// The encoder of the stage. kUnsupported for options that batches cannot honour.
std::unique_ptr<Encoder> stage_encoder(const RunConfig& config, bool evaluation, const Tokenizer& tokenizer,
                                       const Template& chat_template);
/// preprocessing_num_workers, or all that this machine has.
size_t preparing_threads(const RunConfig& config);
BadRowPolicy bad_row_policy(const RunConfig& config);
CollateOptions collate_options(const RunConfig& config);
/// kData, in upstream's words and with the reasons: nothing is left of the rows.
[[noreturn]] void throw_no_rows(const RunConfig& config, const RowEncoder& rows);

}  // namespace lf
