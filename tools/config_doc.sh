#!/usr/bin/env bash
# Writes the tables of docs/CONFIG.md anew from the program's own table of keys.
set -euo pipefail
cd "$(dirname "$0")/.."
cli=${CLI:-build/release/bin/llamafactory-cli}
tables=$(mktemp)
trap 'rm -f "$tables"' EXIT
"$cli" config schema > "$tables"
sed -i -e "/<!-- made by/r $tables" -e '/<!-- made by/,/<!-- end -->/{/<!--/!d}' docs/CONFIG.md
