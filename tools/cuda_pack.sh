#!/usr/bin/env bash
# Collects the C++ dependencies of the build (headers, libraries, CMake and pkg-config files) from this machine's packages into
# .cuda-deps/, so that they can be carried to a GPU machine that has a compiler and a CUDA torch wheel but no network.
# Then, there: tools/cuda_test.sh
set -euo pipefail
cd "$(dirname "$0")/.."
out=.cuda-deps
packages=(nlohmann-json3-dev libyaml-cpp-dev libyaml-cpp0.7 libfmt-dev libfmt9 libpcre2-dev libpcre2-8-0 libicu-dev libicu72 libsimdjson-dev
  libsimdjson14 libxxhash-dev libxxhash0 libssl-dev libssl3 libcairo2-dev libcairo2 libgtest-dev libgmock-dev googletest libbenchmark-dev
  libbenchmark1debian libpixman-1-0 libpng16-16 libfreetype6 libfontconfig1 libxcb1 libxcb-shm0 libxcb-render0 libx11-6 libxrender1 libxext6
  libxau6 libxdmcp6 libbsd0 libmd0 libexpat1 libbrotli1 zlib1g libuuid1 libpixman-1-dev libpng-dev libfreetype-dev libfontconfig-dev ninja-build)
rm -rf "$out" && mkdir -p "$out"
for package in "${packages[@]}"; do
  dpkg -L "$package" 2>/dev/null | grep -E '^/(usr/)?(include|lib|share/(pkgconfig|cmake|nlohmann)|bin/ninja)' | grep -vE '/(doc|man|locale)/|\.a$' || true
done | sort -u > "$out/files"
# static archives only for the test libraries
for package in libgtest-dev libgmock-dev libbenchmark-dev; do dpkg -L "$package" | grep '\.a$' || true; done >> "$out/files"
while read -r path; do [ -d "$path" ] || echo "${path#/}"; done < "$out/files" | tar -C / -cf - --files-from=- | tar -C "$out" -xf -
rm "$out/files"
# one place for libraries, and CMake files that refer to it
if [ -d "$out/lib" ]; then mkdir -p "$out/usr/lib"; cp -a "$out"/lib/* "$out/usr/lib/"; rm -rf "$out/lib"; fi
find "$out" -name '*.pc' -exec sed -i 's#^prefix=.*#prefix=${pcfiledir}/../../..#' {} +
du -sh "$out"
