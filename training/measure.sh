#!/usr/bin/env bash
# Everything that is said about a bundle, in the order in which one figure rests on another: bash training/measure.sh BUNDLE DATA
# Needs `npm run build`. PYTHON names the interpreter, MACHINE what the speed is said to be measured on.
set -euo pipefail
bundle=$1 data=$2 python=${PYTHON:-python3}
machine=${MACHINE:-"$(uname -m), $(nproc) cores"}
speed=$(mktemp)
trap 'rm -f "$speed"' EXIT

for step in calibrate thresholds evaluate picture_worth; do
  "$python" -m "training.$step" --bundle "$bundle" --data "$data" --write
done
# The record in test/fixtures is that of the bundle that ships.
keep=$([[ $(realpath "$bundle") == $(realpath models/default) ]] && echo --write || true)
npm run -s behaviour -- --bundle "$bundle" $keep
node dist/cli.js model bench "$bundle" --json >"$speed"
"$python" -m training.card --bundle "$bundle" --speed "$speed" --machine "$machine"
