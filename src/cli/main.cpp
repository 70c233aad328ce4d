// Entry of the program `llamafactory-cli` (alias `lmf`).
#include <string>
#include <vector>

#include "cli/program.h"

int main(int argc, char** argv) {
  const std::vector<std::string> args(argv + (argc > 0 ? 1 : 0), argv + argc);
  return lf::run_program(args);
}
