//! How the run was trained.

use super::number;
use crate::page::{
    plot::{AxisOf, Chart, CurveOf},
    run::RunData,
};
use maud::{Markup, html};

/// Epochs that are all drawn: on a logarithmic axis they take most of the room.
const FIRST: usize = 100;
/// Most points beyond those: more than pixels across the rest.
const MOST_POINTS: usize = 600;

pub(super) fn section(run: &RunData) -> Markup {
    let (Ok(epochs), Ok(loss)) = (run.metrics.column("epoch"), run.metrics.column("loss")) else {
        return html! { p { "The run has no losses yet." } };
    };
    let stride = loss
        .len()
        .saturating_sub(FIRST)
        .div_ceil(MOST_POINTS)
        .max(1);
    // From 1 on, so that a logarithmic axis has a place for the first epoch.
    let points = epochs.iter().zip(loss).map(|(e, y)| (e + 1.0, *y, None));
    let curve = CurveOf {
        label: "loss of the epoch".to_owned(),
        points: points
            .enumerate()
            .filter(|(epoch, _)| *epoch < FIRST || epoch % stride == 0)
            .map(|(_, point)| point)
            .collect(),
    };
    html! {
        p {
            (loss.len()) " of " (run.config.training.epochs) " epochs done; loss of the last one "
            (number(loss.last().copied())) "."
        }
        figure.chart {
            (Chart {
                title: "Flow-matching loss against epoch",
                x: AxisOf { label: "epoch (from 1)", log: true },
                y: AxisOf { label: "flow-matching loss", log: true },
                curves: &[curve],
                lines: &[],
            }.markup())
            figcaption {
                "Mean square of velocity less target over pixels and batch, seed " (run.config.seed)
                @if stride > 1 { "; beyond the first " (FIRST) ", every " (stride) "th epoch is drawn" }
                "."
            }
        }
    }
}
