// Normalizers that put text in: Prepend and Replace.
#include "tokenizer/normalizers/normalizers.h"
#include "tokenizer/pattern.h"

namespace lf {
namespace {

class Prepend : public Normalizer {
 public:
  explicit Prepend(std::string_view prefix) : prefix_(prefix) {}
  void apply(std::string& text) const override {
    if (!text.empty()) text.insert(0, prefix_);
  }
  /// The prefix stands for what the first character stands for.
  void apply_aligned(AlignedText& text) const override {
    const std::string& old = text.text();
    if (old.empty() || prefix_.empty()) return;
    std::vector<uint32_t> sources(prefix_.size(), 0);
    for (uint32_t i = 0; i < old.size(); ++i) sources.push_back(i);
    text.replace(prefix_ + old, sources);
  }

 private:
  std::string prefix_;
};

class Replace : public Normalizer {
 public:
  Replace(const JsonView& pattern, std::string_view content) : pattern_(pattern), content_(content) {}
  void apply(std::string& text) const override { pattern_.replace_all(text, content_); }
  void apply_aligned(AlignedText& text) const override {
    std::string changed = text.text();
    std::vector<uint32_t> sources;
    pattern_.replace_all(changed, content_, &sources);
    text.replace(std::move(changed), sources);
  }

 private:
  Pattern pattern_;
  std::string content_;
};

}  // namespace

std::unique_ptr<Normalizer> make_prepend(const JsonView& spec) {
  return std::make_unique<Prepend>(spec.at("prepend").string());
}
std::unique_ptr<Normalizer> make_replace(const JsonView& spec) {
  return std::make_unique<Replace>(spec.at("pattern"), spec.at("content").string());
}

}  // namespace lf
