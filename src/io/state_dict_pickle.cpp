#include "io/state_dict_pickle.h"

#include <unordered_set>

#include "base/error.h"
#include "base/strings.h"
#include "io/restricted_pickle.h"

namespace lf {
namespace {

constexpr size_t kMostDimensions = 64;

bool stays_inside(const PickledTensor& tensor) {
  uint64_t elements = 1, last = tensor.offset;
  bool empty = false;
  for (size_t i = 0; i < tensor.shape.size(); ++i) {
    const auto size = static_cast<uint64_t>(tensor.shape[i]), stride = static_cast<uint64_t>(tensor.strides[i]);
    empty = empty || size == 0;
    uint64_t reach = 0;
    if (size > 0 && (__builtin_mul_overflow(size - 1, stride, &reach) || __builtin_add_overflow(last, reach, &last) ||
                     __builtin_mul_overflow(elements, size, &elements)))
      return false;
  }
  // A stride of 0 could make a tensor of any size out of a few bytes.
  return empty || (last < tensor.storage_elements && elements <= tensor.storage_elements);
}

class StateDict {
 public:
  StateDict(const UnpickledValues& values, const std::string& where) : values_(values.all), where_(where) {
    const PickleValue& dict = values_[values.root];
    LF_CHECK(kUnsupported, dict.kind == PickleKind::kDict, "{}: the pickle is not a dict of tensors", where_);
    std::unordered_set<std::string_view> names;
    for (size_t i = 0; i + 1 < dict.items.size(); i += 2) {
      const PickleValue &name = values_[dict.items[i]], &value = values_[dict.items[i + 1]];
      LF_CHECK(kFormat, name.kind == PickleKind::kString, "{}: a key of the dict is not a text", where_);
      LF_CHECK(kUnsupported, value.kind == PickleKind::kTensor,
               "{}: '{}' is not a tensor; a dict of tensors was needed", where_, printable(name.text));
      LF_CHECK(kFormat, names.insert(name.text).second, "{}: holds '{}' twice", where_, printable(name.text));
      tensors.push_back(tensor(name.text, value));
    }
  }

  std::vector<PickledTensor> tensors;

 private:
  PickledTensor tensor(std::string_view name, const PickleValue& value) const {
    const PickleValue& storage = values_[value.items[0]];
    PickledTensor out{.name = std::string(name),
                      .storage = std::string(storage.text),
                      .dtype = storage.dtype,
                      .storage_elements = static_cast<uint64_t>(storage.number),
                      .offset = static_cast<uint64_t>(number(name, value.items[1]))};
    const std::vector<PickleRef>&sizes = values_[value.items[2]].items, &strides = values_[value.items[3]].items;
    const bool shaped = sizes.size() == strides.size() && sizes.size() <= kMostDimensions;
    if (shaped) {
      for (PickleRef size : sizes) out.shape.push_back(number(name, size));
      for (PickleRef stride : strides) out.strides.push_back(number(name, stride));
    }
    LF_CHECK(kFormat, shaped && stays_inside(out), "{}: tensor '{}' does not fit its storage of {} elements", where_,
             printable(name), out.storage_elements);
    return out;
  }

  int64_t number(std::string_view tensor, PickleRef ref) const {
    const PickleValue& value = values_[ref];
    LF_CHECK(kFormat, value.kind == PickleKind::kInt && value.number >= 0,
             "{}: tensor '{}' has a size, stride or offset that is no number, or negative", where_, printable(tensor));
    return value.number;
  }

  const std::vector<PickleValue>& values_;
  const std::string& where_;
};

}  // namespace

std::vector<PickledTensor> read_state_dict_pickle(std::string_view pickle, const std::string& where) {
  const UnpickledValues values = read_restricted_pickle(pickle, where);
  return StateDict(values, where).tensors;
}

}  // namespace lf
