// Opcodes: CPython, Lib/pickletools.py. Values live in one list and refer to each other by number, so that nothing is
// copied, nested deeply or freed recursively, whatever a file does; their number is at most that of the opcodes.
#include "io/state_dict_pickle.h"

#include <optional>
#include <unordered_map>
#include <unordered_set>

#include "base/error.h"
#include "base/strings.h"

namespace lf {
namespace {

enum class Kind { kNone, kBool, kInt, kFloat, kString, kTuple, kList, kDict, kGlobal, kStorage, kTensor };

using Ref = uint32_t;

struct Value {
  Kind kind = Kind::kNone;
  int64_t number = 0;      // bool, int; elements of a storage
  std::string_view text;   // string; name of a global; key of a storage
  std::vector<Ref> items;  // tuple, list; dict: key, value, key, ...; tensor: storage, offset, shape, strides
  SafetensorsDtype dtype = SafetensorsDtype::kF32;  // storage
};

constexpr std::pair<std::string_view, SafetensorsDtype> kStorages[] = {
    {"torch\nFloatStorage", SafetensorsDtype::kF32},     {"torch\nHalfStorage", SafetensorsDtype::kF16},
    {"torch\nBFloat16Storage", SafetensorsDtype::kBF16}, {"torch\nDoubleStorage", SafetensorsDtype::kF64},
    {"torch\nLongStorage", SafetensorsDtype::kI64},      {"torch\nIntStorage", SafetensorsDtype::kI32},
    {"torch\nShortStorage", SafetensorsDtype::kI16},     {"torch\nCharStorage", SafetensorsDtype::kI8},
    {"torch\nByteStorage", SafetensorsDtype::kU8},       {"torch\nBoolStorage", SafetensorsDtype::kBool}};
constexpr std::string_view kOrderedDict = "collections\nOrderedDict", kTensor = "torch._utils\n_rebuild_tensor_v2",
                           kParameter = "torch._utils\n_rebuild_parameter";

std::optional<SafetensorsDtype> storage_dtype(std::string_view global) {
  for (const auto& [name, dtype] : kStorages) {
    if (name == global) return dtype;
  }
  return std::nullopt;
}

class Machine {
 public:
  Machine(std::string_view bytes, const std::string& where) : bytes_(bytes), where_(where) {}

  std::vector<PickledTensor> run() {
    while (!stopped_) step(static_cast<uint8_t>(take(1)[0]));
    return tensors(pop());
  }

 private:
  [[noreturn]] void broken(std::string_view what) const {
    throw_error(ErrorKind::kFormat, "{}: broken pickle at byte {}: {}", where_, at_, what);
  }
  void require(bool condition, std::string_view what) const {
    if (!condition) broken(what);
  }

  std::string_view take(uint64_t count) {
    require(count <= bytes_.size() - at_, "it ends too early");
    const std::string_view out = bytes_.substr(at_, count);
    at_ += count;
    return out;
  }
  std::string_view line() {
    const size_t end = bytes_.find('\n', at_);
    require(end != std::string_view::npos, "it ends too early");
    const std::string_view out = bytes_.substr(at_, end - at_);
    at_ = end + 1;
    return out;
  }
  /// Little-endian, without sign.
  uint64_t number(int size) {
    const std::string_view raw = take(static_cast<uint64_t>(size));
    uint64_t value = 0;
    for (int i = 0; i < size; ++i) value |= static_cast<uint64_t>(static_cast<uint8_t>(raw[i])) << (8 * i);
    return value;
  }

  Ref add(Value value) {
    values_.push_back(std::move(value));
    return static_cast<Ref>(values_.size() - 1);
  }
  void push(Value value) { stack_.push_back(add(std::move(value))); }
  void push(Kind kind, int64_t value) { push({.kind = kind, .number = value}); }
  void push(Kind kind, std::string_view text) { push({.kind = kind, .text = text}); }
  Ref pop() {
    require(stack_.size() > floor(), "nothing is on the stack");
    const Ref top = stack_.back();
    stack_.pop_back();
    return top;
  }
  Ref top() const {
    require(stack_.size() > floor(), "nothing is on the stack");
    return stack_.back();
  }
  size_t floor() const { return marks_.empty() ? 0 : marks_.back(); }
  std::vector<Ref> pop_to_mark() {
    require(!marks_.empty(), "there is no mark");
    std::vector<Ref> out(stack_.begin() + static_cast<int64_t>(marks_.back()), stack_.end());
    stack_.resize(marks_.back());
    marks_.pop_back();
    return out;
  }
  std::vector<Ref> pop_some(size_t count) {
    require(stack_.size() - floor() >= count, "too few values are on the stack");
    std::vector<Ref> out(stack_.end() - static_cast<int64_t>(count), stack_.end());
    stack_.resize(stack_.size() - count);
    return out;
  }
  void recall(uint64_t index) {
    const auto found = memo_.find(index);
    require(found != memo_.end(), "it refers to a value that was not kept");
    stack_.push_back(found->second);
  }

