#include "data/cache/data_key.h"

#include <sys/stat.h>

#include <ctime>
#include <set>

#include "base/error.h"
#include "base/strings.h"
#include "config/fields.h"
#include "data/cache/file_hashes.h"
#include "data/prepare_options.h"
#include "data/source/data_file.h"
#include "data/source/resolve.h"
#include "io/content_hash.h"

namespace lf {
namespace {

/// Changes with the layout of entries.
constexpr int kLayout = 1;

/// The version, and the very program: a rebuilt one prepares anew.
std::string program_text() {
  struct stat status {};
  if (stat("/proc/self/exe", &status) != 0) return LF_VERSION;
  return fmt::format("{} {} {}.{}", LF_VERSION, status.st_size, status.st_mtim.tv_sec, status.st_mtim.tv_nsec);
}

/// Every data option (new ones too) but those that only say where things lie; and what else decides about tokens.
std::string options_text(const RunConfig& config) {
  static const std::set<std::string_view> kNotData = {"overwrite_cache", "tokenized_path", "dataset_dir",
                                                      "media_dir",       "buffer_size",    "streaming"};
  static const std::set<std::string_view> kOthers = {"stage",
                                                     "seed",
                                                     "split_special_tokens",
                                                     "add_tokens",
                                                     "add_special_tokens",
                                                     "new_special_tokens_config",
                                                     "predict_with_generate"};
  RunConfig copy = config;
  std::string text;
  for (const FieldRef& field : fields_of(copy)) {
    const bool data = field.info.topic == "Data" && !kNotData.contains(field.info.key);
    if (data || kOthers.contains(field.info.key)) text += fmt::format("{}: {}\n", field.info.key, field_text(field));
  }
  return text;
}

std::string attr_text(const DatasetAttr& a) {
  std::string text = fmt::format("{} {} {} {} {} {}\n", a.name, a.formatting, a.ranking,
                                 a.num_samples ? std::to_string(*a.num_samples) : "all", a.split, a.subset);
  for (const DatasetAttr::Name* name :
       {&a.prompt,      &a.query,    &a.response,      &a.history,         &a.system,       &a.tools,     &a.images,
        &a.videos,      &a.audios,   &a.chosen,        &a.rejected,        &a.kto_tag,      &a.messages,  &a.role_tag,
        &a.content_tag, &a.user_tag, &a.assistant_tag, &a.observation_tag, &a.function_tag, &a.system_tag})
    text += *name ? fmt::format("[{}]{}\n", (*name)->size(), **name) : "-\n";
  return text;
}

/// False when a file is remote.
bool add_files(const DatasetAttr& attr, FileHashes& hashes, std::string& text) {
  const SourceSpec spec = resolve_source(attr);
  text += spec.split + "\n";
  for (const DataFile& file : list_data_files(spec.paths)) {
    if (file.remote) return false;
    text += fmt::format("{} {} {}\n", static_cast<int>(file.type), static_cast<int>(file.compression),
                        hashes.hash_of(file.address));
  }
  return true;
}

/// What the template makes of a conversation with everything in it: turns, system text, tools, calls, thoughts.
std::string template_text(const Template& chat_template, const Tokenizer& tokenizer) {
  const std::vector<Message> messages = {{Role::kUser, "One?"},
                                         {Role::kAssistant, "<think>\nHm.\n</think>\n\nTwo."},
                                         {Role::kUser, "Call."},
                                         {Role::kFunction, R"([{"name": "f", "arguments": {"x": 1}}])"},
                                         {Role::kObservation, R"({"y": 2})"},
                                         {Role::kAssistant, "Three."}};
  const std::string tools =
      R"([{"name": "f", "description": "d", "parameters": {"type": "object", "properties": {}}}])";
  std::string text = chat_template.name() + "\n" + chat_template.jinja(tokenizer);
  for (const std::string& system : {std::string(), std::string("Be kind.")}) {
    for (const std::string& some_tools : {std::string(), tools}) {
      try {
        for (const EncodedTurn& turn : chat_template.encode_multiturn(tokenizer, messages, system, some_tools))
          text += fmt::format("\n{} -> {}", fmt::join(turn.prompt, " "), fmt::join(turn.response, " "));
      } catch (const Error& error) {
        text += fmt::format("\n{}", error.what());  // templates without tools say so
      }
    }
  }
  return text;
}

}  // namespace

std::optional<std::string> data_key(const RunConfig& config, const Tokenizer& tokenizer, const Template& chat_template,
                                    const std::filesystem::path& hashes) {
  std::string text = fmt::format("{} {}\n{}", kLayout, program_text(), options_text(config));
  const auto files = tokenizer.files();
  if (files.empty()) return std::nullopt;
  for (const auto& [name, content] : files) text += fmt::format("{} {}\n", name, content_hash_hex(content));
  text += template_text(chat_template, tokenizer);
  FileHashes known(hashes);
  for (const auto* names : {&config.data.dataset, &config.data.eval_dataset}) {
    text += "\n--\n";
    for (const DatasetAttr& attr : find_datasets(config, *names)) {
      text += attr_text(attr);
      if (!add_files(attr, known, text)) return std::nullopt;
    }
  }
  return content_hash_hex(text);
}

}  // namespace lf
