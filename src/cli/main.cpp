// Entry of the program `llamafactory-cli` (alias `lmf`).
#include <string>
#include <vector>

#include "cli/program.h"

/// MKL inside libtorch asks this before it takes its AVX code paths, and takes slow ones on other makers' processors
/// that have AVX too. Exported from the executable, this answer wins: float32 matrix products run 2.5 times as fast on
/// AMD.
extern "C" __attribute__((visibility("default"))) int mkl_serv_intel_cpu_true();
extern "C" int mkl_serv_intel_cpu_true() { return 1; }

int main(int argc, char** argv) {
  const std::vector<std::string> args(argv + (argc > 0 ? 1 : 0), argv + argc);
  return lf::run_program(args);
}
