// The tree behind base/yaml.h, built from yaml-cpp's events (its node API would keep duplicate keys and follow cyclic
// aliases).
#include "base/yaml.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <map>
#include <sstream>
#include <unordered_set>

#include "base/error.h"
#include "base/files.h"
#include "base/strings.h"

namespace lf {
namespace {

YamlPosition position(const YAML::Mark& mark) {
  if (mark.is_null()) return {};
  return {static_cast<size_t>(mark.line) + 1, static_cast<size_t>(mark.column) + 1};
}

size_t count_nodes(const YamlNode& node) {
  size_t count = 1;
  for (const YamlNode& item : node.items) count += count_nodes(item);
  return count;
}

class TreeBuilder final : public YAML::EventHandler {
 public:
  TreeBuilder(std::string_view where, std::vector<YamlProblem>* problems, const YamlLimits& limits)
      : where_(where), problems_(problems), limits_(limits) {}

  YamlNode take() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    YamlNode node;
    node.at = position(mark);
    add(std::move(node), anchor);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    auto found = anchors_.find(anchor);
    if (found == anchors_.end()) fail(position(mark), "this alias stands inside the value that it names");
    budget(count_nodes(found->second), position(mark));
    place(YamlNode(found->second));
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    YamlNode node;
    node.kind = YamlNode::Kind::kScalar;
    node.text = value;
    node.quoted = tag == "!";
    node.at = position(mark);
    refuse_tag(node.at, tag);
    if (!node.quoted && resolve_scalar(value).type == ScalarType::kNull) node.kind = YamlNode::Kind::kNull;
    add(std::move(node), anchor);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(YamlNode::Kind::kSequence, mark, tag, anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(YamlNode::Kind::kMapping, mark, tag, anchor);
  }
  void OnMapEnd() override {
    take_merged(stack_.back());
    close();
  }

 private:
  struct Frame {
    YamlNode node;
    YAML::anchor_t anchor = 0;
    bool key_read = false;    // mappings: the next node is a value
    bool skip_value = false;  // ... which is dropped (second of two equal keys)
    std::vector<YamlNode> merged;
    bool merge_value = false;  // ... which is merged (`<<: *base`)
    std::unordered_set<std::string> names;
  };

  [[noreturn]] void fail(YamlPosition at, const std::string& message) const {
    throw_error(ErrorKind::kFormat, "{}:{}:{}: {}", where_, at.line, at.column, message);
  }
  void complain(YamlPosition at, std::string message) const {
    if (!problems_) fail(at, message);
    problems_->push_back({at, std::move(message)});
  }
  void refuse_tag(YamlPosition at, const std::string& tag) const {
    if (tag == "?" || tag == "!" || tag.empty()) return;
    complain(at, "the tag '" + printable(tag, 60) + "' is refused: values are plain scalars, lists and mappings");
  }
  void budget(size_t nodes, YamlPosition at) {
    nodes_ += nodes;
    if (nodes_ > limits_.max_nodes) fail(at, fmt::format("more than {} values (aliases counted)", limits_.max_nodes));
  }

  void open(YamlNode::Kind kind, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    Frame frame;
    frame.node.kind = kind;
    frame.node.at = position(mark);
    frame.anchor = anchor;
    refuse_tag(frame.node.at, tag);
    budget(1, frame.node.at);
    if (static_cast<int>(stack_.size()) >= limits_.max_depth) {
      fail(frame.node.at, fmt::format("nested deeper than {} levels", limits_.max_depth));
    }
    stack_.push_back(std::move(frame));
  }
  void close() {
    Frame frame = std::move(stack_.back());
    stack_.pop_back();
    if (frame.anchor) anchors_[frame.anchor] = frame.node;
    place(std::move(frame.node));
  }
  void add(YamlNode node, YAML::anchor_t anchor) {
    budget(1, node.at);
    if (anchor) anchors_[anchor] = node;
    place(std::move(node));
  }

  void place(YamlNode node) {
    if (stack_.empty()) {
      root_ = std::move(node);
      return;
    }
    Frame& frame = stack_.back();
    if (frame.node.is_sequence())
      frame.node.items.push_back(std::move(node));
    else if (frame.key_read)
      place_value(frame, std::move(node));
    else
      place_key(frame, std::move(node));
  }
  void place_value(Frame& frame, YamlNode node) {
    frame.key_read = false;
    if (frame.merge_value) {
      collect_merged(frame, std::move(node));
    } else if (!frame.skip_value) {
      frame.node.items.push_back(std::move(node));
    }
    frame.merge_value = frame.skip_value = false;
  }
  void place_key(Frame& frame, YamlNode node) {
    frame.key_read = true;
    if (node.is_mapping() || node.is_sequence()) fail(node.at, "a key must be a word, not a list or mapping");
    if (node.text == "<<" && !node.quoted) {
      frame.merge_value = true;
    } else if (frame.names.insert(node.text).second) {
      frame.node.keys.push_back({std::move(node.text), node.at});
    } else {
      complain(node.at, "the key '" + printable(node.text, 60) + "' appears twice");
      frame.skip_value = true;
    }
  }
  void collect_merged(Frame& frame, YamlNode node) {
    const YamlPosition at = node.at;
    if (node.is_sequence()) {
      for (YamlNode& item : node.items) frame.merged.push_back(std::move(item));
    } else {
      frame.merged.push_back(std::move(node));
    }
    for (const YamlNode& map : frame.merged) {
      if (!map.is_mapping()) fail(at, "<< takes a mapping or a list of mappings");
    }
  }
  /// Keys written in the mapping itself win, then those of the earlier merged ones.
  static void take_merged(Frame& frame) {
    for (YamlNode& map : frame.merged) {
      for (size_t i = 0; i < map.keys.size(); ++i) {
        if (!frame.names.insert(map.keys[i].name).second) continue;
        frame.node.keys.push_back(std::move(map.keys[i]));
        frame.node.items.push_back(std::move(map.items[i]));
      }
    }
  }

