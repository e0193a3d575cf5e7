//! The flow-matching loss, against training epoch and against flow time.

use super::{FigureError, Reference, canvas, check, panel::PanelFigure};
use crate::chart::{AxisKind, Chart, Colour, Curve, Weight, axis::Scale};
use std::path::Path;

const FIGURE: &str = "loss curve";
/// Most curves in the panel over flow time; of more epochs, evenly spaced ones are shown.
const TIME_CURVES: usize = 5;

/// Loss of a training run: mean of (v − u)² over units and samples, dimensionless.
///
/// Left panel: loss against epoch with its running mean, logarithmic. Right panel, where
/// `by_time` is given: loss against flow time.
#[derive(Clone, Copy, Debug)]
pub struct LossHistory<'a> {
    /// Which run this is: the heading.
    pub run: &'a str,
    /// Training epoch of each value.
    pub epochs: &'a [f64],
    /// Loss, one value per epoch, positive.
    pub loss: &'a [f64],
    /// Values in the running mean, which ends at each epoch; fewer values give no mean.
    pub window: usize,
    /// Epoch, and loss in equally wide bins of flow time on [0, 1] (positive), in order of epoch.
    /// Of more than five entries, five evenly spaced ones are shown, the first and the last among
    /// them.
    pub by_time: &'a [(f64, Vec<f64>)],
    /// Values to compare with, positive.
    pub references: &'a [Reference<'a>],
}

impl LossHistory<'_> {
    /// Writes the figure; the extension of `path` chooses the format.
    pub fn write(&self, path: &Path) -> Result<(), FigureError> {
        canvas::check_path(path)?;
        self.check()?;
        let mut panels = vec![self.over_epochs()];
        if !self.by_time.is_empty() {
            panels.push(self.over_flow_time());
        }
        let figure = PanelFigure {
            heading: self.run.to_owned(),
            caption: self.caption(),
            columns: panels.len(),
            panels,
            panel_size: (1000, 720),
            shared_legend: false,
        };
        canvas::save(path, &figure)
    }

    fn check(&self) -> Result<(), FigureError> {
        let positive = (
            f64::MIN_POSITIVE,
            "a positive number (the axis is logarithmic)",
        );
        check::check_finite(FIGURE, "epochs", self.epochs)?;
        check::check_series(FIGURE, "loss", self.loss, self.epochs.len())?;
        check::check_at_least(FIGURE, "loss", self.loss, positive)?;
        for (epoch, bins) in self.by_time {
            let what = format!("loss by flow time at epoch {epoch}");
            check::check_finite(FIGURE, "epoch of a loss by flow time", &[*epoch])?;
            check::check_finite(FIGURE, &what, bins)?;
            check::check_at_least(FIGURE, &what, bins, positive)?;
        }
        for reference in self.references {
            let what = format!("reference '{}'", reference.label);
            check::check_finite(FIGURE, &what, &[reference.value])?;
            check::check_at_least(FIGURE, &what, &[reference.value], positive)?;
        }
        Ok(())
    }

    fn has_mean(&self) -> bool {
        self.window > 1 && self.loss.len() >= self.window
    }

    /// Loss against epoch, with its running mean.
    pub(crate) fn over_epochs(&self) -> Chart {
        let mut curves = vec![Curve::new(
            "each epoch",
            self.epochs,
            self.loss,
            Colour::Category(0),
        )];
        if self.has_mean() {
            curves[0].colour = Colour::Raw;
            curves[0].weight = Weight::Thin;
            curves.push(Curve::new(
                &format!("mean of the last {}", self.window),
                &self.epochs[self.window - 1..],
                &running_mean(self.loss, self.window),
                Colour::Category(0),
            ));
        }
        let x = AxisKind::new("epoch (passes over the data)", Scale::Count);
        let y = AxisKind::new(LOSS_AXIS, Scale::Log);
        Chart {
            curves,
            ..Chart::new("Loss during training", x, y)
        }
        .with_references(self.references)
    }

    fn over_flow_time(&self) -> Chart {
        let shown = evenly_spaced(self.by_time.len(), TIME_CURVES);
        let curves = shown.iter().enumerate().map(|(rank, &index)| {
            let (epoch, bins) = &self.by_time[index];
            let centres: Vec<f64> = (0..bins.len())
                .map(|bin| (bin as f64 + 0.5) / bins.len() as f64)
                .collect();
            let colour = Colour::Ordered {
                place: rank,
                of: shown.len(),
            };
            Curve::new(&format!("epoch {epoch}"), &centres, bins, colour)
        });
        let x = AxisKind::new("flow time t (dimensionless; bin centres)", Scale::Fraction);
        let y = AxisKind::new(LOSS_AXIS, Scale::Log);
        Chart {
            curves: curves.collect(),
            ..Chart::new("Loss by flow time", x, y)
        }
    }

    fn caption(&self) -> String {
        let last = self.epochs[self.epochs.len() - 1];
        if self.has_mean() {
            let tail = &self.loss[self.loss.len() - self.window..];
            let mean = tail.iter().sum::<f64>() / tail.len() as f64;
            format!(
                "Mean of the last {} epochs, up to epoch {last}: {mean:.4}.",
                self.window
            )
        } else {
            format!(
                "Loss at epoch {last}: {:.4}.",
                self.loss[self.loss.len() - 1]
            )
        }
    }
}

const LOSS_AXIS: &str = "mean of (v − u)² (dimensionless)";

/// Mean of each run of `window` consecutive values, `[values − window + 1]`.
fn running_mean(values: &[f64], window: usize) -> Vec<f64> {
    values
        .windows(window)
        .map(|run| run.iter().sum::<f64>() / window as f64)
        .collect()
}

/// At most `most` indices below `count`, evenly spaced, first and last included.
fn evenly_spaced(count: usize, most: usize) -> Vec<usize> {
    if count <= most {
        return (0..count).collect();
    }
    (0..most)
        .map(|rank| rank * (count - 1) / (most - 1))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn running_mean_of_a_ramp_lags_by_half_a_window() {
        assert_eq!(running_mean(&[1.0, 2.0, 3.0, 4.0], 3), [2.0, 3.0]);
    }

    #[test]
    fn a_few_epochs_are_shown_with_both_ends() {
        assert_eq!(evenly_spaced(3, 5), [0, 1, 2]);
        assert_eq!(evenly_spaced(21, 5), [0, 5, 10, 15, 20]);
    }
}
