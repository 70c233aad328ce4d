#include "data/inspect/conversion.h"

#include <limits>

#include "base/error.h"
#include "base/strings.h"
#include "data/format.h"
#include "data/inspect/inspector.h"
#include "data/inspect/sniff.h"
#include "data/source/row_writer.h"

namespace lf {
namespace {

constexpr std::string_view kThinkingOff = "detailed thinking off";

/// What reading openai messages adds to the system text (Q6) is added again when they are read again.
std::string without_addition(std::string system, const std::string& tools) {
  if (!tools.empty()) {
    if (system.ends_with('\n')) system.pop_back();
  } else if (system == kThinkingOff) {
    system.clear();
  } else if (system.ends_with("\n" + std::string(kThinkingOff))) {
    system.resize(system.size() - kThinkingOff.size() - 1);
  }
  return system;
}

/// Whether rows may have a system text, so that it gets a column.
bool holds_system(const DatasetAttr& attr) { return attr.system || attr.formatting != "alpaca"; }

class FormWriter {
 public:
  FormWriter(const Conversation& conversation, const Json& columns, const DatasetAttr& attr)
      : c_(conversation), columns_(columns), attr_(attr) {}

  Json alpaca() {
    for (const auto* messages : {&c_.prompt, &c_.response}) {
      for (const Message& message : *messages) {
        LF_CHECK(kData, message.role == Role::kUser || message.role == Role::kAssistant,
                 "a message of the role {} cannot be held by the form alpaca; use sharegpt or openai",
                 role_name(message.role));
      }
    }
    LF_CHECK(kData, c_.prompt.size() % 2 == 1, "the form alpaca needs a last question");
    Json history = Json::array();
    for (size_t i = 0; i + 1 < c_.prompt.size(); i += 2)
      history.push_back({c_.prompt[i].content, c_.prompt[i + 1].content});
    row_["instruction"] = c_.prompt.back().content;
    row_["input"] = "";
    answers([](const Message& message) { return Json(message.content); });
    if (attr_.history || attr_.messages) row_["history"] = std::move(history);
    return rest(c_.system);
  }

  Json messages(const std::string& form) {
    const bool openai = form == "openai";
    Json list = Json::array();
    const std::string system =
        openai && attr_.formatting == "openai" ? without_addition(c_.system, c_.tools) : c_.system;
    if (openai && !system.empty()) list.push_back({{"role", "system"}, {"content", system}});
    for (const Message& message : c_.prompt) list.push_back(object(message, openai));
    const bool pair = attr_.ranking && c_.response.size() == 2;
    if (pair)
      answers([&](const Message& message) { return object(message, openai); });
    else if (const Message* answer = single_answer())
      list.push_back(object(*answer, openai));
    Json out = {{openai ? "messages" : "conversations", std::move(list)}};
    for (auto& [name, value] : row_.items()) out[name] = std::move(value);
    row_ = std::move(out);
    return openai ? rest_of_messages() : rest(c_.system);
  }

 private:
  static Json object(const Message& message, bool openai) {
    const char* role = message.role == Role::kUser          ? (openai ? "user" : "human")
                       : message.role == Role::kAssistant   ? (openai ? "assistant" : "gpt")
                       : message.role == Role::kObservation ? (openai ? "tool" : "observation")
                                                            : "function_call";
    if (openai) return {{"role", role}, {"content", message.content}};
    return {{"from", role}, {"value", message.content}};
  }

  bool tagged() const {
    const Json* tag = find_column(columns_, attr_.kto_tag);
    return tag && tag->is_boolean();
  }
  bool desirable() const { return find_column(columns_, attr_.kto_tag)->get<bool>(); }
  const Message* single_answer() const {
    if (c_.response.empty()) return nullptr;
    return tagged() && !desirable() ? &c_.response.back() : &c_.response.front();
  }

  template <class Write>
  void answers(Write&& write) {
    if (attr_.ranking && c_.response.size() == 2) {
      row_["chosen"] = write(c_.response[0]);
      row_["rejected"] = write(c_.response[1]);
    } else if (const Message* answer = single_answer()) {
      row_["output"] = write(*answer);
    }
  }

  Json rest(const std::string& system) {
    if (holds_system(attr_)) row_["system"] = system;
    return rest_of_messages();
  }
  Json rest_of_messages() {
    if (attr_.tools) row_["tools"] = c_.tools;
    if (tagged()) row_["kto_tag"] = desirable();
    for (const auto& [name, column] :
         {std::pair{"images", &attr_.images}, {"videos", &attr_.videos}, {"audios", &attr_.audios}}) {
      if (const Json* value = find_column(columns_, *column)) row_[name] = *value;
    }
    return std::move(row_);
  }

