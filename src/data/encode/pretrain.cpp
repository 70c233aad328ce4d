// Stage pt. BOS: in front of each text, or, packed, in place of the first id of each block (tokenizers with
// add_bos_token).
#include "base/error.h"
#include "data/encode/encoder.h"
#include "data/encode/rows.h"

namespace lf {
namespace {

class PretrainEncoder final : public Encoder {
 public:
  PretrainEncoder(const DataOptions& options, const Tokenizer& tokenizer)
      : tokenizer_(tokenizer), cutoff_(options.cutoff_len), packing_(options.packing.value_or(true)) {
    end_ = options.template_name == "llama3" ? "<|end_of_text|>" : tokenizer.special_tokens().eos;
    if (!tokenizer.add_bos_token()) return;
    begin_ = tokenizer.special_tokens().bos;
    bos_ = tokenizer.bos_id();
    LF_CHECK(kConfig, bos_, "the tokenizer asks for a BOS token in front of texts but has none");
  }

  ExampleKind kind() const override { return ExampleKind::kSupervised; }

  EncodedRow encode(std::span<const Conversation> batch, size_t index) const override {
    const Conversation& conversation = batch[index];
    if (std::string why = why_no_text(conversation); !why.empty()) return {{}, std::move(why)};
    EncodedRow row;
    row.example.media = media_of(conversation);
    const std::string text = conversation.prompt.front().content + end_;
    row.example.ids = tokenizer_.encode(packing_ ? text : begin_ + text);
    if (!packing_ && static_cast<int64_t>(row.example.ids.size()) > cutoff_) row.example.ids.resize(cutoff_);
    if (!packing_) row.example.labels = row.example.ids;
    return row;
  }

  std::vector<EncodedExample> finish(std::vector<EncodedExample> rows) const override {
    if (!packing_) return rows;
    std::vector<int32_t> all;
    for (const EncodedExample& row : rows) all.insert(all.end(), row.ids.begin(), row.ids.end());
    std::vector<EncodedExample> blocks(all.size() / cutoff_);
    for (size_t i = 0; i < blocks.size(); ++i) {
      const auto first = all.begin() + static_cast<int64_t>(i) * cutoff_;
      blocks[i].ids.assign(first, first + cutoff_);
      if (bos_) blocks[i].ids.front() = *bos_;
      blocks[i].labels = blocks[i].ids;
    }
    return blocks;
  }

 private:
  const Tokenizer& tokenizer_;
  int64_t cutoff_;
  bool packing_;
  std::string begin_, end_;
  std::optional<TokenId> bos_;
};

}  // namespace

std::unique_ptr<Encoder> make_pretrain_encoder(const DataOptions& options, const Tokenizer& tokenizer) {
  check_cutoff(options);
  return std::make_unique<PretrainEncoder>(options, tokenizer);
}

}  // namespace lf
