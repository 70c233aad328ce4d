// The worker of bench/tokenizer_bench.py: encodes all documents of a file, as often as it is told to.
// usage: corpus_bench FOLDER DOCUMENTS, with a command a line on standard input:
//   load           loads the tokenizer again            -> seconds, CPU seconds
//   time THREADS   encodes every document once          -> seconds, CPU seconds of all threads, tokens
//   ids FILE       writes the ids of every document: for each its count and its ids, all of them uint32
// DOCUMENTS holds for each document its length (uint32) and its bytes.
#include <atomic>
#include <chrono>
#include <cstring>
#include <ctime>
#include <fstream>
#include <iostream>
#include <sstream>
#include <thread>

#include "base/files.h"
#include "tokenizer/tokenizer.h"

namespace {

using Documents = std::vector<std::string_view>;

Documents cut(std::string_view bytes) {
  Documents documents;
  for (size_t at = 0; at + sizeof(uint32_t) <= bytes.size();) {
    uint32_t length = 0;
    std::memcpy(&length, bytes.data() + at, sizeof length);
    documents.push_back(bytes.substr(at + sizeof length, length));
    at += sizeof length + length;
  }
  return documents;
}

double cpu_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

/// "wall cpu" of the work.
template <class Work>
std::string seconds(const Work& work) {
  const auto begin = std::chrono::steady_clock::now();
  const double cpu = cpu_seconds();
  work();
  const double wall = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return std::to_string(wall) + ' ' + std::to_string(cpu_seconds() - cpu);
}

/// Fresh threads take the documents in batches; returns the number of tokens.
size_t encode_all(const lf::Tokenizer& tokenizer, const Documents& documents, size_t threads) {
  constexpr size_t kBatch = 64;
  std::atomic<size_t> next{0}, tokens{0};
  const auto work = [&] {
    size_t mine = 0;
    for (size_t begin = 0; (begin = next.fetch_add(kBatch)) < documents.size();) {
      const size_t end = std::min(begin + kBatch, documents.size());
      for (size_t i = begin; i < end; ++i) mine += tokenizer.encode(documents[i]).size();
    }
    tokens += mine;
  };
  std::vector<std::thread> pool;
  for (size_t i = 0; i < threads; ++i) pool.emplace_back(work);
  for (std::thread& thread : pool) thread.join();
  return tokens;
}

void write_ids(const lf::Tokenizer& tokenizer, const Documents& documents, const std::string& path) {
  std::ofstream out(path, std::ios::binary);
  for (const std::string_view document : documents) {
    const std::vector<lf::TokenId> ids = tokenizer.encode(document);
    const auto count = static_cast<uint32_t>(ids.size());
    out.write(reinterpret_cast<const char*>(&count), sizeof count);
    out.write(reinterpret_cast<const char*>(ids.data()), static_cast<std::streamsize>(ids.size() * sizeof ids[0]));
  }
}

}  // namespace

int main(int argc, char** argv) try {
  LF_CHECK(kData, argc == 3, "usage: corpus_bench FOLDER DOCUMENTS");
  const std::string bytes = lf::read_file(argv[2], uint64_t{1} << 32);
  const Documents documents = cut(bytes);
  auto tokenizer = lf::load_tokenizer(argv[1]);
  for (std::string line; std::getline(std::cin, line);) {
    std::istringstream words(line);
    std::string command, argument;
    words >> command >> argument;
    if (command == "load") {
      std::cout << seconds([&] { tokenizer = lf::load_tokenizer(argv[1]); }) << std::endl;
    } else if (command == "time") {
      size_t tokens = 0;
      const std::string time = seconds([&] { tokens = encode_all(*tokenizer, documents, std::stoul(argument)); });
      std::cout << time << ' ' << tokens << std::endl;
    } else {
      write_ids(*tokenizer, documents, argument);
      std::cout << "done" << std::endl;
    }
  }
} catch (const std::exception& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
