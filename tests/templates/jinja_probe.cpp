// Lets Python tests compare renders: reads JSON lines {"template": text, "contexts": [object, ...], "now": [y, m, d, h,
// m, s]} and writes, for each context, {"output": text, "generations": [[begin, end], ...]} or {"error": text, "kind":
// name}.
#include <iostream>
#include <string>

#include "base/error.h"
#include "base/json.h"
#include "templates/jinja/template.h"

namespace {

lf::Json failure(const lf::Error& error) { return {{"error", error.what()}, {"kind", lf::kind_name(error.kind())}}; }

std::tm time_of(const lf::Json& row) {
  std::tm now{};
  if (!row.contains("now")) return lf::local_now();
  now.tm_year = row["now"][0].get<int>() - 1900;
  now.tm_mon = row["now"][1].get<int>() - 1;
  now.tm_mday = row["now"][2];
  now.tm_hour = row["now"][3];
  now.tm_min = row["now"][4];
  now.tm_sec = row["now"][5];
  now.tm_isdst = -1;
  std::mktime(&now);
  return now;
}

void answer(const lf::Json& row) {
  std::optional<lf::JinjaTemplate> parsed;
  lf::Json failed;
  try {
    parsed = lf::JinjaTemplate::parse(row["template"].get<std::string>());
  } catch (const lf::Error& error) {
    failed = failure(error);
    failed["parse"] = true;
  }
  for (const lf::Json& context : row["contexts"]) {
    lf::Json result = failed;
    try {
      if (parsed) {
        const lf::JinjaOutput output = parsed->render(context, {.now = time_of(row)});
        result = {{"output", output.text}, {"generations", output.generations}};
      }
    } catch (const lf::Error& error) {
      result = failure(error);
    }
    std::cout << result.dump(-1, ' ', false, lf::Json::error_handler_t::replace) << '\n';
  }
}

}  // namespace

int main() {
  std::ios::sync_with_stdio(false);
  for (std::string line; std::getline(std::cin, line);) {
    try {
      answer(lf::parse_json(line, "stdin"));
    } catch (const lf::Error& error) {
      std::cout << failure(error).dump() << '\n';
    }
  }
}