  const Conversation& c_;
  const Json& columns_;
  const DatasetAttr& attr_;
  Json row_ = Json::object();
};

/// The entry for what FormWriter writes.
DatasetAttr attr_of_form(const DatasetAttr& from, const std::string& form, const std::filesystem::path& to) {
  DatasetAttr attr;
  attr.path = to;
  attr.formatting = form;
  attr.ranking = from.ranking;
  if (form == "alpaca") {
    attr.messages.reset();
    if (from.history || from.messages) attr.history = "history";
    if (from.ranking || (!from.response && !from.messages)) attr.response.reset();
  } else {
    attr.prompt = attr.query = attr.response = std::nullopt;
    attr.messages = form == "openai" ? "messages" : "conversations";
  }
  if (form == "openai") {
    attr.role_tag = "role";
    attr.content_tag = "content";
    attr.user_tag = "user";
    attr.assistant_tag = "assistant";
    attr.observation_tag = "tool";
    attr.system_tag = "system";
  } else if (holds_system(from)) {
    attr.system = "system";
  }
  if (from.ranking) {
    attr.chosen = "chosen";
    attr.rejected = "rejected";
  }
  if (from.tools) attr.tools = "tools";
  if (from.kto_tag) attr.kto_tag = "kto_tag";
  if (from.images) attr.images = "images";
  if (from.videos) attr.videos = "videos";
  if (from.audios) attr.audios = "audios";
  return attr;
}

class Converter {
 public:
  Converter(const DatasetAttr& attr, const ConversionOptions& options)
      : attr_(attr), options_(options), form_(options.form.empty() ? attr.formatting : options.form) {
    const std::vector<std::string> forms = {"alpaca", "sharegpt", "openai", "rows"};
    LF_CHECK(kConfig, std::find(forms.begin(), forms.end(), form_) != forms.end(),
             "'{}' is not a form of rows{}; use alpaca, sharegpt, openai or rows", printable(form_, 40),
             did_you_mean(form_, forms));
  }

  Conversion run() {
    write_rows(options_.to, {});  // a bad name is refused before all rows are read
    RowSchema schema;
    const std::string extension = options_.to.extension().string();
    if (extension != ".jsonl" && extension != ".json")
      each([&](const Json& row, const std::string& where) { learn(schema, row, where); });
    out_ = {};
    const auto writer = write_rows(options_.to, schema);
    each([&](const Json& row, const std::string&) {
      writer->write(row);
      ++out_.written;
    });
    LF_CHECK(kData, out_.written > 0, "{}: no row is left to write{}", describe(attr_),
             out_.first_dropped.empty() ? "" : " (" + out_.first_dropped + ")");
    writer->finish();
    describe_result();
    return std::move(out_);
  }

 private:
  static void learn(RowSchema& schema, const Json& row, const std::string& where) {
    try {
      schema.learn(row);
    } catch (const Error& error) {
      throw_error(error.kind(), "{}: {}; Parquet and Arrow need one type in each column (.jsonl does not)", where,
                  error.what());
    }
  }

  template <class Visit>
  void each(Visit&& visit) {
    BadRows bad(options_.bad_rows);
    int64_t rows = 0;
    out_.dropped = 0;
    Inspector(attr_, nullptr).each(0, std::numeric_limits<int64_t>::max(), false, [&](const InspectedRow& row) {
      ++rows;
      const bool readable = !row.columns.is_null();
      if (!row.error.empty() && (form_ != "rows" || !readable)) {
        bad.add(Error(ErrorKind::kData, row.error));
      } else if (form_ == "rows") {
        visit(row.columns, row.where);
      } else if (!row.dropped.empty()) {
        if (out_.dropped++ == 0) out_.first_dropped = row.where + ": " + row.dropped;
      } else {
        visit(in_form(row), row.where);
      }
      return true;
    });
    bad.check(rows);
    out_.bad = bad.count();
  }

  Json in_form(const InspectedRow& row) const {
    try {
      return row_in_form(row.conversation, row.columns, attr_, form_);
    } catch (const Error& error) {
      throw_error(error.kind(), "{}: {}", row.where, error.what());
    }
  }

  void describe_result() {
    if (form_ == "rows") return;
    out_.entry = entry_of(attr_of_form(attr_, form_, options_.to));
    if (form_ == "openai" && attr_.formatting != "openai") {
      out_.notice =
          "formatting openai adds \"detailed thinking off\" to the system text of rows without tools, as in "
          "LLaMA-Factory; formatting sharegpt with the same columns and tags does not";
    } else if (form_ != "openai" && attr_.formatting == "openai") {
      out_.notice = "the system texts hold what formatting openai adds to them";
    }
  }

  const DatasetAttr& attr_;
  const ConversionOptions& options_;
  std::string form_;
  Conversion out_;
};

}  // namespace

Json row_in_form(const Conversation& conversation, const Json& columns, const DatasetAttr& attr,
                 const std::string& form) {
  FormWriter writer(conversation, columns, attr);
  return form == "alpaca" ? writer.alpaca() : writer.messages(form);
}

Conversion convert_dataset(const DatasetAttr& attr, const ConversionOptions& options) {
  return Converter(attr, options).run();
}

}  // namespace lf
