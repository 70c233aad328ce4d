// Arguments of the `data` command: a configuration, names of datasets, or bare files.
#pragma once
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "config/run_config.h"
#include "data/dataset_info.h"

namespace lf {

struct DataArguments {
  std::string action;       // validate, preview, stats, convert
  RunConfig config;         // data options and stage; the defaults without a configuration file
  bool guess_stage = true;  // no stage was given
  std::string model;        // folder of the tokenizer; empty = no tokens
  std::vector<DatasetAttr> datasets;
  std::vector<std::string> notes;  // what was guessed, for stderr
  bool json = false;
  int64_t first_row = 0, last_row = 5;  // [first, last)
  std::string to, form;

  bool help = false;
};

/// kConfig with the nearest names for what is not known.
DataArguments parse_data_arguments(std::span<const std::string> args);
std::vector<std::string> data_actions();

}  // namespace lf
