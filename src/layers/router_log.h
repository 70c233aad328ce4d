// Gathers what routers of a mixture of experts decided in one forward pass, for the load-balancing loss.
#pragma once
#include "tensor/tensor.h"

namespace lf {

class RouterLog;

}  // namespace lf
