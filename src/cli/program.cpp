#include "cli/program.h"

#include <unistd.h>

#include <exception>
#include <new>

#include "base/error.h"
#include "base/registry.h"
#include "base/strings.h"
#include "base/terminal.h"
#include "cli/command.h"
#include "cli/help_text.h"

namespace lf {
namespace {

constexpr int kUsageError = 64;  // EX_USAGE

/// Control characters of outside text must not reach the terminal; line ends and indents of our own messages may.
std::string safe_lines(std::string_view text) {
  std::vector<std::string> lines;
  for (const std::string& line : split(text, '\n')) lines.push_back(printable(line, 2000));
  return join(lines, "\n  ");
}

void print_error(std::string_view kind, std::string_view message) {
  const bool rich = terminal_is_rich(STDERR_FILENO);
  write_fully(STDERR_FILENO, fmt::format("{}error[{}]{}: {}\n", rich ? "\x1b[1;31m" : "", kind, rich ? "\x1b[0m" : "",
                                         safe_lines(message)));
}

int fail(const Error& error) {
  print_error(kind_name(error.kind()), error.what());
  return exit_code(error.kind());
}

/// Errors of libtorch and of the standard library: the first line says what happened, a backtrace follows.
int fail_foreign(const std::exception& error) {
  const std::string text = error.what();
  const std::string first = text.substr(0, text.find('\n'));
  const bool memory = first.starts_with("not enough memory") ||
                      text.find("can't allocate memory") != std::string::npos ||
                      text.find("out of memory") != std::string::npos;
  if (!memory) return fail(Error(ErrorKind::kInternal, first));
  return fail(Error(ErrorKind::kResource, first.starts_with("not enough") ? first : "not enough memory: " + first));
}

int unknown_command(const std::string& name) {
  std::string message =
      fmt::format("'{}' is not a command{}", printable(name, 60), did_you_mean(name, entry_names(all_commands())));
  if (name.ends_with(".yaml") || name.ends_with(".yml") || name.ends_with(".json")) {
    message += fmt::format("; to train: llamafactory-cli train {}", printable(name, 200));
  }
  print_error("usage", message);
  write_fully(STDERR_FILENO, usage_banner());
  return kUsageError;
}

}  // namespace

int run_program(std::span<const std::string> args) {
  std::string name = args.empty() ? "help" : args[0];
  if (name == "-h" || name == "--help") name = "help";
  if (name == "-V" || name == "--version") name = "version";
  const CommandEntry* command = find_entry(all_commands(), name);
  if (!command) return unknown_command(name);
  try {
    return command->run(args.empty() ? args : args.subspan(1));
  } catch (const Error& error) {
    return fail(error);
  } catch (const std::bad_alloc&) {
    return fail(Error(ErrorKind::kResource, "not enough memory"));
  } catch (const std::exception& error) {
    return fail_foreign(error);
  }
}

}  // namespace lf
