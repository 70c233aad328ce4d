#!/usr/bin/env bash
# The tour of `make demo`: the same questions before and after fine-tuning, then (on a terminal) a chat.
set -euo pipefail
cd "$(dirname "$0")/../.."
CLI=${CLI:-build/release/bin/llamafactory-cli}
model=examples/demo/model
export OMP_NUM_THREADS=1  # so small a model gains nothing from more, and loses much where other work wants the cores
questions=$'Who are you?\nclear\nWho made you?\nclear\nWhat is your name?\n'

say() { printf '\n\033[1m%s\033[0m\n' "$1"; }
ask() { "$CLI" chat examples/demo/chat.yaml "$@" <<< "$questions" 2>/dev/null | grep -E '^(User|Assistant): .' | grep -v '^User: clear' || true; }

say "1. The bundled tiny model, before fine-tuning"
ask "adapter_name_or_path=null"
say "2. Fine-tuning it with LoRA (examples/demo/sft_lora.yaml)"
"$CLI" train examples/demo/sft_lora.yaml
say "3. The same questions with the adapter in saves/demo/lora"
ask
say "Done. The loss curve is saves/demo/lora/training_loss.png. To talk to it: $CLI chat examples/demo/chat.yaml"
if [ -t 0 ] && [ -t 1 ]; then "$CLI" chat examples/demo/chat.yaml; fi
