// Encoding without merging (models/bpe_encoder.h) against byte pair encoding by definition, on random vocabularies.
#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "tokenizer/byte_level.h"
#include "tokenizer_support.h"

namespace lf::testing {
namespace {

/// Characters as UTF-8 pieces.
std::vector<std::string> characters_of(const std::string& text) {
  std::vector<std::string> characters;
  for (const char c : text) {
    if ((static_cast<unsigned char>(c) & 0xC0) == 0x80)
      characters.back() += c;
    else
      characters.emplace_back(1, c);
  }
  return characters;
}

struct RandomBpe {
  std::vector<std::string> alphabet;
  std::vector<std::string> vocab;  // by id; characters, then the results of merges, then tokens without a merge
  std::vector<std::pair<std::string, std::string>> merges;
  bool byte_fallback = false, ignore_merges = false;

  TokenId id_of(const std::string& token) const {
    const auto found = std::find(vocab.begin(), vocab.end(), token);
    return found == vocab.end() ? -1 : static_cast<TokenId>(found - vocab.begin());
  }

  /// Always the lowest rank, the leftmost of equals, one merge at a time.
  std::vector<TokenId> encode(const std::string& word) const {
    if (ignore_merges && id_of(word) >= 0) return {id_of(word)};
    std::vector<std::string> symbols;
    for (const std::string& character : characters_of(word)) {
      if (id_of(character) >= 0) {
        symbols.push_back(character);
        continue;
      }
      for (const unsigned char byte : character) symbols.push_back(fmt::format("<0x{:02X}>", byte));
    }
    for (;;) {
      size_t best_rank = merges.size(), best = 0;
      for (size_t i = 0; i + 1 < symbols.size(); ++i) {
        for (size_t rank = merges.size(); rank-- > 0;) {  // a pair given twice has its last rank
          if (merges[rank].first != symbols[i] || merges[rank].second != symbols[i + 1]) continue;
          if (rank < best_rank) best_rank = rank, best = i;
          break;
        }
      }
      if (best_rank == merges.size()) break;
      symbols[best] += symbols[best + 1];
      symbols.erase(symbols.begin() + static_cast<std::ptrdiff_t>(best) + 1);
    }
    std::vector<TokenId> ids;
    for (const std::string& symbol : symbols) ids.push_back(id_of(symbol));
    return ids;
  }

  std::string json(bool byte_level) const {
    Json model = {{"type", "BPE"},
                  {"byte_fallback", byte_fallback},
                  {"ignore_merges", ignore_merges},
                  {"vocab", Json::object()},
                  {"merges", Json::array()}};
    for (size_t id = 0; id < vocab.size(); ++id) model["vocab"][vocab[id]] = id;
    for (const auto& [left, right] : merges) model["merges"].push_back({left, right});
    Json root = {{"model", model}, {"added_tokens", Json::array()}};
    if (byte_level) {
      root["pre_tokenizer"] = {
          {"type", "ByteLevel"}, {"add_prefix_space", false}, {"trim_offsets", true}, {"use_regex", false}};
    }
    return root.dump();
  }
};

class RandomVocabularies {
 public:
  explicit RandomVocabularies(unsigned seed) : random_(seed) {}

  size_t below(size_t limit) { return random_() % limit; }

  RandomBpe make(const std::vector<std::string>& letters, size_t used) {
    RandomBpe bpe;
    bpe.alphabet.assign(letters.begin(), letters.begin() + static_cast<std::ptrdiff_t>(used));
    bpe.vocab = letters;
    std::vector<std::string> tokens = bpe.alphabet;
    for (size_t i = 0, count = 1 + below(25); i < count; ++i) {
      const std::string left = tokens[below(tokens.size())], right = tokens[below(tokens.size())];
      if (left.size() + right.size() > 40) continue;
      bpe.merges.emplace_back(left, right);
      if (bpe.id_of(left + right) < 0) {
        bpe.vocab.push_back(left + right);
        tokens.push_back(left + right);
      }
    }
    if (below(3) == 0) add_all_pairs(bpe, tokens);
    if (below(3) == 0) std::shuffle(bpe.merges.begin(), bpe.merges.end(), random_);  // ranks that no training gives
    if (below(3) > 0) remove_repeats(bpe);
    for (size_t i = 0, count = below(4); i < count; ++i) {  // tokens that no merge makes
      const std::string token = word(bpe.alphabet, 2 + below(4));
      if (bpe.id_of(token) < 0) bpe.vocab.push_back(token);
    }
    return bpe;
  }

