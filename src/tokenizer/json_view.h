// tokenizer.json through simdjson, with typed access whose errors name the file and the place in it.
#pragma once
#include <simdjson.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace lf {

/// A value inside a JsonFile; valid as long as that lives. All errors are kFormat.
class JsonView {
 public:
  JsonView(simdjson::dom::element value, const std::string& file, std::string path)
      : value_(value), file_(&file), path_(std::move(path)) {}

  bool is_null() const { return value_.is_null(); }
  bool is_string() const { return value_.is_string(); }
  bool is_array() const { return value_.is_array(); }
  bool is_object() const { return value_.is_object(); }
  /// The member `key`; nullopt when it is absent or null.
  std::optional<JsonView> find(std::string_view key) const;
  /// The member `key`, which must be there.
  JsonView at(std::string_view key) const;

  std::string_view string() const;
  bool boolean() const;
  /// An integer in [low, high].
  int64_t integer(int64_t low, int64_t high) const;
  double number() const;
  simdjson::dom::array array() const;
  simdjson::dom::object object() const;

  std::string string_or(std::string_view key, std::string_view fallback) const;
  bool boolean_or(std::string_view key, bool fallback) const;
  /// Calls visit for each item of an array.
  void each_item(const std::function<void(const JsonView&)>& visit) const;

  const std::string& file() const { return *file_; }
  const std::string& path() const { return path_; }
  /// "tokenizer.json: model.vocab", for messages.
  std::string where() const { return path_.empty() ? *file_ : *file_ + ": " + path_; }

 private:
  [[noreturn]] void wrong_type(const char* needed) const;

  simdjson::dom::element value_;
  const std::string* file_;
  std::string path_;
};

/// A parsed JSON text of at most 64 levels.
class JsonFile {
 public:
  /// Parses `text` (its capacity may grow by simdjson's padding); `name` is used in messages.
  JsonFile(std::string& text, std::string name);
  JsonView root() const { return {root_, name_, ""}; }

 private:
  std::string name_;
  simdjson::dom::parser parser_;
  simdjson::dom::element root_;
};

}  // namespace lf
