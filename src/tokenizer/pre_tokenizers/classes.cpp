// Pre-tokenizers that cut by kinds of characters: Digits, Punctuation, Whitespace, WhitespaceSplit, BertPreTokenizer.
#include "tokenizer/pre_tokenizers/cutting.h"
#include "tokenizer/pre_tokenizers/pre_tokenizers.h"
#include "tokenizer/unicode.h"
#include "tokenizer/unicode_versions.h"

namespace lf {
namespace {

using CharTest = bool (*)(char32_t);

/// Every character that passes the test is a match of its own.
class CharSplit : public PreTokenizer {
 public:
  CharSplit(CharTest test, SplitBehavior behavior) : test_(test), behavior_(behavior) {}
  void apply(PreText& text) const override {
    cut_pieces(text, behavior_, false, [&](std::string_view piece, std::vector<TextRange>& matches) {
      for (size_t at = 0; at < piece.size();) {
        const CodePoint point = code_point_at(piece, at);
        if (test_(point.value)) matches.push_back({at, at + point.bytes});
        at += point.bytes;
      }
    });
  }

 private:
  CharTest test_;
  SplitBehavior behavior_;
};

class BertSplit : public PreTokenizer {
 public:
  void apply(PreText& text) const override {
    spaces_.apply(text);
    signs_.apply(text);
  }

 private:
  CharSplit spaces_{is_white_space, SplitBehavior::kRemoved};
  CharSplit signs_{is_old_punctuation, SplitBehavior::kIsolated};
};

/// Runs of word characters and runs of what is neither word nor white space.
class Whitespace : public PreTokenizer {
 public:
  void apply(PreText& text) const override {
    cut_pieces(text, SplitBehavior::kRemoved, true, [](std::string_view piece, std::vector<TextRange>& matches) {
      int previous = kSpace;
      for (size_t at = 0; at < piece.size();) {
        const CodePoint point = code_point_at(piece, at);
        const int kind = is_word(point.value) ? kWord : is_white_space(point.value) ? kSpace : kOther;
        if (kind != kSpace && kind == previous)
          matches.back().end = at + point.bytes;
        else if (kind != kSpace)
          matches.push_back({at, at + point.bytes});
        previous = kind;
        at += point.bytes;
      }
    });
  }

 private:
  enum { kSpace, kWord, kOther };
};

}  // namespace

std::unique_ptr<PreTokenizer> make_digits(const JsonView& spec) {
  const bool single = spec.boolean_or("individual_digits", false);
  return std::make_unique<CharSplit>(is_numeric, single ? SplitBehavior::kIsolated : SplitBehavior::kContiguous);
}

std::unique_ptr<PreTokenizer> make_punctuation(const JsonView& spec) {
  const auto behavior = spec.find("behavior");
  return std::make_unique<CharSplit>(is_old_punctuation,
                                     behavior ? split_behavior(*behavior) : SplitBehavior::kIsolated);
}

std::unique_ptr<PreTokenizer> make_whitespace(const JsonView&) { return std::make_unique<Whitespace>(); }

std::unique_ptr<PreTokenizer> make_bert_split(const JsonView&) { return std::make_unique<BertSplit>(); }

std::unique_ptr<PreTokenizer> make_whitespace_split(const JsonView&) {
  return std::make_unique<CharSplit>(is_white_space, SplitBehavior::kRemoved);
}

}  // namespace lf
