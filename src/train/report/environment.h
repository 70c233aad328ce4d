// Where and with what a run happens, for logs and cards.
#pragma once
#include <string>
#include <utility>
#include <vector>

namespace lf {

/// Host name without control characters or slashes; "localhost" when unknown.
std::string host_name();
std::string program_version();
std::string libtorch_version();
/// Model name of the processor, or "".
std::string cpu_name();
/// Name and version of what the card and `env` list: this program, libtorch.
std::vector<std::pair<std::string, std::string>> framework_versions();
/// One line for the start of a run: host, cores, versions.
std::string environment_summary();

}  // namespace lf
