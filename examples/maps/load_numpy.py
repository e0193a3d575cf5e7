"""Loads a map of conductances in NumPy, checks it and multiplies with it.

    gradep export conductances RUN --chip D3-PCM --out maps
    python3 load_numpy.py maps/chip_0

Needs Python 3.9 and NumPy. Reads the tables (NAME.csv) by their sidecars (NAME.json), as a programmer of
arrays would, and holds them against conductances.npz, which has the same numbers.
"""

import csv
import json
import sys
from pathlib import Path

import numpy as np


def load(folder, name):
    """Conductances of an array in siemens, [rows, columns], by their names, and its sidecar."""
    sidecar = json.loads((folder / f"{name}.json").read_text())
    assert sidecar["unit"] == "S" and sidecar["polarity"].startswith("differential")
    shape = (sidecar["rows"], sidecar["columns"])
    keys = [f"{p}_{w}_S" for p in ("plus", "minus") for w in ("asked", "achieved", "error")]
    arrays = {key: np.full(shape, np.nan) for key in keys}
    arrays["stuck"] = np.zeros(shape, int)
    with open(folder / f"{name}.csv", newline="") as table:
        for row in csv.DictReader(table):
            place = int(row["row"]), int(row["column"])
            for key in keys:
                arrays[key][place] = float(row[key])
            arrays["stuck"][place] = sum(row[f"{p}_stuck"] != "free" for p in ("plus", "minus"))
    assert all(np.isfinite(values).all() for values in arrays.values())
    return arrays, sidecar


def main():
    folder = Path(sys.argv[1])
    index = json.loads((folder / "chip.json").read_text())
    print(f"{index['provenance']['spec']}, chip {index['provenance']['chip']}, tiles {index['tile']}")
    archive = np.load(folder / "conductances.npz")
    for name in index["arrays"]:
        g, sidecar = load(folder, name)
        for polarity in ("plus", "minus"):
            for what in ("asked", "achieved", "error"):
                assert np.array_equal(g[f"{polarity}_{what}_S"], archive[f"{name}_{polarity}_{what}"])
        # A weight is the difference of its two conductances over the scale.
        scale = sidecar["scale_siemens"]
        weight = (g["plus_achieved_S"] - g["minus_achieved_S"]) / scale
        asked = (g["plus_asked_S"] - g["minus_asked_S"]) / scale
        error = np.concatenate([g["plus_error_S"], g["minus_error_S"]])
        # Rows driven at 0.1 V: currents into virtual grounds at the columns, in amperes.
        volts = np.full(weight.shape[0], 0.1)
        amperes = volts @ (g["plus_achieved_S"] - g["minus_achieved_S"])
        print(
            f"{name:<14} {weight.shape[0]:>3} x {weight.shape[1]:<3}"
            f"  rms error {1e6 * np.sqrt(np.mean(error**2)):.3f} uS"
            f"  weights off by {np.linalg.norm(weight - asked) / np.linalg.norm(asked):.1%}"
            f"  {g['stuck'].sum()} stuck  largest current {1e6 * np.abs(amperes).max():.1f} uA"
        )


if __name__ == "__main__":
    main()
