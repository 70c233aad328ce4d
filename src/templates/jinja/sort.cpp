// list.sort() of Python.
#include <algorithm>
#include <numeric>

#include "templates/jinja/compare.h"

namespace lf::jinja {
namespace {

using Less = std::function<bool(size_t, size_t)>;
constexpr size_t kShort = 64;  // below, CPython's timsort is a binary insertion sort behind the run at the start

/// The length of the run at the start, which is made to ascend.
size_t first_run(std::vector<size_t>& order, const Less& less) {
  if (order.size() < 2) return order.size();
  const bool descends = less(order[1], order[0]);
  size_t end = 2;
  while (end < order.size() && less(order[end], order[end - 1]) == descends) ++end;
  if (descends) std::reverse(order.begin(), order.begin() + static_cast<int64_t>(end));
  return end;
}

void insertion_sort(std::vector<size_t>& order, const Less& less) {
  for (size_t next = first_run(order, less); next < order.size(); ++next) {
    size_t left = 0, right = next;
    while (left < right) {
      const size_t middle = left + (right - left) / 2;
      if (less(order[next], order[middle]))
        right = middle;
      else
        left = middle + 1;
    }
    const auto place = order.begin() + static_cast<int64_t>(left), from = order.begin() + static_cast<int64_t>(next);
    std::rotate(place, from, from + 1);
  }
}

/// Of our own: std::sort asks for a strict weak order.
void merge_sort(std::vector<size_t>& order, const Less& less) {
  std::vector<size_t> merged(order.size());
  for (size_t width = 1; width < order.size(); width *= 2) {
    for (size_t start = 0; start < order.size(); start += 2 * width) {
      const size_t middle = std::min(start + width, order.size()), end = std::min(start + 2 * width, order.size());
      size_t a = start, b = middle, out = start;
      while (a < middle && b < end) merged[out++] = less(order[b], order[a]) ? order[b++] : order[a++];
      while (a < middle) merged[out++] = order[a++];
      while (b < end) merged[out++] = order[b++];
    }
    order.swap(merged);
  }
}

}  // namespace

std::vector<size_t> sort_order(size_t count, const Less& less) {
  std::vector<size_t> order(count);
  std::iota(order.begin(), order.end(), size_t{0});
  if (count < kShort)
    insertion_sort(order, less);
  else
    merge_sort(order, less);
  return order;
}

std::vector<Value> sorted(const std::vector<Value>& items, const std::vector<Value>& keys, bool reverse) {
  const size_t count = items.size();
  const auto at = [&](size_t i) { return reverse ? count - 1 - i : i; };
  std::vector<Value> result;
  result.reserve(count);
  for (size_t i : sort_order(count, [&](size_t a, size_t b) { return less(keys[at(a)], keys[at(b)]); }))
    result.push_back(items[at(i)]);
  if (reverse) std::reverse(result.begin(), result.end());
  return result;
}

}  // namespace lf::jinja
