// What stands round the ids of a text or a pair: TemplateProcessing, BertProcessing, RobertaProcessing, ByteLevel
// (offsets only) and their Sequence.
#include <algorithm>

#include "base/strings.h"
#include "tokenizer/components.h"
#include "tokenizer/encoding_ops.h"
#include "tokenizer/unicode.h"

namespace lf {
namespace {

TokenId read_id(const JsonView& value) { return static_cast<TokenId>(value.integer(0, kMaxTokenId)); }
uint32_t read_type(const JsonView& piece) {
  const auto type = piece.find("type_id");
  return type ? static_cast<uint32_t>(type->integer(0, UINT32_MAX)) : 0;
}

void set_types(Encoding& encoding, uint32_t type) { encoding.type_ids.assign(encoding.size(), type); }

/// Special ids, and where the texts go.
class Template : public PostProcessor {
 public:
  explicit Template(const JsonView& spec) : where_(spec.where()) {
    const auto specials = spec.find("special_tokens");
    spec.at("single").each_item([&](const JsonView& item) { single_.push_back(read_part(item, specials)); });
    for (const Part& part : single_) check(part, 1);
    if (const auto pair = spec.find("pair")) {
      pair->each_item([&](const JsonView& item) { pair_.push_back(read_part(item, specials)); });
    } else {
      pair_ = {{.text = 0}, {.text = 1, .type_id = 1}};
    }
  }

  void apply(std::vector<TokenId>& ids) const override {
    LF_CHECK(kData, ids.size() < kMostOverflow / (1 + single_.size()), "{}: the template makes too long a text",
             where_);
    std::vector<TokenId> out;
    out.reserve(ids.size() + single_.size());
    for (const Part& part : single_) {
      if (part.text >= 0) out.insert(out.end(), ids.begin(), ids.end());
      for (const PlacedToken& token : part.tokens) out.push_back(token.id);
    }
    ids = std::move(out);
  }

  size_t added_tokens(bool pair) const override {
    size_t count = 0;
    for (const Part& part : pair ? pair_ : single_) count += part.tokens.size();
    return count;
  }

  void process(std::vector<Encoding>& parts, bool add_special_tokens) const override {
    LF_CHECK(kFormat, parts.size() == 1 || parts.size() == 2, "{}: a template cannot follow another", where_);
    std::vector<Encoding> out;
    for (const Part& part : parts.size() == 1 ? single_ : pair_) {
      check(part, static_cast<int>(parts.size()));
      if (part.text >= 0) {
        out.push_back(parts[static_cast<size_t>(part.text)]);
        set_types(out.back(), part.type_id);
      } else if (add_special_tokens) {
        Encoding& special = out.emplace_back();
        for (const PlacedToken& token : part.tokens) append_special(special, token);
      }
    }
    parts = std::move(out);
  }

 private:
  struct Part {
    int text = -1;  // 0, 1: the first, the second text
    uint32_t type_id = 0;
    std::vector<PlacedToken> tokens;
    std::string unknown;  // the name of a special token that is not described
  };

  static Part read_part(const JsonView& item, const std::optional<JsonView>& specials) {
    if (const auto text = item.find("Sequence")) {
      const JsonView id = text->at("id");
      LF_CHECK(kFormat, id.string() == "A" || id.string() == "B", "{}: '{}' is not A or B", id.where(),
               printable(id.string()));
      return {.text = id.string() == "A" ? 0 : 1, .type_id = read_type(*text)};
    }
    const JsonView special = item.at("SpecialToken");
    const JsonView name = special.at("id");
    const auto known = specials ? specials->find(name.string()) : std::nullopt;
    if (!known) return {.unknown = std::string(name.string())};
    Part part;
    const uint32_t type = read_type(special);
    known->at("ids").each_item([&](const JsonView& id) { part.tokens.push_back({read_id(id), {}, type}); });
    const JsonView texts = known->at("tokens");
    LF_CHECK(kFormat, texts.array().size() == part.tokens.size(), "{}: {} token texts for {} ids", texts.where(),
             texts.array().size(), part.tokens.size());
    size_t index = 0;
    texts.each_item([&](const JsonView& text) { part.tokens[index++].text = text.string(); });
    return part;
  }

  void check(const Part& part, int texts) const {
    LF_CHECK(kFormat, part.unknown.empty(), "{}: '{}' is not in special_tokens", where_, printable(part.unknown));
    LF_CHECK(kFormat, part.text < texts, "{}: the template for one text asks for a second", where_);
  }

  std::vector<Part> single_, pair_;
  std::string where_;
};

/// Offsets of ByteLevel tokens without the white space that the tokens hold at their ends.
class OffsetTrimmer {
 public:
  explicit OffsetTrimmer(const JsonView& spec)
      : trims_(spec.boolean_or("trim_offsets", true)), add_prefix_space_(spec.boolean_or("add_prefix_space", true)) {}

  void apply(Encoding& encoding) const {
    if (!trims_) return;
    for (size_t i = 0; i < encoding.size(); ++i) trim(encoding.tokens[i], i == 0, encoding.offsets[i]);
    for (Encoding& window : encoding.overflowing) apply(window);
  }

 private:
  static bool is_space(char32_t c) {
    constexpr char32_t kSpaceLetter = 0x120;  // a space in ByteLevel's letters
    return c == kSpaceLetter || is_white_space(c);
  }