  std::string_view where_;
  std::vector<YamlProblem>* problems_;
  const YamlLimits& limits_;
  YamlNode root_;
  std::vector<Frame> stack_;
  size_t nodes_ = 0;
  std::map<YAML::anchor_t, YamlNode> anchors_;
};

/// yaml-cpp's wording for what users meet most often is terse; these say what to do.
std::string plain_reason(const std::string& reason) {
  static const std::map<std::string, std::string> kReasons = {
      {"end of map not found",
       "this line does not fit the mapping around it: keys of one mapping start in the same column, as `key: value`"},
      {"end of sequence flow not found", "a list is not closed: ] is missing"},
      {"end of map flow not found", "a mapping is not closed: } is missing"},
      {"illegal map value", "a colon stands where none can: quote values that contain ': '"},
      {"unknown token",
       "a character stands where none can begin a value: quote values that begin with @, %, `, tabs or the like"},
      {"illegal EOF in scalar", "a quoted text is not closed"},
      {"illegal document indicator in scalar", "a quoted text is not closed"},
  };
  auto found = kReasons.find(reason);
  return found == kReasons.end() ? reason : found->second;
}

void check_text(std::string_view text, std::string_view where, const YamlLimits& limits) {
  LF_CHECK(kFormat, text.size() <= limits.max_bytes, "{}: {} of YAML, at most {} are read", where,
           human_bytes(text.size()), human_bytes(limits.max_bytes));
  size_t bad = invalid_utf8(text);
  const char* reason = "is not UTF-8";
  if (bad == std::string_view::npos) {
    bad = text.find('\0');
    reason = "is a zero byte";
  }
  if (bad == std::string_view::npos) return;
  size_t line = 1;
  size_t start = 0;
  for (size_t i = 0; i < bad; ++i) {
    if (text[i] == '\n') {
      ++line;
      start = i + 1;
    }
  }
  throw_error(ErrorKind::kFormat, "{}:{}:{}: the byte 0x{:02x} {}; save the file as UTF-8", where, line,
              bad - start + 1, static_cast<unsigned char>(text[bad]), reason);
}

class NoSecondDocument final : public YAML::EventHandler {
 public:
  explicit NoSecondDocument(std::string_view where) : where_(where) {}
  void OnDocumentStart(const YAML::Mark& mark) override {
    const YamlPosition at = position(mark);
    throw_error(ErrorKind::kFormat, "{}:{}:{}: a second YAML document starts here; one is read", where_, at.line,
                at.column);
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t, const std::string&) override {}
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {}
  void OnMapEnd() override {}

 private:
  std::string_view where_;
};

}  // namespace

const YamlNode* YamlNode::find(std::string_view key) const {
  for (size_t i = 0; i < keys.size(); ++i) {
    if (keys[i].name == key) return &items[i];
  }
  return nullptr;
}

YamlNode* YamlNode::find(std::string_view key) {
  return const_cast<YamlNode*>(static_cast<const YamlNode*>(this)->find(key));
}

YamlNode parse_yaml(std::string_view text, std::string_view where, std::vector<YamlProblem>* problems,
                    const YamlLimits& limits) {
  check_text(text, where, limits);
  std::istringstream stream{std::string(text)};
  TreeBuilder builder(where, problems, limits);
  NoSecondDocument end(where);
  try {
    YAML::Parser parser(stream);
    if (parser.HandleNextDocument(builder)) parser.HandleNextDocument(end);
  } catch (const YAML::Exception& error) {
    const YamlPosition at = position(error.mark);
    throw_error(ErrorKind::kFormat, "{}:{}:{}: not valid YAML: {}", where, at.line, at.column,
                printable(plain_reason(error.msg)));
  }
  return builder.take();
}

YamlNode read_yaml(const std::filesystem::path& path, const YamlLimits& limits) {
  return parse_yaml(read_file(path, limits.max_bytes), path.string(), nullptr, limits);
}

size_t invalid_utf8(std::string_view text) {
  size_t i = 0;
  while (i < text.size()) {
    const auto lead = static_cast<unsigned char>(text[i]);
    size_t length = lead < 0x80                   ? 1
                    : lead >= 0xC2 && lead < 0xE0 ? 2
                    : (lead & 0xF0) == 0xE0       ? 3
                    : lead >= 0xF0 && lead < 0xF5 ? 4
                                                  : 0;
    if (length == 0 || i + length > text.size()) return i;
    uint32_t code = length == 1 ? lead : lead & (0x7Fu >> length);
    for (size_t k = 1; k < length; ++k) {
      const auto next = static_cast<unsigned char>(text[i + k]);
      if ((next & 0xC0) != 0x80) return i;
      code = code << 6 | (next & 0x3Fu);
    }
    const bool overlong = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
    if (overlong || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) return i;
    i += length;
  }
  return std::string_view::npos;
}

}  // namespace lf
