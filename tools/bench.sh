#!/usr/bin/env bash
# Runs benchmarks against their peers; results go to bench/results. Usage: tools/bench.sh [train] [tokenizer] [data] [moe]; without words, all.
# PRESET, JOBS from the environment. `tokenizer` and `data` read demo texts and tokenizers under LF_SHARED; `data` needs LF_ORACLE, the
# Python of an environment with the real LLaMA-Factory.
set -euo pipefail
cd "$(dirname "$0")/.."
build=build/$PRESET
export LF_SHARED=${LF_SHARED:-$(cd .. && pwd)/shared} CLI=$PWD/$build/bin/llamafactory-cli
[ $# -gt 0 ] || set -- train tokenizer data moe
for what in "$@"; do
  case $what in
    train) .venv/bin/python bench/train_bench.py ;;
    tokenizer)
      ninja -C "$build" -j"$JOBS" corpus_bench > /dev/null
      BENCH=$PWD/$build/bin/corpus_bench .venv/bin/python bench/tokenizer_bench.py ;;
    moe)
      ninja -C "$build" -j"$JOBS" moe_layer_bench > /dev/null
      BENCH=$PWD/$build/bin/moe_layer_bench .venv/bin/python bench/moe_bench.py ;;
    data)
      ninja -C "$build" -j"$JOBS" prepare_bench > /dev/null
      folder=$(mktemp -d)/qwen2.5 && mkdir "$folder"
      cp "$LF_SHARED/tokenizers/qwen2.5/tokenizer_config.json" "$folder"
      zstd -qdc "$LF_SHARED/tokenizers/qwen2.5/tokenizer.json.zst" > "$folder/tokenizer.json"
      .venv/bin/python bench/data_bench.py --tokenizer "$folder" ;;
    *) echo "BENCH=$what is not known; train, tokenizer, data or moe" >&2; exit 2 ;;
  esac
done