  void trim(std::string_view token, bool first, Span& span) const {
    uint32_t leading = 0, trailing = 0;
    for (size_t at = 0; at < token.size() && is_space(code_point_at(token, at).value); ++leading)
      at += code_point_at(token, at).bytes;
    for (size_t end = token.size(); end > 0; ++trailing) {
      end = previous_code_point(token, end);
      if (!is_space(code_point_at(token, end).value)) break;
    }
    // A single space at the front may be the one that add_prefix_space put there.
    if (leading == 1 && add_prefix_space_ && (first || span.begin == 0)) leading = 0;
    span.begin = std::min(span.begin + leading, span.end);
    if (span.end >= trailing) span.end = std::max(span.end - trailing, span.begin);
  }

  bool trims_, add_prefix_space_;
};

/// cls in front, sep behind: BertProcessing and RobertaProcessing.
class Surround : public PostProcessor {
 public:
  explicit Surround(const JsonView& spec) : first_(token_of(spec.at("cls"))), last_(token_of(spec.at("sep"))) {}

  void apply(std::vector<TokenId>& ids) const override {
    ids.insert(ids.begin(), first_.id);
    ids.push_back(last_.id);
  }

 protected:
  /// `first` and `last` may be null.
  static void surround(Encoding& encoding, const PlacedToken* first, const PlacedToken* last) {
    for (Encoding& window : encoding.overflowing) surround(window, first, last);
    Encoding out;
    if (first) append_special(out, *first);
    encoding.special_tokens_mask.assign(encoding.size(), 0);
    encoding.attention_mask.assign(encoding.size(), 1);
    std::vector<Encoding> windows = std::move(encoding.overflowing);
    encoding.overflowing.clear();
    append_encoding(out, encoding);
    if (last) append_special(out, *last);
    out.overflowing = std::move(windows);
    encoding = std::move(out);
  }

  PlacedToken first_, last_;

 private:
  static PlacedToken token_of(const JsonView& pair) {
    PlacedToken token{};
    size_t index = 0;
    pair.each_item([&](const JsonView& item) {
      if (index == 0) token.text = item.string();
      if (index++ == 1) token.id = read_id(item);
    });
    LF_CHECK(kFormat, index == 2, "{}: needed [token, id] but found {} items", pair.where(), index);
    return token;
  }
};

class BertProcessor : public Surround {
 public:
  using Surround::Surround;
  size_t added_tokens(bool pair) const override { return pair ? 3 : 2; }
  void process(std::vector<Encoding>& parts, bool add_special_tokens) const override {
    if (!add_special_tokens) return;
    const PlacedToken last_of_pair{last_.id, last_.text, 1};
    for (size_t i = 0; i < parts.size(); ++i)
      surround(parts[i], i == 0 ? &first_ : nullptr, i == 0 ? &last_ : &last_of_pair);
  }
};

/// All type ids are 0, and the second text has a sep on both sides.
class RobertaProcessor : public Surround {
 public:
  explicit RobertaProcessor(const JsonView& spec) : Surround(spec), trimmer_(spec) {}
  size_t added_tokens(bool pair) const override { return pair ? 4 : 2; }
  void process(std::vector<Encoding>& parts, bool add_special_tokens) const override {
    for (size_t i = 0; i < parts.size(); ++i) {
      trimmer_.apply(parts[i]);
      set_types(parts[i], 0);
      if (!add_special_tokens) continue;
      for (Encoding& window : parts[i].overflowing) set_types(window, 0);
      surround(parts[i], i == 0 ? &first_ : &last_, &last_);
    }
  }

 private:
  OffsetTrimmer trimmer_;
};

class ByteLevelProcessor : public PostProcessor {
 public:
  explicit ByteLevelProcessor(const JsonView& spec) : trimmer_(spec) {}
  void apply(std::vector<TokenId>&) const override {}
  size_t added_tokens(bool) const override { return 0; }
  void process(std::vector<Encoding>& parts, bool) const override {
    for (Encoding& part : parts) trimmer_.apply(part);
  }

 private:
  OffsetTrimmer trimmer_;
};

class ProcessorSequence : public SequenceOf<PostProcessor, std::vector<TokenId>> {
 public:
  explicit ProcessorSequence(const JsonView& spec) : SequenceOf(spec, "processors", make_post_processor) {}
  size_t added_tokens(bool pair) const override {
    size_t count = 0;
    for (const auto& part : parts_) count += part->added_tokens(pair);
    return count;
  }
  void process(std::vector<Encoding>& parts, bool add_special_tokens) const override {
    for (const auto& part : parts_) part->process(parts, add_special_tokens);
  }
};

template <class Part>
std::unique_ptr<PostProcessor> make(const JsonView& spec) {
  return std::make_unique<Part>(spec);
}

}  // namespace

std::unique_ptr<PostProcessor> make_post_processor(const JsonView& spec) {
  static constexpr std::pair<std::string_view, std::unique_ptr<PostProcessor> (*)(const JsonView&)> kTable[] = {
      {"TemplateProcessing", make<Template>},        {"BertProcessing", make<BertProcessor>},
      {"RobertaProcessing", make<RobertaProcessor>}, {"ByteLevel", make<ByteLevelProcessor>},
      {"Sequence", make<ProcessorSequence>},
  };
  return make_component(spec, "post-processor", kTable);
}

}  // namespace lf
