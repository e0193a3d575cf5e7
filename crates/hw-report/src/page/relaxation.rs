//! Relaxations of a chip, computed when the page is made.

use super::{PageError, encode, run::RunData};
use crate::{
    chart::Chart,
    figure::{ChipConditions, ChipTransient, Series},
};
use analog_substrate::{
    Drive, Visible,
    chip::{Chip, ChipParts, Die, Instance, TransientSettings},
    hw_spec::Spec,
};
use gradep_core::files::{ChipMap, Model};
use ndarray::{Array2, ArrayView2, s};
use serde::Serialize;

/// How long the chip relaxes: the paper's 300 steps of 0.1 τ.
const DURATION_TAU: f64 = 30.0;
/// Instants recorded, one more than this.
const INTERVALS: usize = 300;
/// Most nodes that are shown: as many as there are colours that everyone can tell apart.
const MOST_NODES: usize = 6;

/// Relaxations from a cold start, under the spring.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Relaxations {
    /// Name of the spec.
    pub(super) chip: String,
    /// Circuit of its hidden nodes.
    pub(super) cell: String,
    /// τ in seconds.
    pub(super) tau_s: f64,
    /// Seed of the chip's deviations and noise.
    pub(super) seed: u64,
    /// Residual at which a sample counts as settled, in g_unit·V_unit.
    pub(super) settled_below: f64,
    /// Instants in seconds, base64 f32.
    pub(super) time_s: String,
    /// One per anchor.
    pub(super) samples: Vec<Relaxed>,
    /// Drawn without script, of the first anchor: voltages, co-content, residual.
    #[serde(skip)]
    pub(super) charts: Vec<Chart>,
    /// How many instants there are.
    #[serde(skip)]
    pub(super) instants: usize,
}

/// One relaxation; series are base64 f32 over the instants.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Relaxed {
    /// What the spring pulls towards.
    pub(super) label: String,
    /// Nodes that move most.
    pub(super) nodes: Vec<Node>,
    /// Co-content in watts.
    pub(super) energy_w: String,
    /// Largest imbalance of currents in g_unit·V_unit.
    pub(super) residual: String,
    /// When it settled, in seconds.
    pub(super) settling_s: Option<f64>,
    /// At the end.
    pub(super) last_residual: f64,
}

/// The voltage of a node.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Node {
    /// `x_3`, `h1_17`.
    pub(super) name: String,
    /// Volts.
    pub(super) volts: String,
}

/// The chip number 0 of a spec, programmed with a model; devices replay `map` where it is of this spec.
///
/// # Errors
/// [`PageError::Chip`].
pub(super) fn chip(
    spec: &Spec,
    model: &Model<f32>,
    map: Option<&ChipMap>,
    seed: u64,
) -> Result<Chip<f32>, PageError> {
    let design = spec.design();
    let mut chip = Chip::new(ChipParts {
        design: design.clone(),
        instance: Instance::draw(&design, model.couplings.layers(), Die { seed, number: 0 }),
        network: model.into(),
        settings: TransientSettings {
            duration: DURATION_TAU,
            ..TransientSettings::default()
        },
        noise_seed: seed,
    })?;
    if let (Some(map), Some(_)) = (map, &design.arrays) {
        chip.replay(map.map.clone())?;
    }
    Ok(chip)
}

impl Relaxations {
    /// Relaxes towards `anchors` `[n, n_0]`, which are called `labels`.
    ///
    /// # Errors
    /// [`PageError::Chip`].
    pub(super) fn compute(
        chip: &Chip<f32>,
        run: &RunData,
        (anchors, labels): (ArrayView2<'_, f32>, &[String]),
        seed: u64,
    ) -> Result<Self, PageError> {
        let drive = Drive {
            anchor: anchors,
            visible: Visible::Spring {
                stiffness: run.model.spring_stiffness,
            },
            held: None,
        };
        let trace = chip.trace(&drive, DURATION_TAU, INTERVALS)?;
        let energy: Array2<f64> = chip.co_content(&trace, &drive);
        let (tau, volt) = (
            chip.design().time_constant(),
            chip.design().node.unit_voltage,
        );
        let settled_below = chip.settling_limit(drive.visible)?.residual;
        let seconds: Vec<f64> = trace.time.iter().map(|t| t * tau).collect();
        let nodes_of = |sample: usize| -> Vec<(String, Vec<f64>)> {
            let layers = trace.states.len().min(MOST_NODES);
            let per_layer = MOST_NODES / layers;
            let nodes = (0..layers).flat_map(|layer| {
                let units = trace.most_moving(sample, layer, per_layer);
                units.into_iter().map(move |unit| (layer, unit))
            });
            nodes
                .map(|(layer, unit)| {
                    let state = trace.states[layer].slice(s![sample, .., unit]);
                    let volts = state.iter().map(|v| f64::from(*v) * volt).collect();
                    (format!("{}_{unit}", layer_name(layer)), volts)
                })
                .collect()
        };
        let samples = labels.iter().enumerate().map(|(sample, label)| Relaxed {
            label: label.clone(),
            nodes: nodes_of(sample)
                .into_iter()
                .map(|(name, volts)| Node {
                    name,
                    volts: encode::floats(volts),
                })
                .collect(),
            energy_w: encode::floats(energy.row(sample).iter().copied()),
            residual: encode::floats(trace.residual.row(sample).iter().copied()),
            settling_s: trace.settled[sample].map(|t| t * tau),
            last_residual: trace
                .residual
                .row(sample)
                .last()
                .copied()
                .unwrap_or(f64::NAN),
        });
        let samples = samples.collect();
        let first = nodes_of(0);
        let nodes: Vec<Series<'_>> = first
            .iter()
            .map(|(label, values)| Series { label, values })
            .collect();
        let design = chip.design();
        let charts = ChipTransient {
            conditions: ChipConditions {
                chip: &design.name,
                cell: chip.cell(),
                time_constant_s: tau,
                unit_current_a: design.node.unit_conductance * volt,
                temperature_k: design.environment.temperature,
                is_noisy: design.is_noisy(),
                seed,
                chips: 1,
            },
            time_s: &seconds,
            nodes_v: &nodes,
            sample: 0,
            energy_w: energy.slice(s![..1, ..]),
            residual: trace.residual.slice(s![..1, ..]),
            settled_below,
            settling_s: &[trace.settled[0].map(|t| t * tau)],
        }
        .charts();
        Ok(Self {
            chip: chip.design().name.clone(),
            cell: chip.cell().to_string(),
            tau_s: tau,
            seed,
            settled_below,
            time_s: encode::floats(seconds.iter().copied()),
            samples,
            instants: seconds.len(),
            charts,
        })
    }
}

/// `x`, `h1`, `h2`, …
pub(super) fn layer_name(layer: usize) -> String {
    match layer {
        0 => "x".to_owned(),
        hidden => format!("h{hidden}"),
    }
}
