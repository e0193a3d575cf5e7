//! What of a relaxation is drawn.

use super::{Run, name};
use crate::cli::{RelaxArgs, TraceNodes};
use analog_substrate::{Cell, Scalar, chip::Design};
use gradep_core::files::WritableElement;
use hw_report::figure::{ChipConditions, ChipTransient, FigureError, Series};
use ndarray::s;
use std::path::Path;

/// Most nodes in a figure: as many as there are colours that everyone can tell apart.
const MOST_NODES: usize = 6;

/// Draws a run whose numbers are all finite.
pub(super) fn draw<R: Scalar + WritableElement>(
    path: &Path,
    run: &Run<R>,
    arguments: &RelaxArgs,
    design: &Design,
    cell: Cell,
) -> Result<(), FigureError> {
    let sample = 0;
    let nodes = shown(run, sample, &arguments.trace);
    let volt = design.node.unit_voltage;
    let voltages: Vec<(String, Vec<f64>)> = nodes
        .into_iter()
        .map(|(layer, unit)| {
            let state = run.trace.states[layer].slice(s![sample, .., unit]);
            let volts = state.iter().map(|v| v.to_f64() * volt).collect();
            (name(layer, unit), volts)
        })
        .collect();
    let nodes: Vec<Series<'_>> = voltages
        .iter()
        .map(|(label, values)| Series { label, values })
        .collect();
    let settling = run.settling();
    let time: Vec<f64> = run.trace.time.iter().map(|t| t * run.tau).collect();
    let figure = ChipTransient {
        conditions: ChipConditions {
            chip: &design.name,
            cell,
            time_constant_s: run.tau,
            unit_current_a: design.node.unit_conductance * volt,
            temperature_k: design.environment.temperature,
            is_noisy: design.is_noisy(),
            seed: arguments.seed,
            chips: arguments.chips.get(),
        },
        time_s: &time,
        nodes_v: &nodes,
        sample,
        energy_w: run.energy.view(),
        residual: run.trace.residual.view(),
        settled_below: run.limit.residual,
        settling_s: &settling,
    };
    figure.write(path)
}

/// The nodes that were asked for, or of every layer those that move most.
fn shown<R: Scalar>(run: &Run<R>, sample: usize, asked: &TraceNodes) -> Vec<(usize, usize)> {
    if let TraceNodes::Some(nodes) = asked {
        return nodes.iter().copied().take(MOST_NODES).collect();
    }
    let layers = run.trace.states.len();
    let per_layer = (MOST_NODES / layers).max(1);
    let nodes = (0..layers.min(MOST_NODES)).flat_map(|layer| {
        let units = run.trace.most_moving(sample, layer, per_layer);
        units.into_iter().map(move |unit| (layer, unit))
    });
    nodes.collect()
}
