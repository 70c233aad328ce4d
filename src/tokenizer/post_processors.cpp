// What stands round the ids of one text: TemplateProcessing, Bert, Roberta, ByteLevel (nothing) and their Sequence.
#include <utility>

#include "base/strings.h"
#include "tokenizer/components.h"

namespace lf {
namespace {

TokenId read_id(const JsonView& value) { return static_cast<TokenId>(value.integer(0, kMaxTokenId)); }

/// Pieces of the "single" template: special ids, and where the text goes.
class Template : public PostProcessor {
 public:
  explicit Template(const JsonView& spec) {
    const auto specials = spec.find("special_tokens");
    bool has_text = false;
    spec.at("single").each_item([&](const JsonView& item) {
      if (item.find("Sequence")) {
        LF_CHECK(kFormat, !std::exchange(has_text, true), "{}: the text stands twice in a template", item.where());
        parts_.push_back({{}, true});
        return;
      }
      const JsonView name = item.at("SpecialToken").at("id");
      const auto special = specials ? specials->find(name.string()) : std::nullopt;
      LF_CHECK(kFormat, special.has_value(), "{}: '{}' is not in special_tokens", name.where(),
               printable(name.string()));
      Part part{{}, false};
      special->at("ids").each_item([&](const JsonView& id) { part.ids.push_back(read_id(id)); });
      parts_.push_back(std::move(part));
    });
  }

  void apply(std::vector<TokenId>& ids) const override {
    std::vector<TokenId> out;
    out.reserve(ids.size() + parts_.size());
    for (const Part& part : parts_) {
      const std::vector<TokenId>& source = part.text ? ids : part.ids;
      out.insert(out.end(), source.begin(), source.end());
    }
    ids = std::move(out);
  }

 private:
  struct Part {
    std::vector<TokenId> ids;
    bool text;
  };
  std::vector<Part> parts_;
};

/// cls in front, sep behind: BertProcessing and RobertaProcessing.
class Surround : public PostProcessor {
 public:
  explicit Surround(const JsonView& spec) : first_(id_of(spec.at("cls"))), last_(id_of(spec.at("sep"))) {}
  void apply(std::vector<TokenId>& ids) const override {
    ids.insert(ids.begin(), first_);
    ids.push_back(last_);
  }

 private:
  static TokenId id_of(const JsonView& pair) {
    std::vector<TokenId> ids;
    size_t index = 0;
    pair.each_item([&](const JsonView& item) {
      if (index++ == 1) ids.push_back(read_id(item));
    });
    LF_CHECK(kFormat, index == 2, "{}: needed [token, id] but found {} items", pair.where(), index);
    return ids.front();
  }

  TokenId first_, last_;
};

/// Offsets only; ids stay as they are.
class Nothing : public PostProcessor {
 public:
  void apply(std::vector<TokenId>&) const override {}
};

template <class Part>
std::unique_ptr<PostProcessor> make(const JsonView& spec) {
  if constexpr (std::is_constructible_v<Part, const JsonView&>)
    return std::make_unique<Part>(spec);
  else
    return std::make_unique<Part>();
}

}  // namespace

std::unique_ptr<PostProcessor> make_post_processor(const JsonView& spec) {
  static constexpr std::pair<std::string_view, std::unique_ptr<PostProcessor> (*)(const JsonView&)> kTable[] = {
      {"TemplateProcessing", make<Template>},
      {"BertProcessing", make<Surround>},
      {"RobertaProcessing", make<Surround>},
      {"ByteLevel", make<Nothing>},
      {"Sequence",
       [](const JsonView& s) -> std::unique_ptr<PostProcessor> {
         return std::make_unique<SequenceOf<PostProcessor, std::vector<TokenId>>>(s, "processors", make_post_processor);
       }},
  };
  return make_component(spec, "post-processor", kTable);
}

}  // namespace lf
