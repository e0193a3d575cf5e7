#!/usr/bin/env bash
# The studies behind docs/numbers/{quality-on-chips,devices,imperfections}.md: scripts/studies.sh [STUDY…]
#   runs quality devices compensated yield sensitivity alone
#   OUT=runs/studies    where results go; a study that was interrupted goes on where it was
#   CHIPS=10            chips of each design; an interval over fewer says little
# Between one and three hours of one core, by processor; each can be had alone once `runs` has trained the models.
set -euo pipefail
cd "$(dirname "$0")/.."
gradep=${GRADEP:-./target/release/gradep}
out=${OUT:-runs/studies}
chips=${CHIPS:-10}
quick=(--time-step 0.5 -n 250)
mkdir -p "$out"
bench() { "$gradep" bench "$@"; }

runs() {
    for seed in 0 1 2; do
        [ -f "$out/h-$seed/summary.json" ] || "$gradep" train --preset track-h --seed "$seed" --out "$out/h-$seed"
    done
}
quality() {
    bench quality --run "$out/h-0" "$out/h-1" "$out/h-2" --chip D3 D3-HERMES D3-ReRAM-CMO -s array.compensation=global \
        --ratio 200 --times 0.8,0.9,1,1.1,1.2,1.3,1.5 --time-step 0.5 --chips 4 --out "$out/quality"
}
devices() {
    bench quality --run "$out/h-0" --chip D3 D3-PCM D3-HERMES D3-ReRAM-CMO D3-ReRAM-Milo D3-Capacitor D2-ReRAM D2-SONOS D2-ECRAM D2-FeFET D1-MOSFET \
        --ratio 50 --times 1.3 "${quick[@]}" --chips "$chips" --out "$out/devices"
}
compensated() {
    bench quality --run "$out/h-0" --chip D3-PCM D3-HERMES D3-ReRAM-CMO D2-ReRAM D2-SONOS -s array.compensation=global \
        --ratio 50 --times 1.3 "${quick[@]}" --chips "$chips" --out "$out/compensated"
}
yield() {
    bench sweep --run "$out/h-0" --chip D3 -s device=generic --only programming_noise \
        --vary "array.programming_sigma=0 %,0.25 %,0.5 %,1 %,2 %" --ratio 50 --at 1.3 --time-step 0.25 --chips 20 --out "$out/yield"
}
sensitivity() {
    bench sensitivity --run "$out/h-0" --chip D3-PCM -s array.compensation=global --chips "$chips" --ratio 50 --at 1.3 "${quick[@]}" --out "$out/sensitivity"
}
alone() {
    bench sensitivity --run "$out/h-0" --chip ideal -s device=generic -s array.programming_noise=true -s "array.programming_sigma=1 %" \
        -s array.levels=true -s array.level_count=64 -s "activation.offset.spread=1 mV" -s "wires.segment=2.5 ohm" \
        --ratio 50 --at 1.3 "${quick[@]}" --chips "$chips" --out "$out/alone"
}

[ $# -gt 0 ] || set -- runs quality devices compensated yield sensitivity alone
for study in "$@"; do
    printf '== %s\n' "$study"
    "$study"
done
