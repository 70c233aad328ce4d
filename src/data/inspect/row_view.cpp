#include "data/inspect/row_view.h"

#include <span>

#include "base/strings.h"

namespace lf {
namespace {

using Ids = std::span<const int32_t>;

/// Text of each token; of tokens that share a character the last one has it.
std::vector<std::string> token_texts(Ids ids, const Tokenizer& tokenizer) {
  StreamDecoder decoder(tokenizer, /*skip_special_tokens=*/false);
  std::vector<std::string> texts;
  for (const int32_t id : ids) texts.push_back(decoder.push(id));
  if (!texts.empty()) texts.back() += decoder.finish();
  return texts;
}

bool bears_loss(Ids labels, size_t i) { return i < labels.size() && labels[i] != kIgnoreLabel; }

std::string escaped(std::string_view text) { return printable(text, 4 * text.size() + 16); }

class RowView {
 public:
  RowView(const InspectedRow& row, const RowEncoding* encoding, const ViewStyle& style)
      : row_(row), encoding_(encoding), style_(style) {}

  std::string text() {
    out_ = fmt::format("{}row {} ({}){}\n", bold(), row_.index + 1, row_.where, plain());
    if (!row_.error.empty()) return out_ + "  error: " + escaped(row_.error) + "\n";
    conversation();
    if (!row_.conversation.note.empty()) line("note", row_.conversation.note);
    if (!row_.dropped.empty())
      line("dropped", row_.dropped);
    else if (encoding_ && encoding_->encoder)
      tokens();
    return out_;
  }

 private:
  const char* bold() const { return style_.colour ? "\x1b[1m" : ""; }
  const char* plain() const { return style_.colour ? "\x1b[0m" : ""; }
  void line(std::string_view name, std::string_view text) { out_ += fmt::format("  {:<12} {}\n", name, escaped(text)); }

  void conversation() {
    const Conversation& c = row_.conversation;
    if (!c.system.empty()) line("system", c.system);
    if (!c.tools.empty()) line("tools", c.tools);
    for (const Message& message : c.prompt) line(role_name(message.role), message.content);
    const bool pair = c.response.size() == 2;
    for (size_t i = 0; i < c.response.size(); ++i) {
      const char* name = pair ? (i == 0 ? "chosen" : "rejected") : role_name(c.response[i].role);
      line(fmt::format("{} *", name), c.response[i].content);
    }
    media("images", c.images);
    media("videos", c.videos);
    media("audios", c.audios);
    const std::vector<std::string> specials = encoding_ ? encoding_->specials.in(c) : SpecialTexts().in(c);
    if (!specials.empty()) line("special text", join(specials, " "));
  }
  void media(std::string_view name, const std::vector<Media>& list) {
    for (const Media& one : list)
      line(name, one.bytes.empty() ? join(one.paths, ", ") : human_bytes(one.bytes.size()) + " in the dataset");
  }

  void tokens() {
    const EncodedExample& e = row_.example;
    if (e.kind == ExampleKind::kPairwise || e.kind == ExampleKind::kFeedback) {
      const bool pairwise = e.kind == ExampleKind::kPairwise;
      token_runs(pairwise ? "chosen" : e.desirable ? "desirable" : "undesirable", e.ids, e.labels);
      token_runs(pairwise ? "rejected" : "kl", e.second_ids, e.second_labels);
    } else if (e.kind == ExampleKind::kUnsupervised) {
      token_runs("prompt", e.ids, {});
      token_runs("reference", e.labels, e.labels);
    } else {
      token_runs("tokens", e.ids, e.labels);
    }
    if (row_.whole_length > static_cast<int64_t>(std::max(e.ids.size(), e.second_ids.size())))
      line("cut",
           fmt::format("{} tokens before cutting (cutoff_len {})", row_.whole_length, encoding_->options.cutoff_len));
  }

