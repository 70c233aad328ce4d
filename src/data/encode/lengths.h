// Upstream's rule about lengths: how a prompt and its response share what is left of the cutoff.
#pragma once
#include <cstdint>

#include "templates/template.h"

namespace lf {

struct TurnLengths {
  int64_t source = 0;
  int64_t target = 0;
};

/// Lengths after cutting; both parts keep their heads.
TurnLengths infer_seqlen(int64_t source, int64_t target, int64_t cutoff);

/// Cuts one turn to `cutoff` tokens; returns its new length.
int64_t cut_turn(EncodedTurn& turn, int64_t cutoff);

}  // namespace lf
