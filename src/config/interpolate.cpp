#include "config/interpolate.h"

#include <algorithm>
#include <cstdlib>
#include <optional>

#include "base/error.h"
#include "base/strings.h"

namespace lf {
namespace {

constexpr size_t kMaxProduced = size_t{1}
                                << 20;  // bytes made by interpolation in one configuration: a doubling chain ends here
constexpr int kMaxDepth = 32;

YamlNode plain_scalar(std::string text, YamlPosition at) {
  YamlNode node;
  node.at = at;
  node.text = std::move(text);
  node.kind = resolve_scalar(std::string_view(node.text)).type == ScalarType::kNull ? YamlNode::Kind::kNull
                                                                                    : YamlNode::Kind::kScalar;
  return node;
}

/// Offset of the brace that closes the `${` at `start`, or npos.
size_t closing_brace(std::string_view text, size_t start) {
  int depth = 0;
  for (size_t i = start; i < text.size(); ++i) {
    if (text[i] == '$' && i + 1 < text.size() && text[i + 1] == '{') {
      ++depth;
      ++i;
    } else if (text[i] == '}' && --depth == 0) {
      return i;
    }
  }
  return std::string_view::npos;
}

class Interpolator {
 public:
  explicit Interpolator(const YamlNode& root) : root_(root) {}

  /// The node with everything resolved; throws kConfig with the bare reason.
  YamlNode resolve(const YamlNode& node) {
    spend(1 + node.text.size());
    if (node.is_scalar()) return node.text.find("${") == std::string::npos ? node : resolve_text(node);
    YamlNode out;
    out.kind = node.kind;
    out.at = node.at;
    out.keys = node.keys;
    for (const YamlNode& item : node.items) out.items.push_back(resolve(item));
    return out;
  }
  std::vector<std::string> take_environment() { return std::exchange(environment_, {}); }

 private:
  /// Bounds time and memory: chains like `a: ${b}${b}`, `b: ${c}${c}` double at each link.
  void spend(size_t bytes) {
    produced_ += bytes;
    LF_CHECK(kConfig, produced_ <= kMaxProduced, "interpolation makes more than {} bytes", kMaxProduced);
  }

  YamlNode resolve_text(const YamlNode& node) {
    const std::string& text = node.text;
    if (text.rfind("${", 0) == 0 && closing_brace(text, 0) == text.size() - 1) {
      YamlNode value = lookup(text.substr(2, text.size() - 3), node.at);
      value.at = node.at;
      return value;
    }
    YamlNode out = node;
    out.text = substitute(text, node.at);
    return out;
  }

  std::string substitute(std::string_view text, YamlPosition at) {
    std::string out;
    for (size_t i = 0; i < text.size();) {
      if (text.substr(i, 3) == "\\${") {
        out += "${";
        i += 3;
      } else if (text.substr(i, 2) == "${") {
        const size_t end = closing_brace(text, i);
        LF_CHECK(kConfig, end != std::string_view::npos,
                 "'${{' is not closed by '}}'; write \\${{ for the characters themselves");
        const YamlNode value = lookup(text.substr(i + 2, end - i - 2), at);
        LF_CHECK(kConfig, value.is_scalar(), "'{}' is {}, which cannot stand inside a text",
                 printable(text.substr(i, end + 1 - i), 80),
                 value.is_mapping()    ? "a mapping"
                 : value.is_sequence() ? "a list"
                                       : "null");
        out += value.text;
        i = end + 1;
      } else {
        out += text[i++];
      }
    }
    spend(out.size());
    return out;
  }

  YamlNode lookup(std::string_view raw, YamlPosition at) {
    LF_CHECK(kConfig, static_cast<int>(chain_.size()) < kMaxDepth, "interpolations are nested deeper than {}",
             kMaxDepth);
    const std::string name(trim(raw.find("${") == std::string_view::npos ? std::string(raw) : substitute(raw, at)));
    if (name.rfind("oc.env:", 0) == 0) return environment(name.substr(7), at);
    LF_CHECK(kConfig, name.find(':') == std::string::npos, "'${{{}}}': the resolver is not known (known: oc.env)",
             printable(name, 60));
    LF_CHECK(kConfig, std::find(chain_.begin(), chain_.end(), name) == chain_.end(), "'${{{}}}' refers to itself",
             printable(name, 60));
    const YamlNode* target = find_path(name);
    chain_.push_back(name);
    YamlNode value = resolve(*target);
    chain_.pop_back();
    return value;
  }

  const YamlNode* find_path(const std::string& name) const {
    const YamlNode* node = &root_;
    for (const std::string& part : split(name, '.')) {
      node = node->find(part);
      if (node) continue;
      std::vector<std::string> names;
      for (const YamlKey& key : root_.keys) names.push_back(key.name);
      throw_error(ErrorKind::kConfig, "'${{{}}}' names a key that is not in the file{}", printable(name, 60),
                  did_you_mean(name, names));
    }
    return node;
  }

  YamlNode environment(const std::string& spec, YamlPosition at) {
    const size_t comma = spec.find(',');
    const std::string name(trim(spec.substr(0, comma)));
    if (const char* value = std::getenv(name.c_str())) {
      environment_.push_back(name);
      return plain_scalar(value, at);
    }
    LF_CHECK(kConfig, comma != std::string::npos,
             "the environment variable {} is not set; give a default: ${{oc.env:{},default}}", printable(name, 60),
             printable(name, 60));
    return plain_scalar(std::string(trim(spec.substr(comma + 1))), at);
  }

  const YamlNode& root_;
  std::vector<std::string> chain_;
  std::vector<std::string> environment_;
  size_t produced_ = 0;
};

bool mentions(const YamlNode& node) {
  if (node.is_scalar() && node.text.find("${") != std::string::npos) return true;
  return std::any_of(node.items.begin(), node.items.end(), mentions);
}

}  // namespace

std::map<std::string, std::string> interpolate(YamlNode& root, Problems& problems) {
  std::map<std::string, std::string> variables;
  if (!mentions(root)) return variables;
  const YamlNode source = root;
  Interpolator interpolator(source);
  for (size_t i = 0; i < root.items.size(); ++i) {
    if (!mentions(source.items[i])) continue;
    try {
      root.items[i] = interpolator.resolve(source.items[i]);
    } catch (const Error& error) {
      problems.add(source.items[i].at, root.keys[i].name, root.keys[i].name + ": " + error.what());
    }
    const std::string read = join(interpolator.take_environment(), ", ");
    if (!read.empty()) variables[root.keys[i].name] = read;
  }
  return variables;
}

}  // namespace lf
