#!/usr/bin/env bash
# Builds and runs the tests. PRESET, JOBS from the environment; --cpp-only leaves out layer check, format check and Python tests.
set -euo pipefail
cd "$(dirname "$0")/.."
build=build/$PRESET
export LF_SHARED=${LF_SHARED:-$(cd .. && pwd)/shared} LF_CLI=$PWD/$build/bin/llamafactory-cli
if [ "${1:-}" != --cpp-only ]; then
  python3 tools/check_layers.py
  git ls-files 'src/*.h' 'src/*.cpp' 'tests/*.h' 'tests/*.cpp' | xargs clang-format-14 --dry-run -Werror
fi
[ -f "$build/build.ninja" ] || cmake --preset "$PRESET" > /dev/null
ninja -C "$build" -j"$JOBS"
ctest --test-dir "$build" --output-on-failure --timeout 900
if [ "${1:-}" != --cpp-only ]; then
  .venv/bin/python -m pytest -q -rs tests
fi
