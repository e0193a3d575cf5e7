//! The node equations of one chip, in units of τ, V_unit and g_unit.
//!
//! ```text
//! C_i/C dx/dt = b_x + W_0ᵀy_1 + λ_i(x_t − x) − (leak_i + k_i)x   visible, on a spring (0 if clamped)
//! C_i/C dh/dt = a′(h)z − leak_i h                                 gradient cell
//! C_i/C dh/dt = z − leak_i h                                      hopfield cell
//! C_i/C dy/dt = z − leak_i (a⁻¹(y) − offset)                      resistive cell: y is the state
//! τ_a dy/dt   = sat(gain·a(h + offset)) − y                       output of an amplifier
//! z_l = b_{l−1} + W_{l−1}y_{l−1} + W_lᵀy_{l+1}
//! ```
//!
//! Sources: [`crate::Cell`] for the cells; Hopfield (1984) for the amplifier with a pole.

use super::{Design, Instance, Summing, confinement::Confinement, rows::row_of};
use crate::{
    Activation, Cell, Couplings, Layers,
    activation::Curve,
    arrays::Effective,
    ideal::network::Network,
    kernels::{Real, SimdLevel, padded},
};

/// How the visible nodes are held while the circuit moves.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum VisibleMode {
    /// λ to the anchor.
    Spring { stiffness: f64 },
    /// x stays where it is.
    Clamped,
    /// No spring; C_x = r·C.
    Floating { ratio: f64 },
}

impl VisibleMode {
    /// C_x/C: only what floats is connected to its large capacitor.
    pub(crate) fn visible_ratio(self) -> f64 {
        match self {
            Self::Floating { ratio } => ratio,
            Self::Spring { .. } | Self::Clamped => 1.0,
        }
    }
}

/// Everything of a chip that stays the same along one relaxation. Rows are padded.
#[derive(Clone, Debug)]
pub(crate) struct Circuit<R> {
    pub(crate) network: Network<R>,
    pub(crate) couplings: Couplings<R>,
    pub(crate) layers: Layers,
    pub(crate) level: SimdLevel,
    pub(crate) curve: Curve<R>,
    pub(crate) cell: Cell,
    pub(crate) mode: VisibleMode,
    /// Parts of the state: x, h_1 … h_L, and with a finite bandwidth y_1 … y_L. Padded lengths.
    pub(crate) widths: Vec<usize>,
    /// μ_i = C/C_i per part.
    pub(crate) mobility: Vec<Vec<R>>,
    /// Linear damping that goes with the part's own state, without μ: leak (+ λ), 1/τ_a.
    pub(crate) stiffness: Vec<Vec<R>>,
    pub(crate) noise: NoiseConductance<R>,
    /// Leak of each node, without a spring; zero in the padding.
    pub(crate) leak: Vec<Vec<R>>,
    /// λ_i of the spring; zero where there is none.
    pub(crate) spring: Vec<R>,
    /// Σ|W| that each node's output drives.
    pub(crate) driven: Vec<Vec<R>>,
    /// How couplings load their nodes; none at virtual grounds.
    pub(crate) loading: Option<Loading<R>>,
    /// Σ|b|.
    pub(crate) bias_load: f64,
    pub(crate) gain: Option<Vec<Vec<R>>>,
    pub(crate) offset: Option<Vec<Vec<R>>>,
    /// Where the nodes of each layer may be.
    pub(crate) confinement: Vec<Confinement<R>>,
    pub(crate) saturation: Option<R>,
    /// Whether outputs have a pole, and so states of their own.
    pub(crate) has_pole: bool,
}