  void step(uint8_t code) {
    if (!(structure(code) || literal(code) || build(code)))
      throw_error(ErrorKind::kUnsupported,
                  "{}: the pickle has opcode 0x{:02x} at byte {}, which dicts of tensors do not need; it is not read",
                  where_, code, at_ - 1);
  }

  /// Protocol, marks, memo, end.
  bool structure(uint8_t code) {
    switch (code) {
      case 0x80: {  // PROTO
        const uint64_t version = number(1);
        require(version >= 2 && version <= 5, "its protocol is not 2 to 5");
        return true;
      }
      case 0x95:  // FRAME
        number(8);
        return true;
      case '.':
        stopped_ = true;
        return true;
      case '(':
        marks_.push_back(stack_.size());
        return true;
      case 'q':
        memo_[number(1)] = top();
        return true;
      case 'r':
        memo_[number(4)] = top();
        return true;
      case 0x94:  // MEMOIZE
        memo_[memo_.size()] = top();
        return true;
      case 'h':
        recall(number(1));
        return true;
      case 'j':
        recall(number(4));
        return true;
      default:
        return false;
    }
  }

  /// None, booleans, numbers, texts.
  bool literal(uint8_t code) {
    switch (code) {
      case 'N':
        push(Kind::kNone, 0);
        return true;
      case 0x88:
      case 0x89:
        push(Kind::kBool, code == 0x88);
        return true;
      case 'K':
        push(Kind::kInt, static_cast<int64_t>(number(1)));
        return true;
      case 'M':
        push(Kind::kInt, static_cast<int64_t>(number(2)));
        return true;
      case 'J':
        push(Kind::kInt, static_cast<int32_t>(static_cast<uint32_t>(number(4))));
        return true;
      case 0x8a:  // LONG1
        push(Kind::kInt, long_number());
        return true;
      case 'G':
        take(8);
        push(Kind::kFloat, 0);
        return true;
      case 'X':
      case 'T':
        push(Kind::kString, take(number(4)));
        return true;
      case 0x8c:
      case 'U':
        push(Kind::kString, take(number(1)));
        return true;
      default:
        return false;
    }
  }

  int64_t long_number() {
    const auto size = static_cast<int>(number(1));
    require(size <= 8, "a number is longer than 64 bits");
    if (size == 0) return 0;
    const uint64_t raw = number(size) << (64 - 8 * size);
    return static_cast<int64_t>(raw) >> (64 - 8 * size);
  }

  /// Containers and the calls that make tensors.
  bool build(uint8_t code) {
    switch (code) {
      case ')':
        push({.kind = Kind::kTuple});
        return true;
      case 0x85:
      case 0x86:
      case 0x87:
        push({.kind = Kind::kTuple, .items = pop_some(code - 0x84u)});
        return true;
      case 't':
        push({.kind = Kind::kTuple, .items = pop_to_mark()});
        return true;
      case ']':
        push({.kind = Kind::kList});
        return true;
      case 'a':
      case 'e':
        extend(Kind::kList, code == 'a' ? pop_some(1) : pop_to_mark());
        return true;
      case '}':
        push({.kind = Kind::kDict});
        return true;
      case 's':
      case 'u':
        extend(Kind::kDict, code == 's' ? pop_some(2) : pop_to_mark());
        return true;
      case 'c':
      case 0x93:
        global(code == 'c');
        return true;
      case 'Q':
        persistent();
        return true;
      case 'R':
        reduce();
        return true;
      case 'b':  // BUILD: attributes of a dict (torch's _metadata), of no use here
        require(values_[pop()].kind == Kind::kDict && values_[top()].kind == Kind::kDict,
                "attributes belong to something that is not a dict");
        return true;
      default:
        return false;
    }
  }

  void extend(Kind kind, const std::vector<Ref>& items) {
    Value& container = values_[top()];
    require(container.kind == kind, "values are put into something that does not hold any");
    require(kind != Kind::kDict || items.size() % 2 == 0, "a key has no value");
    container.items.insert(container.items.end(), items.begin(), items.end());
  }

  void global(bool in_line) {
    std::string_view module, name;
    if (in_line) {
      module = line();
      name = line();
    } else {
      name = text_of(pop());
      module = text_of(pop());
    }
    const std::string full = std::string(module) + "\n" + std::string(name);
    for (std::string_view known : {kOrderedDict, kTensor, kParameter}) {
      if (full == known) return push(Kind::kGlobal, known);
    }
    for (const auto& [known, dtype] : kStorages) {
      if (full == known) return push(Kind::kGlobal, known);
    }
    throw_error(ErrorKind::kUnsupported,
                "{}: the pickle names {}.{}, which is not part of a dict of tensors; nothing in such a file is run",
                where_, printable(module, 80), printable(name, 80));
  }

