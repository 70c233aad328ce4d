// The program without its main(): dispatch to a command, errors to text and exit codes.
#pragma once
#include <span>
#include <string>

namespace lf {

/// args: what follows the program's name. Returns the exit status: 0, sysexits.h values by kind of error
/// (base/error.h), 64 for an unknown command. Errors are printed to stderr as `error[kind]: message`.
int run_program(std::span<const std::string> args);

}  // namespace lf
