#include "data/encode/escape_special.h"

#include <algorithm>
#include <functional>

#include "base/strings.h"
#include "data/source/utf8.h"

namespace lf {
namespace {

/// U+FDD1, a noncharacter: no text has a reason to hold it.
constexpr std::string_view kMark = "\xEF\xB7\x91";

/// The length of something that looks like a special token at the start of `text`, or 0.
size_t special_look(std::string_view text) {
  for (const std::string_view word : {"<s>", "</s>", "<bos>", "<eos>", "<pad>", "<unk>", "[INST]", "[/INST]",
                                      "<start_of_turn>", "<end_of_turn>", "<<SYS>>", "<</SYS>>"}) {
    if (text.starts_with(word)) return word.size();
  }
  const bool wide = text.starts_with("<｜");
  if (!wide && !text.starts_with("<|")) return 0;
  const std::string_view close = wide ? "｜>" : "|>";
  const size_t end = text.substr(0, 80).find(close, 2);
  if (end == std::string_view::npos || text.substr(0, end).find_first_of(" \t\n") != std::string_view::npos) return 0;
  return end + close.size();
}

void for_each_text(Conversation& conversation, const std::function<void(std::string&)>& visit) {
  for (auto* messages : {&conversation.prompt, &conversation.response}) {
    for (Message& message : *messages) visit(message.content);
  }
  visit(conversation.system);
  visit(conversation.tools);
}

/// Cuts texts at marks and tokenizes the pieces one by one.
class EscapingTokenizer final : public Tokenizer {
 public:
  explicit EscapingTokenizer(const Tokenizer& tokenizer) : inner_(tokenizer) {}

  std::vector<TokenId> encode(std::string_view text, bool add_special_tokens) const override {
    size_t cut = text.find(kMark);
    std::vector<TokenId> ids = inner_.encode(text.substr(0, cut), add_special_tokens);
    while (cut != std::string_view::npos) {
      text.remove_prefix(cut + kMark.size());
      cut = text.find(kMark);
      const std::vector<TokenId> more = inner_.encode(text.substr(0, cut), false);
      ids.insert(ids.end(), more.begin(), more.end());
    }
    return ids;
  }
  std::string decode(std::span<const TokenId> ids, bool skip) const override { return inner_.decode(ids, skip); }
  std::optional<TokenId> token_to_id(std::string_view token) const override { return inner_.token_to_id(token); }
  std::optional<std::string> id_to_token(TokenId id) const override { return inner_.id_to_token(id); }
  size_t size() const override { return inner_.size(); }
  bool is_special(TokenId id) const override { return inner_.is_special(id); }
  const SpecialTokens& special_tokens() const override { return inner_.special_tokens(); }
  bool add_bos_token() const override { return inner_.add_bos_token(); }
  const std::string& chat_template() const override { return inner_.chat_template(); }
  std::vector<std::pair<std::string, std::string>> files() const override { return inner_.files(); }

  void set_eos(std::string_view) override { refuse(); }
  void set_pad(std::string_view) override { refuse(); }
  void add_special_tokens(const std::vector<std::string>&) override { refuse(); }
  void set_chat_template(std::string) override { refuse(); }
  void set_model_max_length(int64_t) override { refuse(); }
  void set_padding_side(std::string_view) override { refuse(); }

 private:
  [[noreturn]] static void refuse() { throw_error(ErrorKind::kInternal, "a view of a tokenizer cannot be changed"); }

  const Tokenizer& inner_;
};

class EscapingEncoder final : public Encoder {
 public:
  EscapingEncoder(MakeEncoder make, const std::string& stage, bool generate, const DataOptions& options,
                  const Tokenizer& tokenizer, const Template& chat_template)
      : specials_(tokenizer, chat_template), tokenizer_(tokenizer), options_(options) {
    options_.escape_special = false;
    inner_ = make(stage, generate, options_, tokenizer_, chat_template);
  }

  ExampleKind kind() const override { return inner_->kind(); }
  EncodedRow encode(std::span<const Conversation> batch, size_t row) const override {
    if (kind() != ExampleKind::kFeedback) {
      const Conversation one = escaped(batch[row]);
      return inner_->encode({&one, 1}, 0);
    }
    std::vector<Conversation> all;  // the KL pair takes the response of another row
    for (const Conversation& conversation : batch) all.push_back(escaped(conversation));
    return inner_->encode(all, row);
  }
  std::vector<EncodedExample> finish(std::vector<EncodedExample> rows) const override {
    return inner_->finish(std::move(rows));
  }
  bool packs_whole_set() const override { return inner_->packs_whole_set(); }
  Dataset complete(Dataset rows, const std::string& name) const override {
    return inner_->complete(std::move(rows), name);
  }

 private:
  Conversation escaped(Conversation conversation) const {
    for_each_text(conversation, [this](std::string& text) { text = specials_.marked(text); });
    return conversation;
  }

  SpecialTexts specials_;
  EscapingTokenizer tokenizer_;
  DataOptions options_;
  std::unique_ptr<Encoder> inner_;
};

}  // namespace

std::unique_ptr<Encoder> make_escaping_encoder(MakeEncoder make, const std::string& stage, bool generate,
                                               const DataOptions& options, const Tokenizer& tokenizer,
                                               const Template& chat_template) {
  return std::make_unique<EscapingEncoder>(make, stage, generate, options, tokenizer, chat_template);
}

SpecialTexts::SpecialTexts(const Tokenizer& tokenizer, const Template& chat_template) : exact_(true) {
  const auto& [open, close] = chat_template.thought_words();
  for (size_t id = 0; id < tokenizer.size(); ++id) {
    if (!tokenizer.is_special(static_cast<TokenId>(id))) continue;
    const auto text = tokenizer.id_to_token(static_cast<TokenId>(id));
    if (text && !text->empty() && trim(*text) != trim(open) && trim(*text) != trim(close)) texts_.push_back(*text);
  }
  std::sort(texts_.begin(), texts_.end(), [](const auto& a, const auto& b) { return a.size() > b.size(); });
}

template <class Found>
void SpecialTexts::find(std::string_view text, Found&& found) const {
  std::string starts = exact_ ? "" : "<[";
  for (const std::string& special : texts_) {
    if (starts.find(special[0]) == std::string::npos) starts += special[0];
  }
  for (size_t at = text.find_first_of(starts); at != std::string_view::npos; at = text.find_first_of(starts, at + 1)) {
    const std::string_view rest = text.substr(at);
    size_t length = exact_ ? 0 : special_look(rest);
    for (const std::string& special : texts_) {
      if (rest.starts_with(special)) {
        length = special.size();
        break;
      }
    }
    if (length > 0) found(at, rest.substr(0, length));
  }
}

std::vector<std::string> SpecialTexts::in(std::string_view text) const {
  std::vector<std::string> all;
  find(text, [&](size_t, std::string_view special) { all.emplace_back(special); });
  return all;
}

std::vector<std::string> SpecialTexts::in(const Conversation& conversation) const {
  std::vector<std::string> all;
  Conversation copy = conversation;
  for_each_text(copy, [&](std::string& text) {
    for (std::string& special : in(text)) all.push_back(std::move(special));
  });
  return all;
}

std::string SpecialTexts::marked(std::string_view text) const {
  std::string out;
  size_t copied = 0;
  find(text, [&](size_t at, std::string_view special) {
    const size_t first = std::max<size_t>(utf8_length(special), 1);
    if (first == special.size()) return;  // one character cannot be cut
    out.append(text.substr(copied, at + first - copied));
    out.append(kMark);
    copied = at + first;
  });
  return out.append(text.substr(copied));
}

}  // namespace lf
