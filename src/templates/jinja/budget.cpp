#include "templates/jinja/budget.h"

#include "base/error.h"

namespace lf::jinja {
namespace {

constexpr size_t kBytesPerStep = 256;

thread_local BudgetScope* current = nullptr;

}  // namespace

BudgetScope::BudgetScope(const Limits& given) : limits(given), steps_left(given.steps), outer_(current) {
  current = this;
}

BudgetScope::~BudgetScope() { current = outer_; }

void charge(int64_t steps) {
  if (!current) return;
  current->steps_left -= steps;
  LF_CHECK(kData, current->steps_left >= 0, "the template needs more than {} steps", current->limits.steps);
}

void charge_text(size_t bytes) {
  LF_CHECK(kData, bytes <= current_limits().output_bytes, "the template makes a text of more than {} bytes",
           current_limits().output_bytes);
  charge(static_cast<int64_t>(bytes / kBytesPerStep));
}

void check_growing(const std::string& text) {
  if (text.size() > current_limits().output_bytes) charge_text(text.size());
}

void charge_items(size_t items) {
  LF_CHECK(kData, static_cast<int64_t>(items) <= current_limits().steps, "the template makes a list of {} items",
           items);
  charge(static_cast<int64_t>(items));
}

const Limits& current_limits() {
  static const Limits standard;
  return current ? current->limits : standard;
}

}  // namespace lf::jinja
