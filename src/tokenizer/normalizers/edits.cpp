// Normalizers that put text in: Prepend, Replace, ByteLevel's letters.
#include "tokenizer/byte_level.h"
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

 private:
  std::string prefix_;
};

class Replace : public Normalizer {
 public:
  Replace(const JsonView& pattern, std::string_view content) : pattern_(pattern), content_(content) {}
  void apply(std::string& text) const override { pattern_.replace_all(text, content_); }

 private:
  Pattern pattern_;
  std::string content_;
};

class ByteLetters : public Normalizer {
 public:
  void apply(std::string& text) const override { text = bytes_to_letters(text); }
};

}  // namespace

std::unique_ptr<Normalizer> make_prepend(const JsonView& spec) {
  return std::make_unique<Prepend>(spec.at("prepend").string());
}
std::unique_ptr<Normalizer> make_replace(const JsonView& spec) {
  return std::make_unique<Replace>(spec.at("pattern"), spec.at("content").string());
}
std::unique_ptr<Normalizer> make_byte_letters(const JsonView&) { return std::make_unique<ByteLetters>(); }

}  // namespace lf
