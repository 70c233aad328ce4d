// What a template may use. Templates come with models of strangers, so each render counts its steps, its output and the
// depth of its values; the counter in force is that of the thread's current render.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>

namespace lf::jinja {

struct Limits {
  int64_t steps = 1'000'000;            // evaluated nodes, items looked at, and one for each 256 bytes of text made
  size_t output_bytes = 4 << 20;        // of the text, and of any single string
  int depth = 100;                      // macros and recursive loops in each other; nested values; nested syntax
  int64_t range_items = 100'000;        // as the sandbox of Python
  static constexpr int kHeight = 400;   // nodes above each other in one expression
  static constexpr int kFrames = 1500;  // evaluations inside each other
};

/// Makes a budget the current one of this thread; the one before comes back at the end.
class BudgetScope {
 public:
  explicit BudgetScope(const Limits& limits);
  ~BudgetScope();
  BudgetScope(const BudgetScope&) = delete;
  BudgetScope& operator=(const BudgetScope&) = delete;

  const Limits limits;
  int64_t steps_left;

 private:
  BudgetScope* outer_;
};

/// Takes steps; kData when none are left. Without a current budget (parsing) nothing is counted.
void charge(int64_t steps = 1);
/// Takes the steps of a string of this size; kData when it is longer than the limit.
void charge_text(size_t bytes);
/// kData when a text that is being put together is too long already; takes no steps.
void check_growing(const std::string& text);
/// kData when a list of this size may not be made; takes its steps.
void charge_items(size_t items);
const Limits& current_limits();

}  // namespace lf::jinja
