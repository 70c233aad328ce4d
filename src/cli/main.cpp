// Entry of the program `llamafactory-cli` (alias `lmf`).
#include <string>
#include <vector>

#include "base/heap.h"
#include "cli/program.h"
#include "tensor/cpu_memory.h"

int main(int argc, char** argv) {
  lf::settle_heap();
#ifndef __SANITIZE_ADDRESS__  // which has to see each block by itself
  lf::use_cpu_pool();
#endif
  const std::vector<std::string> args(argv + (argc > 0 ? 1 : 0), argv + argc);
  return lf::run_program(args);
}
