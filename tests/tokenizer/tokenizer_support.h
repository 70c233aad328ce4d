// Shared by the tokenizer tests: reading reference material, folders made on the fly.
#pragma once
#include <gtest/gtest.h>
#include <unistd.h>
#include <zstd.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "base/json.h"
#include "support/shared.h"
#include "tokenizer/tokenizer.h"

namespace lf::testing {

/// A folder that is removed at the end.
class TempFolder {
 public:
  TempFolder() {
    static int count = 0;
    path_ = std::filesystem::temp_directory_path() /
            ("lf_tokenizer_" + std::to_string(getpid()) + "_" + std::to_string(count++));
    std::filesystem::create_directories(path_);
  }
  ~TempFolder() {
    std::error_code error;
    std::filesystem::remove_all(path_, error);
  }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  const TempFolder& write(const std::string& name, const std::string& text) const {
    std::ofstream(path_ / name, std::ios::binary) << text;
    return *this;
  }

 private:
  std::filesystem::path path_;
};

/// What a .zst file (one frame) holds. Throws std::runtime_error when it is not one.
inline std::string read_zst(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  const std::string packed((std::istreambuf_iterator<char>(in)), {});
  std::string text;
  const std::unique_ptr<ZSTD_DCtx, size_t (*)(ZSTD_DCtx*)> context(ZSTD_createDCtx(), ZSTD_freeDCtx);
  ZSTD_inBuffer input{packed.data(), packed.size(), 0};
  std::string buffer(ZSTD_DStreamOutSize(), '\0');
  for (size_t left = 1; left != 0 && input.pos < input.size;) {
    ZSTD_outBuffer output{buffer.data(), buffer.size(), 0};
    left = ZSTD_decompressStream(context.get(), &output, &input);
    if (ZSTD_isError(left)) throw std::runtime_error(path.string() + ": " + ZSTD_getErrorName(left));
    while (left != 0 && output.pos == output.size) {
      text.append(buffer, 0, output.pos);
      output.pos = 0;
      left = ZSTD_decompressStream(context.get(), &output, &input);
    }
    text.append(buffer, 0, output.pos);
  }
  if (text.empty()) throw std::runtime_error(path.string() + " holds nothing");
  return text;
}

inline std::vector<std::string> tokens_of(const Tokenizer& tokenizer, const std::vector<TokenId>& ids) {
  std::vector<std::string> tokens;
  for (const TokenId id : ids) tokens.push_back(tokenizer.id_to_token(id).value_or("<none>"));
  return tokens;
}

/// All that a stream hands out for `ids`, piece by piece, and the rest at the end.
inline std::string streamed(const Tokenizer& tokenizer, const std::vector<TokenId>& ids, bool skip_special = false) {
  StreamDecoder stream(tokenizer, skip_special);
  std::string text;
  for (const TokenId id : ids) text += stream.push(id);
  return text + stream.finish();
}

}  // namespace lf::testing
