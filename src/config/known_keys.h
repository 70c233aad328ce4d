// Every key LLaMA-Factory knows (415), whether it is an option here or not, so that each one is either honoured or
// refused by name; and the few keys of our own.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/run_config.h"

namespace lf {

/// Commands that take a key.
enum class KeyScope { kTrainInfer, kTrainOnly, kInferOnly, kEvalOnly };

enum class KeyRule {
  kOption,        // a field of an option struct
  kAccepted,      // any value of the right type passes and changes nothing
  kRefused,       // passes at its default; another value is "not available yet"
  kNoMeaning,     // the same, for keys without a meaning here
  kAlias,         // an older name; note = the key it stands for
  kDerived,       // computed, never set
  kOtherCommand,  // belongs to a command that is not there yet
};

struct KnownKey {
  std::string_view name;
  std::string_view type;           // bool int float str list dict any; ? = null is allowed
  std::string_view default_value;  // as YAML text
  std::string_view choices;        // upstream's, separated by |
  KeyScope scope;
  KeyRule rule;
  std::string_view note;  // why it has no effect, or what to use instead
  bool secret = false;

  std::vector<std::string> choice_list() const;
};

/// The key called `name`, or null. Names that both train and eval have mean train's.
const KnownKey* find_known_key(std::string_view name);
std::vector<const KnownKey*> all_known_keys();
/// Does a command of this kind take the key?
bool takes(ConfigKind kind, const KnownKey& key);

namespace keys {
using enum KeyScope;
using enum KeyRule;
std::span<const KnownKey> model();
std::span<const KnownKey> data();
std::span<const KnownKey> finetuning();
std::span<const KnownKey> generating();
std::span<const KnownKey> training();
std::span<const KnownKey> megatron_bridge();
std::span<const KnownKey> evaluation();
std::span<const KnownKey> own();  // not LLaMA-Factory's
}  // namespace keys

}  // namespace lf
