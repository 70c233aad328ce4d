// Speed of loading and encoding: LF_BENCH_TOKENIZER = folder with a tokenizer.json, LF_BENCH_TEXT = text file, one
// document a line.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <fstream>

#include "tokenizer/tokenizer.h"

namespace {

const char* setting(const char* name, benchmark::State& state) {
  const char* value = std::getenv(name);
  if (!value) state.SkipWithError((std::string(name) + " is not set").c_str());
  return value;
}

std::vector<std::string> read_lines(const char* path) {
  std::vector<std::string> lines;
  std::ifstream in(path);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

void load(benchmark::State& state) {
  const char* folder = setting("LF_BENCH_TOKENIZER", state);
  if (!folder) return;
  for (auto _ : state) benchmark::DoNotOptimize(lf::load_tokenizer(folder));
}
BENCHMARK(load)->Unit(benchmark::kMillisecond);

void encode(benchmark::State& state) {
  const char* folder = setting("LF_BENCH_TOKENIZER", state);
  const char* path = folder ? setting("LF_BENCH_TEXT", state) : nullptr;
  if (!path) return;
  const auto tokenizer = lf::load_tokenizer(folder);
  const std::vector<std::string> lines = read_lines(path);
  int64_t bytes = 0;
  int64_t tokens = 0;
  for (auto _ : state) {
    for (const std::string& line : lines) {
      tokens += static_cast<int64_t>(tokenizer->encode(line).size());
      bytes += static_cast<int64_t>(line.size());
    }
  }
  state.SetBytesProcessed(bytes);
  state.counters["bytes/token"] = static_cast<double>(bytes) / static_cast<double>(std::max<int64_t>(tokens, 1));
}
BENCHMARK(encode)->Unit(benchmark::kMillisecond);

/// One word without any place to cut: the merging itself must not become quadratic.
void encode_one_word(benchmark::State& state) {
  const char* folder = setting("LF_BENCH_TOKENIZER", state);
  if (!folder) return;
  const auto tokenizer = lf::load_tokenizer(folder);
  const std::string word(static_cast<size_t>(state.range(0)), 'a');
  for (auto _ : state) benchmark::DoNotOptimize(tokenizer->encode(word));
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(encode_one_word)->Arg(1 << 10)->Arg(1 << 15)->Arg(1 << 20)->Unit(benchmark::kMillisecond);

}  // namespace
