#!/usr/bin/env bash
# Free-running generation of trained models on the shipped chips, and the table of docs/numbers/cost.md:
#   scripts/chip-samples.sh RUN…      one trained run per cell
#   CHIPS="ideal D2 D3 D4" RATIOS="20 50 90" N=1000 FIGURES=docs
# Prints per run, chip and r = C_x/C_h: time, relaxation, energy per sample, and the rarest class.
set -euo pipefail
cd "$(dirname "$0")/.."
[ $# -gt 0 ] || { sed -n '2,5s/^# //p' "$0" >&2; exit 2; }
gradep=${GRADEP:-./target/release/gradep}
n=${N:-1000}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
value() { sed -n "s/^ *\"$2\": \([^,]*\),*$/\1/p" "$1" | head -1; }

printf '%-28s %-6s %4s %12s %10s %12s %s\n' run chip r 'time (s)' tau 'energy (J)' 'rarest class'
for run in "$@"; do
    for chip in ${CHIPS:-ideal D2 D3 D4}; do
        for ratio in ${RATIOS:-20 50 90}; do
            "$gradep" --quiet sample "$run" --chip "$chip" --mode free --ratio "$ratio" --until 1.1 -n "$n" \
                --out "$work/samples.npz" --json > "$work/summary.json"
            rarest=$(tr -d '\n' < "$work/summary.json" | sed 's/.*"smallest_class": {\([^}]*\)}.*/\1/' | tr -s ' ')
            printf '%-28s %-6s %4s %12.3e %10.1f %12.3e %s\n' "$(basename "$run")" "$chip" "$ratio" \
                "$(value "$work/samples.json" total_s)" "$(value "$work/samples.json" relaxation_tau)" \
                "$(value "$work/samples.json" total_j)" "$rarest"
        done
        if [ -n "${FIGURES:-}" ]; then
            "$gradep" --quiet sample "$run" --chip "$chip" --mode free --ratio 50 --until 1.1 -n 64 \
                --out "$work/samples.npz" --figure "$FIGURES/free-$(basename "$run")-$chip.png" > /dev/null
        fi
    done
done
