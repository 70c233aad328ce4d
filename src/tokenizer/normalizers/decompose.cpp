#include <unicode/normalizer2.h>
#include <unicode/uniset.h>

#include <algorithm>
#include <optional>

#include "base/error.h"
#include "tokenizer/normalizers/unicode_forms.h"

namespace lf {
namespace {

const icu::Normalizer2& icu_form(bool compatibility) {
  UErrorCode error = U_ZERO_ERROR;
  const icu::Normalizer2* form =
      compatibility ? icu::Normalizer2::getNFKCInstance(error) : icu::Normalizer2::getNFCInstance(error);
  LF_CHECK(kInternal, U_SUCCESS(error), "ICU: {}", u_errorName(error));
  return *form;
}

const icu::UnicodeSet& newer_characters() {
  static const icu::UnicodeSet set = [] {
    UErrorCode error = U_ZERO_ERROR;
    icu::UnicodeSet made(icu::UnicodeString("[[[:NFKD_QC=N:][:^ccc=0:]]-[:age=9.0:]]"), error);
    LF_CHECK(kInternal, U_SUCCESS(error), "ICU: {}", u_errorName(error));
    made.freeze();
    return made;
  }();
  return set;
}

struct Item {
  Edit edit;
  uint8_t combining_class;
};

class Decomposer {
 public:
  explicit Decomposer(bool compatibility) : form_(icu_form(compatibility)) {}

  std::vector<Item> run(std::string_view text) {
    items_.reserve(text.size());
    for (size_t at = 0; at < text.size();) {
      const CodePoint point = code_point_at(text, at);
      add(point.value);
      at += point.bytes;
    }
    sort_marks(items_.size());
    return std::move(items_);
  }

 private:
  void add(char32_t c) {
    constexpr char32_t kFirstDecomposing = 0xA0;
    if (c < kFirstDecomposing || is_newer_than_forms(c)) return push(c, 0, 0);
    if (!form_.getDecomposition(static_cast<UChar32>(c), parts_))
      return push(c, 0, form_.getCombiningClass(static_cast<UChar32>(c)));
    for (int32_t i = 0; i < parts_.length(); i = parts_.moveIndex32(i, 1)) {
      const UChar32 part = parts_.char32At(i);
      push(static_cast<char32_t>(part), i > 0, form_.getCombiningClass(part));
    }
  }

  void push(char32_t c, int32_t change, uint8_t combining_class) {
    if (combining_class == 0) sort_marks(items_.size());
    items_.push_back({{c, change}, combining_class});
    if (combining_class == 0) run_begin_ = items_.size();
  }

  /// Puts the marks from run_begin_ on into canonical order.
  void sort_marks(size_t end) {
    const auto begin = items_.begin() + static_cast<ptrdiff_t>(run_begin_);
    std::stable_sort(begin, items_.begin() + static_cast<ptrdiff_t>(end),
                     [](const Item& a, const Item& b) { return a.combining_class < b.combining_class; });
    run_begin_ = end;
  }

  const icu::Normalizer2& form_;
  icu::UnicodeString parts_;
  std::vector<Item> items_;
  size_t run_begin_ = 0;
};

std::optional<char32_t> compose_pair(char32_t first, char32_t second) {
  const UChar32 pair = icu_form(false).composePair(static_cast<UChar32>(first), static_cast<UChar32>(second));
  if (pair < 0 || is_newer_than_forms(static_cast<char32_t>(pair))) return std::nullopt;
  return static_cast<char32_t>(pair);
}

/// Canonical composition. A composed character counts the characters it swallowed, wherever they stood.
class Composer {
 public:
  std::vector<Edit> run(const std::vector<Item>& items) {
    out_.reserve(items.size());
    for (const Item& item : items) add(item);
    flush();
    return std::move(out_);
  }

 private:
  void add(const Item& item) {
    if (!starter_) {
      if (item.combining_class != 0)
        out_.push_back(item.edit);
      else
        starter_ = item.edit;
      return;
    }
    const bool blocked = !waiting_.empty() && last_class_ >= item.combining_class;
    if (!blocked) {
      if (const auto pair = compose_pair(starter_->c, item.edit.c)) {
        starter_ = Edit{*pair, starter_->change + item.edit.change - 1};
        return;
      }
    }
    if (item.combining_class == 0) {
      flush();
      starter_ = item.edit;
    } else {
      waiting_.push_back(item.edit);
      last_class_ = item.combining_class;
    }
  }

  void flush() {
    if (starter_) out_.push_back(*starter_);
    starter_.reset();
    out_.insert(out_.end(), waiting_.begin(), waiting_.end());
    waiting_.clear();
  }

  std::vector<Edit> out_, waiting_;  // waiting: marks after the starter that did not compose with it
  std::optional<Edit> starter_;
  uint8_t last_class_ = 0;
};

}  // namespace

bool is_newer_than_forms(char32_t value) { return newer_characters().contains(static_cast<UChar32>(value)); }

std::vector<Edit> unicode_form(std::string_view text, UnicodeFormKind kind) {
  const std::vector<Item> items = Decomposer(kind.compatibility).run(text);
  if (kind.composed) return Composer().run(items);
  std::vector<Edit> out;
  out.reserve(items.size());
  for (const Item& item : items) out.push_back(item.edit);
  return out;
}

}  // namespace lf
