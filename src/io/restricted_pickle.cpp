// Opcodes: CPython, Lib/pickletools.py. Values live in one list and refer to each other by number, so that nothing is
// copied, nested deeply or freed recursively, whatever a file does.
#include "io/restricted_pickle.h"

#include <optional>
#include <unordered_map>

#include "base/error.h"
#include "base/strings.h"

namespace lf {
namespace {

constexpr size_t kLongestKey = 64;  // of a storage
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

  UnpickledValues run() {
    while (!stopped_) step(static_cast<uint8_t>(take(1)[0]));
    const PickleRef root = pop();
    return {std::move(values_), root};
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

  PickleRef add(PickleValue value) {
    values_.push_back(std::move(value));
    return static_cast<PickleRef>(values_.size() - 1);
  }
  void push(PickleValue value) { stack_.push_back(add(std::move(value))); }
  void push(PickleKind kind, int64_t value) { push({.kind = kind, .number = value}); }
  void push(PickleKind kind, std::string_view text) { push({.kind = kind, .text = text}); }
  PickleRef pop() {
    require(stack_.size() > floor(), "nothing is on the stack");
    const PickleRef top = stack_.back();
    stack_.pop_back();
    return top;
  }
  PickleRef top() const {
    require(stack_.size() > floor(), "nothing is on the stack");
    return stack_.back();
  }
  size_t floor() const { return marks_.empty() ? 0 : marks_.back(); }
  std::vector<PickleRef> pop_to_mark() {
    require(!marks_.empty(), "there is no mark");
    std::vector<PickleRef> out(stack_.begin() + static_cast<int64_t>(marks_.back()), stack_.end());
    stack_.resize(marks_.back());
    marks_.pop_back();
    return out;
  }
  std::vector<PickleRef> pop_some(size_t count) {
    require(stack_.size() - floor() >= count, "too few values are on the stack");
    std::vector<PickleRef> out(stack_.end() - static_cast<int64_t>(count), stack_.end());
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
        push(PickleKind::kNone, 0);
        return true;
      case 0x88:
      case 0x89:
        push(PickleKind::kBool, code == 0x88);
        return true;
      case 'K':
        push(PickleKind::kInt, static_cast<int64_t>(number(1)));
        return true;
      case 'M':
        push(PickleKind::kInt, static_cast<int64_t>(number(2)));
        return true;
      case 'J':
        push(PickleKind::kInt, static_cast<int32_t>(static_cast<uint32_t>(number(4))));
        return true;
      case 0x8a:  // LONG1
        push(PickleKind::kInt, long_number());
        return true;
      case 'G':
        take(8);
        push(PickleKind::kFloat, 0);
        return true;
      case 'X':
      case 'T':
        push(PickleKind::kString, take(number(4)));
        return true;
      case 0x8c:
      case 'U':
        push(PickleKind::kString, take(number(1)));
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
        push({.kind = PickleKind::kTuple});
        return true;
      case 0x85:
      case 0x86:
      case 0x87:
        push({.kind = PickleKind::kTuple, .items = pop_some(code - 0x84u)});
        return true;
      case 't':
        push({.kind = PickleKind::kTuple, .items = pop_to_mark()});
        return true;
      case ']':
        push({.kind = PickleKind::kList});
        return true;
      case 'a':
      case 'e':
        extend(PickleKind::kList, code == 'a' ? pop_some(1) : pop_to_mark());
        return true;
      case '}':
        push({.kind = PickleKind::kDict});
        return true;
      case 's':
      case 'u':
        extend(PickleKind::kDict, code == 's' ? pop_some(2) : pop_to_mark());
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
        require(values_[pop()].kind == PickleKind::kDict && values_[top()].kind == PickleKind::kDict,
                "attributes belong to something that is not a dict");
        return true;
      default:
        return false;
    }
  }

  void extend(PickleKind kind, const std::vector<PickleRef>& items) {
    PickleValue& container = values_[top()];
    require(container.kind == kind, "values are put into something that does not hold any");
    require(kind != PickleKind::kDict || items.size() % 2 == 0, "a key has no value");
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
      if (full == known) return push(PickleKind::kGlobal, known);
    }
    for (const auto& [known, dtype] : kStorages) {
      if (full == known) return push(PickleKind::kGlobal, known);
    }
    throw_error(ErrorKind::kUnsupported,
                "{}: the pickle names {}.{}, which is not part of a dict of tensors; nothing in such a file is run",
                where_, printable(module, 80), printable(name, 80));
  }

  /// ('storage', torch.FloatStorage, key, device, elements)
  void persistent() {
    const PickleValue& id = values_[pop()];
    require(id.kind == PickleKind::kTuple && id.items.size() == 5, "a reference to data is not what torch writes");
    require(text_of(id.items[0]) == "storage", "a reference to data is not what torch writes");
    const auto dtype = storage_dtype(text_of(id.items[1], PickleKind::kGlobal));
    require(dtype.has_value(), "a storage has no type");
    require(text_of(id.items[2]).size() <= kLongestKey, "the name of a storage is too long");
    push({.kind = PickleKind::kStorage, .number = int_of(id.items[4]), .text = text_of(id.items[2]), .dtype = *dtype});
  }

  void reduce() {
    const PickleRef arguments = pop();
    const std::string_view called = text_of(pop(), PickleKind::kGlobal);
    require(values_[arguments].kind == PickleKind::kTuple, "a call has no arguments");
    const std::vector<PickleRef>& given = values_[arguments].items;  // until the next push
    if (called == kOrderedDict) {
      require(given.empty(), "a dict is called with values");
      push({.kind = PickleKind::kDict});
    } else if (called == kTensor) {
      require(given.size() >= 6 && values_[given[0]].kind == PickleKind::kStorage &&
                  values_[given[2]].kind == PickleKind::kTuple && values_[given[3]].kind == PickleKind::kTuple,
              "a tensor is not what torch writes");
      push({.kind = PickleKind::kTensor, .items = {given[0], given[1], given[2], given[3]}});
    } else if (called == kParameter) {
      require(given.size() == 3 && values_[given[0]].kind == PickleKind::kTensor,
              "a parameter is not what torch writes");
      stack_.push_back(given[0]);
    } else {
      broken("a type is called");
    }
  }

  std::string_view text_of(PickleRef ref, PickleKind kind = PickleKind::kString) const {
    require(values_[ref].kind == kind, kind == PickleKind::kGlobal ? "a name was needed" : "a text was needed");
    return values_[ref].text;
  }
  int64_t int_of(PickleRef ref) const {
    require(values_[ref].kind == PickleKind::kInt && values_[ref].number >= 0,
            "a number that is not negative was needed");
    return values_[ref].number;
  }

  std::string_view bytes_;
  const std::string& where_;
  uint64_t at_ = 0;
  bool stopped_ = false;
  std::vector<PickleValue> values_;
  std::vector<PickleRef> stack_;
  std::vector<size_t> marks_;
  std::unordered_map<uint64_t, PickleRef> memo_;
};

}  // namespace

UnpickledValues read_restricted_pickle(std::string_view pickle, const std::string& where) {
  return Machine(pickle, where).run();
}

}  // namespace lf
