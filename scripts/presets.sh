#!/usr/bin/env bash
# Trains presets over seeds and prints the table of docs/numbers/losses.md: scripts/presets.sh [PRESET…]
#   SEEDS="0 1 2 3 4"   seeds of each preset
#   OUT=runs/presets    where the runs go; finished runs are kept and only read
# On 2 cores a run of `best` or `paper` takes minutes, one of `paper-explicit` about twenty.
set -euo pipefail
cd "$(dirname "$0")/.."
presets=("${@:-best}")
seeds=${SEEDS:-0 1 2 3 4}
out=${OUT:-runs/presets}
cargo build --release -q -p gradep
value() { sed -n "s/^ *\"$2\": \([^,]*\),*$/\1/p" "$1" | head -1; }

for preset in "${presets[@]}"; do
    rows=()
    for seed in $seeds; do
        run=$out/$preset-seed$seed
        if [ ! -f "$run/summary.json" ]; then
            if [ -d "$run/checkpoints" ]; then
                ./target/release/gradep train --resume "$run" >&2
            else
                ./target/release/gradep train --preset "$preset" --seed "$seed" --out "$run" >&2
            fi
        fi
        summary=$run/summary.json
        rows+=("$(value "$summary" final_loss) $(value "$summary" seconds_per_epoch) $(value "$summary" initial_loss)")
    done
    printf '%s\n' "${rows[@]}" | awk -v preset="$preset" '
        { loss += $1; square += $1 * $1; seconds += $2; start += $3
          if (NR == 1 || $1 < low) low = $1; if ($1 > high) high = $1 }
        END { mean = loss / NR; sd = NR > 1 ? sqrt((square - NR * mean * mean) / (NR - 1)) : 0
              printf "%-15s %d seeds  first loss %.3f  final loss %.4f +- %.4f (%.4f to %.4f)  %.3f s per epoch\n",
                     preset, NR, start / NR, mean, sd, low, high, seconds / NR }'
done
