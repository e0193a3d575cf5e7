//! Relaxations on a chip: one sample, ensembles, and what is refused.

use super::*;
use analog_substrate::Cell;

/// A stand-in for a relaxation: exponentials of different rates, reproducible.
struct Synthetic {
    time: Vec<f64>,
    nodes: Vec<(String, Vec<f64>)>,
    energy: Array2<f64>,
    residual: Array2<f64>,
    settling: Vec<Option<f64>>,
}

const CONDITIONS: ChipConditions<'_> = ChipConditions {
    chip: "D3",
    cell: Cell::Gradient,
    time_constant_s: 1e-8,
    unit_current_a: 1e-6,
    temperature_k: 300.0,
    is_noisy: true,
    seed: 7,
    chips: 2,
};

impl Synthetic {
    fn new(samples: usize) -> Self {
        let time: Vec<f64> = (0..=300).map(|k| f64::from(k) * 1e-9).collect();
        let rate = |sample: usize| 2e7 * (1.0 + 0.3 * (sample as f64).sin());
        let at = |sample: usize, k: usize| (-rate(sample) * time[k]).exp();
        Self {
            nodes: (0..5)
                .map(|node| {
                    let name = format!("h1_{node}");
                    let volt = |k| 0.1 * (f64::from(node) - 2.0) * (1.0 - at(0, k));
                    (name, (0..time.len()).map(volt).collect())
                })
                .collect(),
            energy: Array2::from_shape_fn((samples, time.len()), |(i, k)| {
                1e-6 * (5.0 * at(i, k) - 20.0 - i as f64 / samples as f64)
            }),
            residual: Array2::from_shape_fn((samples, time.len()), |(i, k)| 4.0 * at(i, k)),
            settling: (0..samples)
                .map(|i| {
                    let seconds = 400_f64.ln() / rate(i);
                    (seconds <= 3e-7).then(|| (seconds * 1e9).ceil() * 1e-9)
                })
                .collect(),
            time,
        }
    }

    fn write(&self, path: &Path) -> Result<(), FigureError> {
        let nodes: Vec<_> = (self.nodes.iter())
            .map(|(label, values)| Series { label, values })
            .collect();
        let figure = ChipTransient {
            conditions: CONDITIONS,
            time_s: &self.time,
            nodes_v: &nodes,
            sample: 0,
            energy_w: self.energy.view(),
            residual: self.residual.view(),
            settled_below: 1e-2,
            settling_s: &self.settling,
        };
        figure.write(path)
    }
}

#[test]
fn one_sample_says_what_it_shows() {
    let folder = folder();
    let synthetic = Synthetic::new(1);
    let (texts, picture) = draw(&folder, "chip-1", |path| synthetic.write(path));
    for part in [
        "Relaxation on chip D3: 1 sample, gradient cells",
        "time (ns)",
        "voltage (mV)",
        "co-content (µW)",
        "residual (g_unit·V_unit)",
        "h1_4",
        "settled below 0.01",
        "settled 300 ns",
        "in units of 1 µA",
        "τ = 10 ns, T = 300 K, noise on, seed 7",
        "2 chips; 300 ns = 30 τ",
        "Settled for good after 300 ns = 30 τ.",
    ] {
        assert!(contains(&texts, part), "{part} in {texts:?}");
    }
    assert!(!contains(&texts, "median"), "{texts:?}");
    assert!(picture.has_blank_margin(8));
}

#[test]
fn ensembles_have_a_median() {
    let folder = folder();
    for samples in [2, 12, 300] {
        let synthetic = Synthetic::new(samples);
        let name = format!("chip-{samples}");
        let (texts, picture) = draw(&folder, &name, |path| synthetic.write(path));
        let settled = synthetic.settling.iter().flatten().count();
        assert!(0 < settled && settled <= samples);
        for part in [
            "median settling time",
            "each sample",
            &format!("{settled} of {samples} samples"),
        ] {
            assert!(contains(&texts, part), "{part} in {texts:?}");
        }
        assert_eq!(
            contains(&texts, "48 samples are drawn"),
            samples == 300,
            "{texts:?}"
        );
        assert!(picture.has_blank_margin(8));
    }
}

#[test]
fn nothing_settled_and_nothing_moving_are_drawn() {
    let folder = folder();
    let mut synthetic = Synthetic::new(3);
    synthetic.settling.fill(None);
    synthetic.energy.fill(0.0);
    synthetic.residual.fill(0.0);
    synthetic.nodes[0].1.fill(0.0);
    synthetic.nodes.truncate(1);
    let (texts, _) = draw(&folder, "chip-nothing", |path| synthetic.write(path));
    assert!(contains(&texts, "None settled within 300 ns."), "{texts:?}");
    assert!(contains(&texts, "co-content (W)"));
}

#[test]
fn what_cannot_be_drawn_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("chip.png");
    let refusal = |change: &dyn Fn(&mut Synthetic)| {
        let mut synthetic = Synthetic::new(2);
        change(&mut synthetic);
        synthetic.write(&path).unwrap_err().to_string()
    };
    for (message, expected) in [
        (
            refusal(&|s| s.energy[(1, 5)] = f64::NAN),
            "chip transient: energy of sample 1 is NaN at index 5, expected a finite number",
        ),
        (
            refusal(&|s| s.residual[(0, 3)] = -1.0),
            "chip transient: residual of sample 0 is -1 at index 3, expected zero or a positive number",
        ),
        (
            refusal(&|s| s.settling.truncate(1)),
            "chip transient: settling times has 1 values, expected 2",
        ),
        (
            refusal(&|s| s.nodes[2].1.truncate(9)),
            "chip transient: voltage of 'h1_2' has 9 values, expected 301",
        ),
        (
            refusal(&|s| s.nodes.clear()),
            "chip transient: the list of nodes is empty, expected at least one value",
        ),
        (
            refusal(&|s| s.time.clear()),
            "chip transient: instants is empty, expected at least one value",
        ),
    ] {
        assert_eq!(message, expected);
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}
