#!/usr/bin/env bash
# Builds the program and the tests against a CUDA torch wheel, without network, and runs the unit tests and those labelled `cuda`.
# Needs: a C++20 compiler, CMake, python3 with a CUDA torch, and .cuda-deps made by tools/cuda_pack.sh (or the packages themselves).
set -euo pipefail
cd "$(dirname "$0")/.."
deps=$PWD/.cuda-deps
torch=$(python3 -c 'import os, torch; print(os.path.dirname(torch.__file__))')
export PATH="$deps/usr/bin:$PATH" LD_LIBRARY_PATH="$deps/usr/lib/x86_64-linux-gnu:$torch/lib:${LD_LIBRARY_PATH:-}"
export PKG_CONFIG_PATH="$deps/usr/lib/x86_64-linux-gnu/pkgconfig:$deps/usr/share/pkgconfig"
cmake --preset cuda -DLF_TORCH_DIR="$torch" -DCMAKE_PREFIX_PATH="$deps/usr" -DCMAKE_LIBRARY_ARCHITECTURE=x86_64-linux-gnu > /dev/null
ninja -C build/cuda -j"$(nproc)"
LF_CUDA=1 ctest --test-dir build/cuda --output-on-failure "$@"
