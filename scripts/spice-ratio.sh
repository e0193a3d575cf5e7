#!/usr/bin/env bash
# Processor time of ngspice and of `gradep relax --chip` for the same circuit, side by side:
# 64-128-128, one sample, 30 tau.
#   scripts/spice-ratio.sh MODEL.safetensors X_T.npy [more options of `gradep export netlist`]
# Prints CPU seconds (user + system). gradep relaxes all rows of X_T.npy: its time is divided by their number.
set -euo pipefail
if [[ $# -lt 2 ]]; then
    sed -n '2,5s/^# //p' "$0" >&2
    exit 2
fi
model=$1 anchor=$2
shift 2
gradep=${GRADEP:-$(dirname "$0")/../target/release/gradep}
ngspice=${NGSPICE:-ngspice} # another build, say with KLU
for program in "$gradep" "$ngspice"; do
    command -v "$program" >/dev/null || { echo "$program: not found" >&2; exit 1; }
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# User and system seconds of a command, whose own output goes to a file.
cpu_seconds() {
    local TIMEFORMAT='%U %S'
    { time "$@" >"$work/out" 2>&1 || { cat "$work/out" >&2; exit 1; }; } 2>&1 | awk '{ print $1 + $2 }'
}

# ngspice's own points are about 0.1 tau apart at this tolerance, as in the figures that are quoted.
"$gradep" --quiet export netlist --chip ideal --model "$model" --anchor "$anchor" --sample 0 \
    --duration 30tau --step 0.1 --reltol 1e-4 "$@" --out "$work/deck.cir"
spice=$(cpu_seconds "$ngspice" -b "$work/deck.cir")
points=$(($(wc -l <"$work/deck.txt") - 1))

# One thread. Loading and writing are timed too; a run of a hundredth of the duration takes them off.
relax() {
    "$gradep" --quiet --threads 1 relax --chip ideal --model "$model" --anchor "$anchor" \
        --duration "$1" --precision "$2" --integrator "$3" --intervals 1 --trace x_0 --out "$work/trace.npz"
}
# The second number of the shape in the .npy header is the width, the first the number of samples.
samples=$(head -c 128 "$anchor" | LC_ALL=C tr -cd ' -~' | LC_ALL=C sed -n "s/.*'shape': (\([0-9]*\),.*/\1/p")
[ -n "$samples" ] || { echo "$anchor: not a .npy array" >&2; exit 1; }

printf 'ngspice                    %10.3f CPU-s per sample (%d points)\n' "$spice" "$points"
for method in "f32 rk4" "f32 etd2" "f64 adaptive"; do
    read -r precision integrator <<< "$method"
    whole=$(cpu_seconds relax 30tau "$precision" "$integrator")
    overhead=$(cpu_seconds relax 0.3tau "$precision" "$integrator")
    awk -v spice="$spice" -v whole="$whole" -v overhead="$overhead" -v n="$samples" -v method="$method" 'BEGIN {
        ours = (whole - overhead) / n
        if (ours > 0) printf "gradep %-18s  %10.6f CPU-s per sample, ngspice takes %.0f times as long\n", method, ours, spice / ours
        else printf "gradep %-18s  too short to measure; give more anchors\n", method
    }'
done