impl<R: Real> Circuit<R> {
    pub(crate) fn new(
        design: &Design,
        instance: &Instance,
        coupled: &Coupled<'_, R>,
        (curve, cell): (Curve<R>, Cell),
        mode: VisibleMode,
    ) -> Self {
        let couplings = coupled.mean();
        let layers = couplings.layers().clone();
        let level = SimdLevel::detect();
        let hidden = layers.sizes().len() - 1;
        let passive = cell == Cell::Resistive;
        let pole = design.activation.bandwidth.filter(|_| !passive);
        let pole = pole.map(|f| std::f64::consts::TAU * f * design.time_constant());
        let mut widths: Vec<usize> = layers.sizes().iter().map(|&n| padded(n)).collect();
        let ratio = mode.visible_ratio();
        let lambda = match mode {
            VisibleMode::Spring { stiffness } => stiffness,
            _ => 0.0,
        };
        let mut mobility: Vec<Vec<R>> = instance
            .capacitance
            .iter()
            .enumerate()
            .map(|(l, row)| {
                let share = if l == 0 { ratio } else { 1.0 };
                row_of(row.iter().map(|c| 1.0 / (c * share)), widths[l], 1.0)
            })
            .collect();
        let spring = row_of(instance.spring.iter().map(|s| s * lambda), widths[0], 0.0);
        let mut stiffness: Vec<Vec<R>> = instance
            .leak
            .iter()
            .enumerate()
            .map(|(l, row)| row_of(row.iter().copied(), widths[l], 1.0))
            .collect();
        let mut leak: Vec<Vec<R>> = instance
            .leak
            .iter()
            .zip(&widths)
            .map(|(row, &n)| row_of(row.iter().copied(), n, 0.0))
            .collect();
        if let Some(own) = couplings.visible_leak() {
            // A resistor to ground beside the leak that every node has: it damps, dissipates and makes noise as that does.
            for part in [&mut stiffness[0], &mut leak[0]] {
                part.iter_mut().zip(own).for_each(|(g, &k)| *g += k);
            }
        }
        stiffness[0]
            .iter_mut()
            .zip(&spring)
            .for_each(|(k, &spring)| *k += spring);
        let sums = coupled.loads(&couplings, cell);
        let noise = NoiseConductance::of(design, &sums, &stiffness, cell);
        let rows = |values: &[Vec<f64>], filler: f64| -> Option<Vec<Vec<R>>> {
            let differs = values.iter().flatten().any(|v| (v - filler).abs() > 0.0);
            differs.then(|| {
                let rows = values.iter().zip(&widths);
                rows.map(|(row, &n)| row_of(row.iter().copied(), n, filler))
                    .collect()
            })
        };
        let (gain, offset) = (rows(&instance.gain, 1.0), rows(&instance.offset, 0.0));
        let driven = sums
            .driven
            .iter()
            .zip(&widths)
            .map(|(row, &n)| row_of(row.iter().copied(), n, 0.0))
            .collect();
        let loading = (design.crossbar.summing == Summing::Loaded)
            .then(|| Loading::new(&sums.received, &widths, cell));
        if let Some(rate) = pole {
            for l in 1..=hidden {
                widths.push(widths[l]);
                mobility.push(vec![R::ONE; widths[l]]);
                stiffness.push(vec![R::from_f64(rate); widths[l]]);
            }
        }
        let saturation = design.activation.saturation.filter(|_| !passive);
        Self {
            network: coupled.network(level),
            couplings,
            level,
            curve,
            cell,
            mode,
            widths,
            mobility,
            stiffness,
            noise,
            leak,
            spring,
            driven,
            loading,
            bias_load: sums.bias,
            gain,
            offset,
            confinement: Confinement::of_layers(instance, curve, cell),
            saturation: saturation.map(|v| R::from_f64(v / design.node.unit_voltage)),
            has_pole: pole.is_some(),
            layers,
        }
    }

    /// Parts that are voltages on node capacitors: x, h_1 … h_L.
    pub(crate) fn nodes(&self) -> usize {
        self.layers.sizes().len()
    }

    /// Where the nodes of part `part` are confined to; none where they, or outputs with a pole, are not.
    pub(crate) fn confining(&self, part: usize) -> Option<&Confinement<R>> {
        self.confinement.get(part)?.acting()
    }

    /// Outputs of layer `l` at h = 0, padded: where the amplifiers' poles start.
    pub(crate) fn silent_outputs(&self, l: usize, activation: Activation) -> Vec<R> {
        let of = |rows: &Option<Vec<Vec<R>>>, i: usize, none: f64| {
            rows.as_ref().map_or(none, |rows| rows[l][i].to_f64())
        };
        (0..self.widths[l])
            .map(|i| {
                let y = of(&self.gain, i, 1.0) * activation.derivatives(of(&self.offset, i, 0.0)).0;
                R::from_f64(
                    self.saturation
                        .map_or(y, |limit| limit.to_f64() * (y / limit.to_f64()).tanh()),
                )
            })
            .collect()
    }
}

/// Couplings that end on their nodes: resistors g_unit|W|/A from drivers of gain ±A, for which the
/// node's own leak gives way.
#[derive(Clone, Debug)]
pub(crate) struct Loading<R> {
    /// A.
    pub(crate) gain: f64,
    /// What dissipates V² at each summing node, padded: Σ|W|/A, or, where the summing node lies
    /// before a multiplier, the couplings with what is left of that node's g_unit: 1.
    pub(crate) load: Vec<Vec<R>>,
}

impl<R: Real> Loading<R> {
    fn new(received: &[Vec<f64>], widths: &[usize], cell: Cell) -> Self {
        let gain = driver_gain(received);
        let rows = received.iter().zip(widths).enumerate();
        let load = rows.map(|(l, (row, &n))| {
            let behind = l > 0 && cell == Cell::Gradient;
            let load = |sum: &f64| if behind { 1.0 } else { sum / gain };
            row_of(row.iter().map(load), n, 0.0)
        });
        Self {
            gain,
            load: load.collect(),
        }
    }
}

/// Largest share of a node's conductance that its couplings may be: the rest is its leak, which
/// must stay positive also where it is mismatched.
const COUPLED_SHARE: f64 = 0.8;