  std::string word(const std::vector<std::string>& letters, size_t length) {
    std::string text;
    while (length-- > 0) text += letters[below(letters.size())];
    return text;
  }

 private:
  /// Every way to put a token together from two, as files made from ranked vocabularies list them.
  static void add_all_pairs(RandomBpe& bpe, const std::vector<std::string>& tokens) {
    bpe.merges.clear();
    for (const std::string& token : tokens) {
      for (const std::string& left : tokens) {
        if (left.size() >= token.size() || !token.starts_with(left)) continue;
        const std::string right = token.substr(left.size());
        if (std::find(tokens.begin(), tokens.end(), right) != tokens.end()) bpe.merges.emplace_back(left, right);
      }
    }
  }

  static void remove_repeats(RandomBpe& bpe) {
    std::set<std::pair<std::string, std::string>> seen;
    std::erase_if(bpe.merges, [&](const auto& merge) { return !seen.insert(merge).second; });
  }

  std::mt19937 random_;
};

/// What the model says about `text` when nothing is cut.
void expect_equal(const Tokenizer& tokenizer, const RandomBpe& bpe, const std::string& text) {
  const std::vector<TokenId> ids = tokenizer.encode(text);
  if (ids == bpe.encode(text)) return;
  std::string merges;
  for (const auto& [left, right] : bpe.merges) merges += left + "+" + right + " ";
  ASSERT_EQ(ids, bpe.encode(text)) << text << "\nmerges: " << merges;
}

TEST(BpeEncoder, gives_what_merging_gives_over_bytes) {
  TempFolder here;
  RandomVocabularies random(1);
  std::vector<std::string> letters = {"a", "b", "c"};
  for (int byte = 0; byte < 256; ++byte) {
    if (byte < 'a' || byte > 'c') letters.emplace_back(byte_letter(static_cast<unsigned char>(byte)));
  }
  for (int round = 0; round < 600; ++round) {
    RandomBpe bpe = random.make(letters, 1 + random.below(3));
    bpe.ignore_merges = random.below(2) == 0;
    here.write("tokenizer.json", bpe.json(true));
    const auto tokenizer = load_tokenizer(here.path());
    for (int i = 0; i < 30; ++i) {
      ASSERT_NO_FATAL_FAILURE(expect_equal(*tokenizer, bpe, random.word(bpe.alphabet, 1 + random.below(40))));
    }
    ASSERT_NO_FATAL_FAILURE(expect_equal(*tokenizer, bpe, random.word(bpe.alphabet, 600)));
  }
}

TEST(BpeEncoder, gives_what_merging_gives_over_characters_with_byte_fallback) {
  TempFolder here;
  RandomVocabularies random(2);
  for (int round = 0; round < 600; ++round) {
    RandomBpe bpe = random.make({"a", "\u2581", "\u4E2D", "\U0001F600"}, 1 + random.below(4));
    bpe.byte_fallback = true;
    for (int byte = 0; byte < 256; ++byte) bpe.vocab.push_back(fmt::format("<0x{:02X}>", byte));
    here.write("tokenizer.json", bpe.json(false));
    const auto tokenizer = load_tokenizer(here.path());
    std::vector<std::string> letters = bpe.alphabet;
    letters.push_back("x");  // not in the vocabulary
    letters.push_back("\u6587");
    for (int i = 0; i < 30; ++i) {
      ASSERT_NO_FATAL_FAILURE(
          expect_equal(*tokenizer, bpe, random.word(i % 2 ? letters : bpe.alphabet, 1 + random.below(40))));
    }
  }
}

TEST(BpeEncoder, long_words_of_one_letter) {
  TempFolder here;
  RandomBpe bpe;
  bpe.alphabet = bpe.vocab = {"a"};
  bpe.byte_fallback = true;
  for (size_t length = 2; length <= 32; length *= 2) {
    bpe.merges.emplace_back(std::string(length / 2, 'a'), std::string(length / 2, 'a'));
    bpe.vocab.emplace_back(length, 'a');
  }
  for (int byte = 0; byte < 256; ++byte) bpe.vocab.push_back(fmt::format("<0x{:02X}>", byte));
  here.write("tokenizer.json", bpe.json(false));
  const auto tokenizer = load_tokenizer(here.path());
  const std::vector<TokenId> ids = tokenizer->encode(std::string(1'000'003, 'a'));
  ASSERT_EQ(ids.size(), 1'000'003 / 32 + 2);
  EXPECT_EQ(tokens_of(*tokenizer, {ids.end() - 3, ids.end()}),
            (std::vector<std::string>{std::string(32, 'a'), "aa", "a"}));
}

}  // namespace
}  // namespace lf::testing
