// Which device a process works on.
#pragma once
#include <c10/core/Device.h>

namespace lf {

/// The GPU of this process (LOCAL_RANK, which torchrun sets; 0 without it) when libtorch sees one, else the CPU.
/// `use_cpu`: the CPU in any case. kConfig when LOCAL_RANK names a GPU that does not exist.
c10::Device working_device(bool use_cpu);

}  // namespace lf
