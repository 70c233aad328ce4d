#!/usr/bin/env bash
# Writes the tables of docs/MODELS.md anew from the program's own catalogue.
set -euo pipefail
cd "$(dirname "$0")/.."
cli=${CLI:-build/release/bin/llamafactory-cli}
tables=$(mktemp)
trap 'rm -f "$tables"' EXIT
"$cli" model list --markdown > "$tables"
sed -i -e "/<!-- made by/r $tables" -e '/<!-- made by/,/<!-- end -->/{/<!--/!d}' docs/MODELS.md
