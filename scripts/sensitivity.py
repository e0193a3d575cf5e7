#!/usr/bin/env python3
"""What each imperfection of the couplings alone does to the velocity: scripts/sensitivity.py RUN [CHIPS]

Relaxes 256 anchors on random straight lines from noise to digits for 100 tau on chip D3 with everything
off but one imperfection, and prints the error of the velocity against the same chip with nothing on,
mean and standard deviation over chips. Needs NumPy and a release build of gradep.
"""

import pathlib
import subprocess
import sys
import tempfile

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parent.parent
GRADEP = ROOT / "target" / "release" / "gradep"
SAMPLES = 256
BASE = ["device=generic", "wires.tile_rows=off", "wires.tile_columns=off"]
NOTHING = ["array.levels=false", "chip.only=levels", "array.levels=false"]
CASES = {
    "programming 1 % of the range": ["array.programming_sigma=1 %", "chip.only=programming_noise"],
    "programming 0.5 %": ["array.programming_sigma=0.5 %", "chip.only=programming_noise"],
    "two arrays, 1 % each": [
        "array.directions=separate", "array.programming_sigma=1 %", "chip.only=programming_noise"],
    "PCM, programming alone": ["device=pcm", "chip.only=programming_noise"],
    "6 bits": ["array.level_count=64", "chip.only=levels"],
    "8 bits": ["array.level_count=256", "chip.only=levels"],
    "offset 1 mV": ["activation.offset.spread=1 mV", "chip.only=activation.offset"],
    "wires 2.5 ohm a cell, whole arrays": ["wires.segment=2.5 ohm", "chip.only=wires.segment"],
    "the same in 32 x 32 tiles": [
        "wires.segment=2.5 ohm", "chip.only=wires.segment",
        "wires.tile_rows=32", "wires.tile_columns=32"],
}


def anchors():
    """Points x_t of straight paths between normal noise and digits in [-1, 1], t uniform."""
    digits = np.loadtxt(ROOT / "data" / "optdigits.tes", delimiter=",")[:, :64] / 8 - 1
    random = np.random.default_rng(0)
    time = random.random((SAMPLES, 1))
    noise = random.standard_normal((SAMPLES, 64))
    chosen = digits[random.choice(len(digits), SAMPLES)]
    return ((1 - time) * noise + time * chosen).astype(np.float32)


def displacements(run, folder, x_t, overrides, seed):
    """x - x_t at the end: the velocity but for the factor alpha lambda."""
    out = folder / "trace.npz"
    command = [
        GRADEP, "relax", "--model", run / "model.safetensors", "--anchor", folder / "x_t.npy",
        "--duration", "100tau", "--intervals", "1", "--precision", "f32", "--out", out,
        "--seed", str(seed), "--chip", "D3", "--quiet"]
    for override in BASE + overrides:
        command += ["-s", override]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return np.load(out)["x"][:, -1] - x_t


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    run, chips = pathlib.Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 3
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        x_t = anchors()
        np.save(folder / "x_t.npy", x_t)
        exact = displacements(run, folder, x_t, NOTHING, 0)
        for name, overrides in CASES.items():
            errors = []
            for seed in range(chips):
                error = displacements(run, folder, x_t, overrides, seed) - exact
                ratio = np.linalg.norm(error, axis=1) / np.linalg.norm(exact, axis=1)
                errors.append([np.median(ratio), np.linalg.norm(error) / np.linalg.norm(exact)])
            mean, spread = 100 * np.mean(errors, axis=0), 100 * np.std(errors, axis=0, ddof=1)
            print(f"{name:36} median {mean[0]:5.1f} ± {spread[0]:.1f} %   "
                  f"rms {mean[1]:5.1f} ± {spread[1]:.1f} %", flush=True)


if __name__ == "__main__":
    main()
