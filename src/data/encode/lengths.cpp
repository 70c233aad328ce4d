#include "data/encode/lengths.h"

#include <algorithm>

namespace lf {

TurnLengths infer_seqlen(int64_t source, int64_t target, int64_t cutoff) {
  int64_t most = 0;
  if (target * 2 < cutoff) {
    most = cutoff;
  } else if (source * 2 < cutoff) {
    most = cutoff - source;
  } else {
    const double share = static_cast<double>(target) / static_cast<double>(source + target);
    most = static_cast<int64_t>(static_cast<double>(cutoff) * share);
  }
  TurnLengths cut;
  cut.target = std::min(most, target);
  cut.source = std::min(std::max<int64_t>(cutoff - cut.target, 0), source);
  return cut;
}

int64_t cut_turn(EncodedTurn& turn, int64_t cutoff) {
  const TurnLengths lengths =
      infer_seqlen(static_cast<int64_t>(turn.prompt.size()), static_cast<int64_t>(turn.response.size()), cutoff);
  turn.prompt.resize(lengths.source);
  turn.response.resize(lengths.target);
  return lengths.source + lengths.target;
}

}  // namespace lf
