#!/usr/bin/env bash
# Puts in place what the build needs and lacks: system packages (when root; otherwise says what to install) and the project's
# virtual environment with the pinned wheels. Does nothing when all is there. Usage: tools/setup.sh [build|test]
set -euo pipefail
cd "$(dirname "$0")/.."
what=${1:-build}

packages=(cmake ninja-build ccache g++ lld pkg-config python3 python3-venv nlohmann-json3-dev libyaml-cpp-dev libfmt-dev libpcre2-dev
  libicu-dev libsimdjson-dev libxxhash-dev libssl-dev libcurl4-openssl-dev libzstd-dev zlib1g-dev libcairo2-dev fonts-dejavu-core libgtest-dev libgmock-dev libbenchmark-dev)
if [ "$what" = test ]; then
  packages+=(clang-format-14 clang-14 libclang-rt-14-dev zstd)
fi
missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
  if ! command -v apt-get >/dev/null; then
    echo "These are needed (Debian names); install them with your package manager: ${missing[*]}" >&2
    exit 1
  elif [ "$(id -u)" = 0 ]; then
    echo "Installing system packages: ${missing[*]}"
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
  else
    echo "Please install the missing packages, then run again:" >&2
    echo "  sudo apt-get install --no-install-recommends ${missing[*]}" >&2
    exit 1
  fi
fi

python=.venv/bin/python
[ -x "$python" ] || python3 -m venv .venv
# With LF_TORCH_INDEX (a wheel index) a CUDA build of torch can be chosen.
wheels() {
  "$python" - "$1" <<'PY' && return 0
import importlib.metadata as m, sys
for line in open(sys.argv[1]):
    name, _, version = line.strip().partition("==")
    if name and not name.startswith("#") and m.version(name).split("+")[0] != version:
        sys.exit(1)
PY
  echo "Installing $(grep -vc '^#' "$1") pinned Python wheels ($1)"
  "$python" -m pip install -q --disable-pip-version-check ${LF_TORCH_INDEX:+--index-url "$LF_TORCH_INDEX"} -r "$1"
}
wheels tools/requirements-build.txt 2>/dev/null
[ "$what" = build ] || wheels tools/requirements-test.txt 2>/dev/null
