// The parts of a tokenizer.json pipeline, one interface per kind, and the tables that make them from their JSON.
// Adding a component: a class in the folder of its kind and one line in that kind's make_*.cpp.
#pragma once
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tokenizer/aligned_text.h"
#include "tokenizer/json_view.h"
#include "tokenizer/split_matchers.h"
#include "tokenizer/tokenizer.h"
#include "tokenizer/vocab.h"

namespace lf {

/// Rewrites a stretch of text before it is split. Input and output are valid UTF-8.
class Normalizer {
 public:
  virtual ~Normalizer() = default;
  virtual void apply(std::string& text) const = 0;
  /// The same text, and where it came from.
  virtual void apply_aligned(AlignedText& text) const = 0;
};

/// A text cut into pieces. Splitting replaces `pieces`; components that change characters also replace the text. With
/// spans (see AlignedText) every change says where its bytes come from; without, nothing is kept about that.
struct PreText {
  struct Piece {
    size_t begin, end;
  };

  /// `at_start`: the text stands at the beginning of the whole input.
  PreText(std::string_view whole, bool at_start) : text(whole), pieces{{0, whole.size()}}, at_start(at_start) {}
  /// `whole_spans`: one for each byte of `whole`.
  PreText(std::string_view whole, std::span<const ByteSpan> whole_spans)
      : text(whole), pieces{{0, whole.size()}}, at_start(false), spans(whole_spans) {}
  PreText(const PreText&) = delete;
  PreText& operator=(const PreText&) = delete;

  std::string_view piece(size_t i) const { return text.substr(pieces[i].begin, pieces[i].end - pieces[i].begin); }
  bool has_spans() const { return !spans.empty(); }
  /// Piece i (not empty) begins where the whole input begins.
  bool begins_input(size_t i) const {
    return has_spans() ? spans[pieces[i].begin].begin == 0 : at_start && pieces[i].begin == 0;
  }
  /// `sources` counts when there are spans: for each byte of `changed` the byte of the text it stands for.
  void replace(std::string changed, std::vector<Piece> cut, const std::vector<uint32_t>& sources);

  std::string_view text;
  std::vector<Piece> pieces;
  bool at_start;
  std::span<const ByteSpan> spans;
  std::string storage;
  std::vector<ByteSpan> span_storage;
};

class PreTokenizer {
 public:
  virtual ~PreTokenizer() = default;
  virtual void apply(PreText& text) const = 0;
  /// Called on the last step of a pipeline whose model works on raw bytes: true when the step then leaves the byte
  /// mapping out.
  virtual bool leave_bytes_raw() { return false; }
  /// Asks where a piece stands in the original text, and PreText::at_start alone cannot tell. `unchanged`: nothing
  /// before this step changes or cuts the text.
  virtual bool needs_origin(bool unchanged) const { return false; }
  /// When the step does nothing but cut the text, isolating what some matchers match one after the other: appends those
  /// matchers. false when it is something else.
  virtual bool append_matchers(std::vector<SplitMatcher>& chain) const { return false; }
};

/// A token of a piece: where it stands in it, in bytes.
struct TokenSpan {
  TokenId id;
  uint32_t begin, end;
  bool surface = false;  // the token string is the text it stands for, not the vocabulary's (Unigram's unknowns)
};

class Model {
 public:
  virtual ~Model() = default;
  /// Appends the ids of one piece (not empty).
  virtual void tokenize(std::string_view piece, std::vector<TokenId>& out) const = 0;
  /// The same tokens with their places.
  virtual void tokenize_spans(std::string_view piece, std::vector<TokenSpan>& out) const = 0;
  /// Appends the ids of all pieces that `text` is cut into by isolating the matches of `match`.
  virtual void tokenize_words(std::string_view text, SplitMatcher match, std::vector<TokenId>& out) const {
    each_piece(text, match, [&](std::string_view piece) { tokenize(piece, out); });
  }
  virtual const Vocab& vocab() const = 0;
  /// Makes the model read raw bytes where it would read ByteLevel's letters; false when it cannot.
  virtual bool read_raw_bytes() { return false; }
  /// Called once when the pipeline stands, before texts come: a place to work out what makes tokenize() fast.
  virtual void prepare() {}
};

/// A step from token strings back to text; the results of the last one are concatenated.
class TokenDecoder {
 public:
  virtual ~TokenDecoder() = default;
  virtual void apply(std::vector<std::string>& tokens) const = 0;
};

/// Puts special tokens round the ids of one text.
class PostProcessor {
 public:
  virtual ~PostProcessor() = default;
  /// Ids only: one text, with special tokens.
  virtual void apply(std::vector<TokenId>& ids) const = 0;
  /// How many special tokens a text or a pair gets.
  virtual size_t added_tokens(bool pair) const = 0;
  /// `parts`: the encodings of a text or of the two of a pair, in and out; the caller joins them.
  virtual void process(std::vector<Encoding>& parts, bool add_special_tokens) const = 0;
};

/// kUnsupported names the component and the file when the type is not known.
std::unique_ptr<Normalizer> make_normalizer(const JsonView& spec);
std::unique_ptr<PreTokenizer> make_pre_tokenizer(const JsonView& spec);
std::unique_ptr<Model> make_model(const JsonView& spec);
std::unique_ptr<TokenDecoder> make_decoder(const JsonView& spec);
std::unique_ptr<PostProcessor> make_post_processor(const JsonView& spec);

[[noreturn]] void unsupported_component(const JsonView& spec, std::string_view kind, std::string_view type);

/// Looks the "type" of `spec` up in `table` ({name, factory} pairs).
template <class Part, size_t kCount>
std::unique_ptr<Part> make_component(
    const JsonView& spec, std::string_view kind,
    const std::pair<std::string_view, std::unique_ptr<Part> (*)(const JsonView&)> (&table)[kCount]) {
  const std::string_view type = spec.at("type").string();
  for (const auto& [name, make] : table) {
    if (name == type) return make(spec);
  }
  unsupported_component(spec, kind, type);
}

/// A chain of parts, from the list `key` of a Sequence.
template <class Part, class Argument>
class SequenceOf : public Part {
 public:
  SequenceOf(const JsonView& spec, std::string_view key, std::unique_ptr<Part> (*make)(const JsonView&)) {
    spec.at(key).each_item([&](const JsonView& item) { parts_.push_back(make(item)); });
  }
  void apply(Argument& value) const override {
    for (const auto& part : parts_) part->apply(value);
  }

 protected:
  std::vector<std::unique_ptr<Part>> parts_;
};

}  // namespace lf
