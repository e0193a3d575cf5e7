"""Loads a map of conductances into aihwkit (IBM Analog Hardware Acceleration Kit).

    pip install aihwkit==1.1.0 torch==2.10.0     # wheels of 1.1.0 are of Python 3.10 and 3.11
    gradep export conductances RUN --chip D3-PCM --out maps
    python3 load_aihwkit.py maps/chip_0

Run with aihwkit 1.1.0, PyTorch 2.10.0, Python 3.11 and a map of D3-PCM. It shows three things:
 1. aihwkit's converter of a weight to a pair asks for the conductances that gradep asked for, up to single
    precision (a device whose smallest conductance is 0, such as pcm);
 2. the achieved conductances, converted back, are the weights of an analog layer, whose product is NumPy's;
 3. aihwkit programs the same targets with a write noise of its own (PCMLikeNoiseModel): the rms errors of
    both should agree, since the preset pcm is the same fit.
"""

import json
import sys
from pathlib import Path

import numpy as np
import torch
from aihwkit.inference.converter.conductance import SinglePairConductanceConverter
from aihwkit.inference.noise.pcm import PCMLikeNoiseModel
from aihwkit.nn import AnalogLinear
from aihwkit.simulator.configs import InferenceRPUConfig

MICRO = 1e6  # aihwkit counts conductances in uS


def main():
    folder = Path(sys.argv[1])
    archive = np.load(folder / "conductances.npz")
    index = json.loads((folder / "chip.json").read_text())
    for name in (name for name in index["arrays"] if name.startswith("weight")):
        plus, minus = (MICRO * archive[f"{name}_{p}_asked"] for p in ("plus", "minus"))
        achieved = [MICRO * archive[f"{name}_{p}_achieved"] for p in ("plus", "minus")]
        stuck = np.stack([archive[f"{name}_{p}_stuck"] > 0 for p in ("plus", "minus")])
        scale = MICRO * archive[f"{name}_scale_siemens"][0]

        # 1. The same targets. gradep maps |W| = max to the whole range, and so does aihwkit.
        asked = torch.tensor((plus - minus) / scale)
        converter = SinglePairConductanceConverter(g_max=max(plus.max(), minus.max()), g_min=0.0)
        targets, parameters = converter.convert_to_conductances(asked)
        for ours, theirs in zip((plus, minus), targets):
            assert np.abs(ours - theirs.numpy()).max() < 1e-5, "targets differ"

        # 2. The achieved conductances as an analog layer, without further errors.
        tensors = [torch.tensor(g) for g in achieved]
        weights = converter.convert_back_to_weights(tensors, parameters)
        config = InferenceRPUConfig()
        config.forward.is_perfect = True
        rows, columns = weights.shape
        layer = AnalogLinear(columns, rows, bias=False, rpu_config=config)
        layer.set_weights(weights.float())
        layer.eval()
        x = torch.linspace(-1, 1, columns)
        found = layer(x[None]).detach().numpy()[0]
        expected = ((achieved[0] - achieved[1]) / scale) @ x.double().numpy()
        difference = np.abs(found - expected).max() / np.abs(expected).max()
        assert difference < 1e-5, difference

        # 3. aihwkit's own programming of the same targets.
        noise = PCMLikeNoiseModel(g_converter=converter)
        programmed = [noise.apply_programming_noise_to_conductance(g.float()) for g in targets]
        theirs = np.stack([p.numpy() - t.numpy() for p, t in zip(programmed, targets)])[~stuck]
        ours = np.stack([a - b for a, b in zip(achieved, (plus, minus))])[~stuck]
        rms = [float(np.sqrt(np.mean(e**2))) for e in (ours, theirs)]
        print(
            f"{name}: targets agree, product within {difference:.1e};"
            f" write noise {rms[0]:.4f} uS here, {rms[1]:.4f} uS by aihwkit"
        )


if __name__ == "__main__":
    main()
