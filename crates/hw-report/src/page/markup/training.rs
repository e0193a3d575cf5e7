//! How the run was trained.

use super::number;
use crate::{
    figure::LossHistory,
    page::{plot, run::RunData},
    report::FINAL_EPOCHS,
};
use gradep_core::trainer::ENERGY_GAP;
use maud::{Markup, html};

/// Most points of a curve: about as many as pixels across.
const MOST_POINTS: usize = 700;

pub(super) fn section(run: &RunData) -> Markup {
    let (Ok(epochs), Ok(loss)) = (run.metrics.column("epoch"), run.metrics.column("loss")) else {
        return html! { p { "The run has no losses yet." } };
    };
    let gaps = run.metrics.column(ENERGY_GAP).unwrap_or_default();
    let gap = gaps.iter().copied().rfind(|gap| !gap.is_nan());
    let history = LossHistory {
        run: &run.name,
        epochs,
        loss,
        window: FINAL_EPOCHS,
        by_time: &[],
        references: &[],
    };
    let chart = history.over_epochs().thinned(MOST_POINTS);
    let stride = loss.len().div_ceil(MOST_POINTS);
    html! {
        p {
            (loss.len()) " of " (run.config.training.epochs) " epochs done; loss of the last one "
            (number(loss.last().copied())) "."
            @if let Some(gap) = gap {
                " Images lie " (number(Some(-gap))) " below negatives in energy in the last epoch that had any."
            }
        }
        figure.chart {
            (plot::chart(&chart))
            figcaption {
                "Mean square of velocity less target over pixels and batch, seed " (run.config.seed)
                @if stride > 1 { "; every " (stride) "th epoch is drawn" }
                "."
            }
        }
    }
}
