"""Loads a map of conductances into CrossSim (Sandia National Laboratories).

NOT RUN by this project: CrossSim is not on PyPI, and this script is written after the API that its README
documents (AnalogCore takes the place of a NumPy matrix). It checks itself: it ends with an error if the
core's product is not NumPy's.

    git clone https://github.com/sandialabs/cross-sim && pip install ./cross-sim
    gradep export conductances RUN --chip D3-PCM --out maps
    python3 load_crosssim.py maps/chip_0

CrossSim normalises conductances to [0, 1] and draws errors itself; with its errors off (the default) the
errors of the map are the only ones. Wires: params.xbar.array.parasitics, off by default, since a map has
conductances of devices, before wires.
"""

import json
import sys
from pathlib import Path

import numpy as np
from simulator import AnalogCore, CrossSimParameters


def main():
    folder = Path(sys.argv[1])
    archive = np.load(folder / "conductances.npz")
    index = json.loads((folder / "chip.json").read_text())
    for name in (name for name in index["arrays"] if name.startswith("weight")):
        pair = [archive[f"{name}_{p}_achieved"] for p in ("plus", "minus")]
        weights = (pair[0] - pair[1]) / archive[f"{name}_scale_siemens"][0]
        core = AnalogCore(weights, CrossSimParameters())
        x = np.linspace(-1, 1, weights.shape[1])
        found, expected = core @ x, weights @ x
        difference = np.abs(found - expected).max() / np.abs(expected).max()
        assert difference < 1e-6, difference
        print(f"{name}: product within {difference:.1e}")


if __name__ == "__main__":
    main()