  void token_runs(std::string_view name, Ids ids, Ids labels) {
    size_t loss = 0;
    for (size_t i = 0; i < ids.size(); ++i) loss += bears_loss(labels, i);
    line(name, fmt::format("{}, of which {} bear loss", ids.size(), loss));
    const std::vector<std::string> texts = token_texts(ids, *encoding_->tokenizer);
    for (size_t from = 0, to = 0; from < ids.size(); from = to) {
      const bool learned = bears_loss(labels, from);
      while (to < ids.size() && bears_loss(labels, to) == learned) ++to;
      out_ += fmt::format("    {:<8} {}\n", learned ? "loss" : "no loss", pieces(texts, from, to, learned));
    }
  }

  std::string pieces(const std::vector<std::string>& texts, size_t from, size_t to, bool learned) const {
    const std::string border = style_.colour ? std::string("\x1b[2m") + bar() + "\x1b[0m" : bar();
    std::string out = border;
    size_t shared = 1;
    for (size_t i = from; i < to; ++i) {
      if (texts[i].empty() && i + 1 < to) {
        ++shared;
        continue;
      }
      const std::string text = escaped(texts[i]);
      out += style_.colour && learned ? "\x1b[4;32m" + text + "\x1b[0m" : text;
      if (shared > 1) out += fmt::format("{}{}", style_.utf8 ? "×" : "*", shared);
      out += border;
      shared = 1;
    }
    return out;
  }
  std::string bar() const { return style_.utf8 ? "│" : "|"; }

  const InspectedRow& row_;
  const RowEncoding* encoding_;
  ViewStyle style_;
  std::string out_;
};

Json messages_json(const std::vector<Message>& messages) {
  Json list = Json::array();
  for (const Message& message : messages)
    list.push_back({{"role", role_name(message.role)}, {"content", message.content}});
  return list;
}

Json media_json(const std::vector<Media>& list) {
  Json out = Json::array();
  for (const Media& media : list)
    out.push_back(media.bytes.empty() ? Json(media.paths) : Json{{"bytes", media.bytes.size()}});
  return out;
}

Json tokens_json(Ids ids, Ids labels, const Tokenizer& tokenizer) {
  Json list = Json::array();
  const std::vector<std::string> texts = token_texts(ids, tokenizer);
  for (size_t i = 0; i < ids.size(); ++i)
    list.push_back({{"id", ids[i]}, {"text", texts[i]}, {"loss", bears_loss(labels, i)}});
  return list;
}

void add_tokens(const InspectedRow& row, const RowEncoding& encoding, Json& out) {
  const EncodedExample& e = row.example;
  const Tokenizer& tokenizer = *encoding.tokenizer;
  const bool reference = e.kind == ExampleKind::kUnsupervised;
  out["tokens"] = tokens_json(e.ids, reference ? Ids() : Ids(e.labels), tokenizer);
  if (reference) out["reference_tokens"] = tokens_json(e.labels, e.labels, tokenizer);
  if (e.kind == ExampleKind::kPairwise) out["rejected_tokens"] = tokens_json(e.second_ids, e.second_labels, tokenizer);
  if (e.kind == ExampleKind::kFeedback) {
    out["kl_tokens"] = tokens_json(e.second_ids, e.second_labels, tokenizer);
    out["desirable"] = e.desirable;
  }
}

}  // namespace

std::string view_row(const InspectedRow& row, const RowEncoding* encoding, const ViewStyle& style) {
  return RowView(row, encoding, style).text();
}

Json row_json(const InspectedRow& row, const RowEncoding* encoding) {
  const Conversation& c = row.conversation;
  Json out = {{"row", row.index + 1}, {"where", row.where}};
  if (!row.error.empty()) {
    out["error"] = row.error;
    return out;
  }
  out["system"] = c.system;
  out["tools"] = c.tools;
  out["messages"] = messages_json(c.prompt);
  out["response"] = messages_json(c.response);
  for (const auto& [name, list] : {std::pair{"images", &c.images}, {"videos", &c.videos}, {"audios", &c.audios}}) {
    if (!list->empty()) out[name] = media_json(*list);
  }
  if (!c.note.empty()) out["note"] = c.note;
  if (!row.dropped.empty())
    out["dropped"] = row.dropped;
  else if (encoding && encoding->encoder)
    add_tokens(row, *encoding, out);
  return out;
}

}  // namespace lf