  /// ('storage', torch.FloatStorage, key, device, elements)
  void persistent() {
    const Value& id = values_[pop()];
    require(id.kind == Kind::kTuple && id.items.size() == 5, "a reference to data is not what torch writes");
    require(text_of(id.items[0]) == "storage", "a reference to data is not what torch writes");
    const auto dtype = storage_dtype(text_of(id.items[1], Kind::kGlobal));
    require(dtype.has_value(), "a storage has no type");
    push({.kind = Kind::kStorage, .number = int_of(id.items[4]), .text = text_of(id.items[2]), .dtype = *dtype});
  }

  void reduce() {
    const Ref arguments = pop();
    const std::string_view called = text_of(pop(), Kind::kGlobal);
    require(values_[arguments].kind == Kind::kTuple, "a call has no arguments");
    const std::vector<Ref> given = values_[arguments].items;
    if (called == kOrderedDict) {
      require(given.empty(), "a dict is called with values");
      push({.kind = Kind::kDict});
    } else if (called == kTensor) {
      require(given.size() >= 6 && values_[given[0]].kind == Kind::kStorage && values_[given[2]].kind == Kind::kTuple &&
                  values_[given[3]].kind == Kind::kTuple,
              "a tensor is not what torch writes");
      push({.kind = Kind::kTensor, .items = {given[0], given[1], given[2], given[3]}});
    } else if (called == kParameter) {
      require(given.size() == 3 && values_[given[0]].kind == Kind::kTensor, "a parameter is not what torch writes");
      stack_.push_back(given[0]);
    } else {
      broken("a type is called");
    }
  }

  std::string_view text_of(Ref ref, Kind kind = Kind::kString) const {
    require(values_[ref].kind == kind, kind == Kind::kGlobal ? "a name was needed" : "a text was needed");
    return values_[ref].text;
  }
  int64_t int_of(Ref ref) const {
    require(values_[ref].kind == Kind::kInt && values_[ref].number >= 0, "a number that is not negative was needed");
    return values_[ref].number;
  }

  std::vector<PickledTensor> tensors(Ref root) const {
    const Value& dict = values_[root];
    LF_CHECK(kUnsupported, dict.kind == Kind::kDict, "{}: the pickle is not a dict of tensors", where_);
    std::vector<PickledTensor> out;
    std::unordered_set<std::string_view> names;
    for (size_t i = 0; i + 1 < dict.items.size(); i += 2) {
      const std::string_view name = text_of(dict.items[i]);
      const Value& value = values_[dict.items[i + 1]];
      LF_CHECK(kUnsupported, value.kind == Kind::kTensor, "{}: '{}' is not a tensor; a dict of tensors was needed",
               where_, printable(name));
      LF_CHECK(kFormat, names.insert(name).second, "{}: holds '{}' twice", where_, printable(name));
      out.push_back(tensor(name, value));
    }
    return out;
  }

  PickledTensor tensor(std::string_view name, const Value& value) const {
    constexpr size_t kMostDimensions = 64;
    const Value& storage = values_[value.items[0]];
    PickledTensor out{.name = std::string(name),
                      .storage = std::string(storage.text),
                      .dtype = storage.dtype,
                      .storage_elements = static_cast<uint64_t>(storage.number),
                      .offset = static_cast<uint64_t>(int_of(value.items[1]))};
    for (Ref size : values_[value.items[2]].items) out.shape.push_back(int_of(size));
    for (Ref stride : values_[value.items[3]].items) out.strides.push_back(int_of(stride));
    const bool fits =
        out.shape.size() == out.strides.size() && out.shape.size() <= kMostDimensions && stays_inside(out);
    LF_CHECK(kFormat, fits, "{}: tensor '{}' does not fit its storage of {} elements", where_, printable(name),
             out.storage_elements);
    return out;
  }

  static bool stays_inside(const PickledTensor& tensor) {
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

  std::string_view bytes_;
  const std::string& where_;
  uint64_t at_ = 0;
  bool stopped_ = false;
  std::vector<Value> values_;
  std::vector<Ref> stack_;
  std::vector<size_t> marks_;
  std::unordered_map<uint64_t, Ref> memo_;
};

}  // namespace

std::vector<PickledTensor> read_state_dict_pickle(std::string_view pickle, const std::string& where) {
  return Machine(pickle, where).run();
}

}  // namespace lf
