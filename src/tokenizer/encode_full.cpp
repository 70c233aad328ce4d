// encode_full: the steps of encode() with the places of the tokens. Every stretch carries what its bytes stand for in
// the text (AlignedText), models say where their tokens stand in a stretch, and at the end bytes become code points.
#include <algorithm>

#include "tokenizer/hf_tokenizer.h"
#include "tokenizer/unicode.h"

namespace lf {
namespace {

void append_token(Encoding& out, TokenId id, std::string text, Span span, uint32_t type_id) {
  out.ids.push_back(id);
  out.tokens.push_back(std::move(text));
  out.offsets.push_back(span);
  out.type_ids.push_back(type_id);
  out.special_tokens_mask.push_back(0);
  out.attention_mask.push_back(1);
}

}  // namespace

std::vector<HfTokenizer::Split> HfTokenizer::split_text(std::string_view text) const {
  std::vector<Split> splits;
  std::vector<AddedVocabulary::Section> sections;
  added_.cut_raw(text, sections);
  for (const auto& section : sections) {
    const std::string_view part = text.substr(section.begin, section.end - section.begin);
    if (section.id != kNoToken)
      splits.push_back(
          {std::string(part), AlignedText(part, static_cast<uint32_t>(section.begin)).spans(), section.id});
    else
      split_section(part, static_cast<uint32_t>(section.begin), splits);
  }
  return splits;
}

void HfTokenizer::split_section(std::string_view section, uint32_t base, std::vector<Split>& out) const {
  AlignedText text(section, base);
  if (normalizer_) normalizer_->apply_aligned(text);
  std::vector<AddedVocabulary::Section> stretches;
  added_.cut_normalized(text.text(), stretches);
  for (const auto& [begin, end, id] : stretches) {
    if (id == kNoToken) {
      split_stretch(text, begin, end, out);
    } else {
      const auto first = text.spans().begin();
      out.push_back({text.text().substr(begin, end - begin),
                     {first + static_cast<ptrdiff_t>(begin), first + static_cast<ptrdiff_t>(end)},
                     id});
    }
  }
}

void HfTokenizer::split_stretch(const AlignedText& text, size_t begin, size_t end, std::vector<Split>& out) const {
  if (begin == end) return;
  PreText pieces(std::string_view(text.text()).substr(begin, end - begin),
                 std::span(text.spans()).subspan(begin, end - begin));
  if (pre_tokenizer_) pre_tokenizer_->apply(pieces);
  for (size_t i = 0; i < pieces.pieces.size(); ++i) {
    const auto [piece_begin, piece_end] = pieces.pieces[i];
    if (piece_begin == piece_end) continue;
    const auto first = pieces.spans.begin();
    out.push_back({std::string(pieces.piece(i)),
                   {first + static_cast<ptrdiff_t>(piece_begin), first + static_cast<ptrdiff_t>(piece_end)}});
  }
}

Encoding HfTokenizer::encode_sequence(std::string_view text, uint32_t type_id) const {
  check_text_size(text);
  std::string repaired;
  if (!is_valid_utf8(text)) {
    repaired = to_valid_utf8(text);
    text = repaired;
  }
  const CodePointIndex index(text);
  Encoding out;
  std::vector<TokenSpan> tokens;
  for (const Split& split : split_text(text)) {
    tokens.clear();
    if (split.added != kNoToken)
      tokens.push_back({split.added, 0, static_cast<uint32_t>(split.text.size()), true});
    else
      model_->tokenize_spans(split.text, tokens);
    for (const TokenSpan& token : tokens) {
      const bool inside = token.begin < token.end && token.end <= split.spans.size();
      const ByteSpan bytes = inside ? ByteSpan{split.spans[token.begin].begin, split.spans[token.end - 1].end}
                                    : ByteSpan{token.begin, token.end};
      std::string name = token.surface ? split.text.substr(token.begin, token.end - token.begin)
                                       : std::string(model_->vocab().text(token.id).value_or(""));
      append_token(out, token.id, std::move(name), index.convert(bytes), type_id);
    }
  }
  return out;
}

Encoding HfTokenizer::encode_full(std::string_view text, std::optional<std::string_view> pair,
                                  const EncodeOptions& options) const {
  std::vector<Encoding> parts{encode_sequence(text, 0)};
  if (pair) parts.push_back(encode_sequence(*pair, 1));
  if (options.truncate && truncation_) {
    const size_t added =
        options.add_special_tokens && post_processor_ ? post_processor_->added_tokens(pair.has_value()) : 0;
    LF_CHECK(kData, truncation_->max_length >= added, "truncation to {} tokens leaves no room for {} special tokens",
             truncation_->max_length, added);
    truncation_->apply(parts[0], pair ? &parts[1] : nullptr, truncation_->max_length - added);
  }
  if (post_processor_) post_processor_->process(parts, options.add_special_tokens);
  Encoding out;
  for (const Encoding& part : parts) append_encoding(out, part);
  if (options.pad && padding_) padding_->apply(out);
  return out;
}

}  // namespace lf