/// A: gain of the drivers of couplings that load their nodes, for which every node keeps a leak.
/// `sums` is Σ|W| per layer and node.
pub(crate) fn driver_gain(sums: &[Vec<f64>]) -> f64 {
    let largest = sums.iter().flatten().fold(0.0_f64, |a, &b| a.max(b));
    (largest / COUPLED_SHARE).ceil().max(1.0)
}

/// Which conductances make thermal noise, in units of g_unit; per node part, padded.
#[derive(Clone, Debug)]
pub(crate) struct NoiseConductance<R> {
    /// On the node itself; negative for an active (negative) conductance, which is as noisy as its
    /// size.
    pub(crate) own: Vec<Vec<R>>,
    /// At the summing node, whence it reaches the node through a′ (gradient cell).
    pub(crate) through_slope: Vec<Vec<R>>,
    /// γ of couplings that are resistors from node to node: their noise is common to both ends.
    pub(crate) shared: Option<f64>,
}

impl<R: Real> NoiseConductance<R> {
    /// Amplifiers drive the couplings of active cells: every row of a crossbar has noise of its own.
    /// In a resistive cell a coupling is a resistor between its two nodes; the node's leak is what
    /// remains of its total conductance.
    fn of(design: &Design, sums: &Loads, stiffness: &[Vec<R>], cell: Cell) -> Self {
        let factor = design.crossbar.noise_factor;
        let mut own = stiffness.to_vec();
        let mut through_slope: Vec<Vec<R>> =
            own.iter().map(|row| vec![R::ZERO; row.len()]).collect();
        let loaded = design.crossbar.summing == Summing::Loaded;
        for (l, sums) in sums.received.iter().enumerate() {
            let (target, share) = match cell {
                Cell::Resistive if factor > 0.0 => (&mut own[l], -1.0),
                // Resistors onto the node, of which the programmable leak gives way.
                _ if loaded => continue,
                Cell::Gradient if l > 0 => (&mut through_slope[l], factor),
                _ => (&mut own[l], factor),
            };
            for (target, sum) in target.iter_mut().zip(sums) {
                *target += R::from_f64(share * sum);
            }
        }
        Self {
            own,
            through_slope,
            shared: (cell == Cell::Resistive && factor > 0.0).then_some(factor),
        }
    }
}

/// The couplings of a circuit.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Coupled<'a, R> {
    /// Just as they were asked for.
    Exactly(&'a Couplings<R>),
    /// As arrays of devices make them.
    ByArrays(&'a Effective),
}

impl<R: Real> Coupled<'_, R> {
    fn network(&self, level: SimdLevel) -> Network<R> {
        match self {
            Self::Exactly(couplings) => Network::directed(couplings, couplings, level),
            Self::ByArrays(seen) => Network::directed(&seen.up.cast(), &seen.down.cast(), level),
        }
    }

    /// The reciprocal part: mean of both directions.
    fn mean(&self) -> Couplings<R> {
        match self {
            Self::Exactly(couplings) => (*couplings).clone(),
            Self::ByArrays(seen) => {
                let mut mean = seen.up.clone();
                for l in 0..mean.layers().hidden() {
                    let half = (&seen.up.weight(l) + &seen.down.weight(l)) * 0.5;
                    mean.weight_mut(l).assign(&half);
                }
                mean.cast()
            }
        }
    }

    /// Couplings of resistive cells are resistors from node to node, whose noise and leaks go by the
    /// effective weights: the arrays' own conductances stand behind no amplifier there.
    fn loads(&self, mean: &Couplings<R>, cell: Cell) -> Loads {
        match self {
            Self::Exactly(_) => Loads::of(mean),
            Self::ByArrays(_) if cell == Cell::Resistive => Loads::of(mean),
            Self::ByArrays(seen) => Loads {
                received: seen.received.clone(),
                driven: seen.driven.clone(),
                bias: seen.bias_load,
            },
        }
    }
}

/// Conductances of couplings per node, in units of g_unit.
struct Loads {
    /// What makes noise at the node's summing input.
    received: Vec<Vec<f64>>,
    /// What the node's output drives.
    driven: Vec<Vec<f64>>,
    bias: f64,
}

impl Loads {
    /// Σ|W|: each weight ends in both of its nodes, and is driven by both.
    fn of<R: Real>(couplings: &Couplings<R>) -> Self {
        let sizes = couplings.layers().sizes();
        let mut per_node: Vec<Vec<f64>> = sizes.iter().map(|&n| vec![0.0; n]).collect();
        let mut bias: f64 = couplings
            .visible_bias()
            .iter()
            .map(|b| b.to_f64().abs())
            .sum();
        for l in 0..couplings.layers().hidden() {
            for ((i, j), w) in couplings.weight(l).indexed_iter() {
                per_node[l + 1][i] += w.to_f64().abs();
                per_node[l][j] += w.to_f64().abs();
            }
            bias += couplings
                .bias(l)
                .iter()
                .map(|b| b.to_f64().abs())
                .sum::<f64>();
        }
        Self {
            received: per_node.clone(),
            driven: per_node,
            bias,
        }
    }
}
