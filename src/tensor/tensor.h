// Tensor values, for headers that hold them.
#pragma once
#include <ATen/core/Tensor.h>

#include "tensor/fwd.h"
