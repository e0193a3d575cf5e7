#!/usr/bin/env bash
# The studies behind the README's tables of chips: scripts/studies.sh [STUDY…]
#   runs quality devices yield sensitivity compensation alone directions tiles tolerance
#   OUT=runs/studies    where results go; what is finished is read again, not computed
#   CHIPS=10            chips of each design; an interval over fewer says little
# About an hour and a half on two cores together; each can be run alone once `runs` has trained the models.
set -euo pipefail
cd "$(dirname "$0")/.."
gradep=${GRADEP:-./target/release/gradep}
out=${OUT:-runs/studies}
chips=${CHIPS:-10}
mkdir -p "$out"
h() { printf '%s/h-%s' "$out" "$1"; }
bench() { "$gradep" bench "$@" --quiet; }

runs() {
    for seed in 0 1 2; do
        [ -f "$(h $seed)/summary.json" ] || "$gradep" train --preset track-h --seed $seed --out "$(h $seed)" --quiet
    done
    [ -f "$out/best/summary.json" ] || "$gradep" train --seed 0 --out "$out/best" --quiet
    [ -f "$out/resistive/summary.json" ] || "$gradep" train --seed 0 -s network.cell=resistive --out "$out/resistive" --quiet
}
quality() {
    bench quality --run "$(h 0)" "$(h 1)" "$(h 2)" --chip D3 D2 D3-HERMES D3-ReRAM-CMO --ratio 200 \
        --times 0.8,0.9,1,1.1,1.2,1.3,1.5,2 --chips 4 --out "$out/quality"
}
devices() {
    bench quality --run "$out/best" --track P --chip D3 D3-PCM D3-HERMES D3-ReRAM-CMO D3-ReRAM-Milo D3-Capacitor D2-ReRAM D2-SONOS D2-ECRAM D2-FeFET D1-MOSFET \
        --ratio 50 --times 1.1 -n 128 --chips "$chips" --out "$out/devices"
}
yield() {
    bench sweep --run "$(h 0)" --chip D3 -s device=generic --only programming_noise \
        --vary "array.programming_sigma=0 %,0.25 %,0.5 %,1 %,2 %" --ratio 50 --at 1.3 --chips 20 --out "$out/yield"
}
sensitivity() {
    bench sensitivity --run "$(h 0)" --chip D3-PCM --chips "$chips" --ratio 50 --at 1.3 --out "$out/sensitivity"
}
compensation() {
    bench sweep --run "$(h 0)" --chip D3-PCM --vary "array.compensation=none,global,column" --vary "array.age=20 s,1 h,1 d" \
        --chips "$chips" --ratio 50 --at 1.3 --out "$out/compensation"
}
alone() {
    bench sensitivity --run "$out/best" --track P --chip ideal -s device=generic -s array.programming_noise=true -s "array.programming_sigma=1 %" \
        -s array.levels=true -s array.level_count=64 -s "activation.offset.spread=1 mV" -s "wires.segment=2.5 ohm" \
        --ratio 50 --at 1.1 --chips "$chips" --out "$out/alone"
}
directions() {
    bench sweep --run "$out/best" --track P --chip ideal -s device=generic -s array.programming_noise=true -s "array.programming_sigma=1 %" \
        --vary array.directions=shared,separate --ratio 50 --at 1.1 --chips "$chips" --out "$out/directions"
}
tiles() {
    bench sweep --run "$out/best" --track P --chip ideal -s device=generic -s "wires.segment=2.5 ohm" \
        --vary "wires.tile_rows=off,32" --vary "wires.tile_columns=off,32" --ratio 50 --at 1.1 --chips "$chips" --out "$out/tiles"
}
tolerance() {
    bench tolerance --run "$(h 0)" --chip D3 -s device=generic --only programming_noise --key array.programming_sigma \
        --between "0 %" "5 %" --chips "$chips" --ratio 50 --at 1.3 --out "$out/tolerance"
}

for study in "${@:-runs quality devices yield sensitivity compensation alone directions tiles tolerance}"; do
    for name in $study; do
        printf '== %s\n' "$name"
        "$name"
    done
done
