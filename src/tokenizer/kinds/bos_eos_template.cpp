#include "tokenizer/kinds/json_text.h"
#include "tokenizer/kinds/kinds.h"

namespace lf {

std::string bos_eos_template(const std::optional<std::pair<std::string, TokenId>>& bos,
                             const std::optional<std::pair<std::string, TokenId>>& eos) {
  if (!bos && !eos) return "null";
  const auto special = [](const std::pair<std::string, TokenId>& token, int type) {
    return fmt::format(R"({{"SpecialToken":{{"id":{},"type_id":{}}}}})", json_string(token.first), type);
  };
  const auto sequence = [&](const char* name, int type) {
    std::string text = bos ? special(*bos, type) + "," : "";
    text += fmt::format(R"({{"Sequence":{{"id":"{}","type_id":{}}}}})", name, type);
    return eos ? text + "," + special(*eos, type) : text;
  };
  const auto described = [](const std::pair<std::string, TokenId>& token) {
    const std::string name = json_string(token.first);
    return fmt::format(R"({0}:{{"id":{0},"ids":[{1}],"tokens":[{0}]}})", name, token.second);
  };
  std::string tokens = bos ? described(*bos) : "";
  if (eos && (!bos || bos->first != eos->first)) tokens += (bos ? "," : "") + described(*eos);
  return fmt::format(R"({{"type":"TemplateProcessing","single":[{}],"pair":[{},{}],"special_tokens":{{{}}}}})",
                     sequence("A", 0), sequence("A", 0), sequence("B", 1), tokens);
}

}  // namespace lf
