//! The figures of a training run.

use super::{samples::strip_times, summary::FINAL_EPOCHS};
use crate::figure::{FigureError, LossHistory, SampleGrid, Series, TimeStrip, TrainingTraces};
use gradep_core::{
    config::Config,
    data::ImageShape,
    run_dir::{MetricsTable, RunDirError},
    trainer::LOSS_BY_TIME,
};
use ndarray::{ArrayView2, ArrayView3};
use std::path::Path;

type Drawn = Result<(), FigureError>;

/// Loss against epoch, and against flow time where every bin had samples.
pub(super) fn draw_loss(
    run: &str,
    table: &MetricsTable,
    path: &Path,
) -> Result<Drawn, RunDirError> {
    let epochs = table.column("epoch")?;
    let bins = table.numbered(LOSS_BY_TIME);
    let by_time: Vec<(f64, Vec<f64>)> = epochs
        .iter()
        .enumerate()
        .map(|(row, &epoch)| (epoch, bins.iter().map(|bin| bin[row]).collect::<Vec<_>>()))
        .filter(|(_, losses)| losses.iter().all(|loss| *loss > 0.0 && loss.is_finite()))
        .collect();
    let figure = LossHistory {
        run,
        epochs,
        loss: table.column("loss")?,
        window: FINAL_EPOCHS,
        by_time: &by_time,
        references: &[],
    };
    Ok(figure.write(path))
}

/// Residuals, displacements and sweeps against epoch.
pub(super) fn draw_traces(
    run: &str,
    config: &Config,
    table: &MetricsTable,
    path: &Path,
) -> Result<Drawn, RunDirError> {
    let series = |label, column| {
        let values = table.column(column)?;
        Ok::<_, RunDirError>(Series { label, values })
    };
    let iterates_until_settled = config.relaxation.solver.iterates_until_settled();
    let figure = TrainingTraces {
        run,
        epochs: table.column("epoch")?,
        residual: &[
            series("median of the free phase", "residual_median")?,
            series("largest of the free phase", "residual_max")?,
        ],
        tolerance: iterates_until_settled.then_some(config.relaxation.tolerance),
        displacement: &[
            series("median sample", "displacement_median")?,
            series("largest", "displacement_max")?,
        ],
        displacement_floor: None,
        sweeps: &[
            series("free phase", "free_sweeps")?,
            series("nudged phases", "nudged_sweeps")?,
        ],
    };
    Ok(figure.write(path))
}

/// The same samples at [`strip_times`].
pub(super) fn draw_strip(
    run: &str,
    images: ArrayView3<'_, f32>,
    shape: ImageShape,
    config: &Config,
    path: &Path,
) -> Drawn {
    let figure = TimeStrip {
        run,
        images,
        shape,
        flow_times: &strip_times(config.flow.objective),
        seed: config.seed,
    };
    figure.write(path)
}

/// Samples at the end of the flow that the configuration asks for.
pub(super) fn draw_grid(
    run: &str,
    images: ArrayView2<'_, f32>,
    shape: ImageShape,
    config: &Config,
    path: &Path,
) -> Drawn {
    let figure = SampleGrid {
        run,
        images,
        shape,
        seed: config.seed,
        flow_time: config.sampling.until,
        given: None,
    };
    figure.write(path)
}
