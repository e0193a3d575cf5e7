//! How a relaxation of a chip starts, and what drives it.

use super::{
    Chip, ChipError,
    circuit::{Circuit, VisibleMode},
    converter::held_anchor,
    noise_ramp::GainRamp,
    transient::{NoiseAddress, Schedule},
};
use crate::chip::ChipScalar;
use crate::{Cell, Drive, Visible, kernels::padded};
use ndarray::{Array2, ArrayView2, s};

impl<R: ChipScalar> Chip<R> {
    pub(super) fn schedule(
        &self,
        circuit: &Circuit<R>,
        duration: f64,
        intervals: usize,
    ) -> Schedule<'_> {
        let settings = &self.settings;
        let stops = settings.stop_when_settled;
        Schedule {
            integrator: settings.integrator,
            duration,
            step: settings.step,
            tolerance: settings.tolerance,
            intervals,
            kept: None,
            stop_at: stops.then(|| self.limit(circuit).residual),
            watched: None,
            noise_gain: GainRamp::ONE,
            tally: &self.tally,
        }
    }

    pub(super) fn noise(&self, relaxation: u64) -> Option<NoiseAddress> {
        NoiseAddress::of(
            &self.design,
            self.seed,
            relaxation,
            0,
            self.settings.noise_refinement,
        )
    }

    /// λ of a drive on this chip.
    pub(super) fn mode(&self, visible: Visible) -> Result<VisibleMode, ChipError> {
        match visible {
            Visible::Clamped => Ok(VisibleMode::Clamped),
            Visible::Spring { stiffness } => {
                let stiffness = self.design.spring.stiffness.unwrap_or(stiffness);
                if 1.0 + stiffness <= 0.0 {
                    return Err(ChipError::Unstable {
                        stiffness: 1.0 + stiffness,
                    });
                }
                Ok(VisibleMode::Spring { stiffness })
            }
        }
    }

    /// Rows at rest before a relaxation: x at the anchor, nothing stored in hidden nodes (h = 0, or the
    /// edge that an offset keeps it from there; an output of a resistive cell at a(0), where its leak
    /// carries nothing).
    pub(super) fn cold_start(&self, circuit: &Circuit<R>, anchor: ArrayView2<'_, R>) -> Array2<R> {
        let width: usize = circuit.widths.iter().sum();
        let mut start = Array2::zeros((anchor.nrows(), width));
        start.slice_mut(s![.., ..anchor.ncols()]).assign(&anchor);
        let silent = self.activation.derivatives(0.0).0;
        let mut column = circuit.widths[0];
        for part in 1..circuit.widths.len() {
            let n = circuit.widths[part];
            let amplifier = part >= circuit.nodes();
            if self.cell == Cell::Resistive {
                start
                    .slice_mut(s![.., column..column + n])
                    .fill(R::from_f64(silent));
            } else if amplifier {
                let outputs = circuit.silent_outputs(part + 1 - circuit.nodes(), self.activation);
                for (i, y) in outputs.into_iter().enumerate() {
                    start.column_mut(column + i).fill(y);
                }
            }
            if let Some(edges) = circuit.confining(part) {
                for mut row in start.slice_mut(s![.., column..column + n]).rows_mut() {
                    edges.confine(row.as_slice_mut().expect("rows are contiguous"));
                }
            }
            column += n;
        }
        start
    }

    pub(super) fn held(&self, anchor: ArrayView2<'_, R>, relaxation: u64) -> Array2<R> {
        held_anchor(&self.design, anchor, (self.seed, relaxation, 0))
    }

    /// As [`Chip::mode`]; where every visible node of a drive is held, that is a clamp.
    pub(super) fn mode_under(&self, drive: &Drive<'_, R>) -> Result<VisibleMode, ChipError> {
        let mode = self.mode(drive.visible)?;
        let all_held = drive.held.is_some_and(|held| held.iter().all(|&held| held));
        Ok(if all_held { VisibleMode::Clamped } else { mode })
    }

    /// Checks a drive's anchors and mask; which visible nodes sources hold beside others that move,
    /// `[batch, padded n_0]`, empty where there are none.
    pub(super) fn fixed(&self, drive: &Drive<'_, R>) -> Result<Vec<bool>, ChipError> {
        self.check_rows("the anchor", drive.anchor, drive.anchor.nrows())?;
        let fixed = self.mask(drive.held, drive.anchor.nrows())?;
        Ok(if drive.holds_some() {
            fixed
        } else {
            Vec::new()
        })
    }

    /// A mask of visible nodes, padded; empty where none is held.
    pub(super) fn mask(
        &self,
        held: Option<ArrayView2<'_, bool>>,
        batch: usize,
    ) -> Result<Vec<bool>, ChipError> {
        let Some(held) = held else {
            return Ok(Vec::new());
        };
        let found = [held.nrows(), held.ncols()];
        let expected = [batch, self.couplings.layers().visible()];
        if found != expected {
            return Err(ChipError::Shape {
                what: "the mask of held nodes",
                found,
                expected,
            });
        }
        let width = padded(held.ncols());
        let mut fixed = vec![false; batch * width];
        for (fixed, held) in fixed.chunks_exact_mut(width).zip(held.rows()) {
            let nodes = fixed.iter_mut().zip(held);
            nodes.for_each(|(fixed, &held)| *fixed = held);
        }
        let some = fixed.contains(&true);
        Ok(if some { fixed } else { Vec::new() })
    }

    /// λ_i x_t, padded.
    pub(super) fn anchor_force(circuit: &Circuit<R>, held: &Array2<R>) -> Vec<R> {
        let n = circuit.widths[0];
        let mut force = vec![R::ZERO; held.nrows() * n];
        for (force, x) in force.chunks_exact_mut(n).zip(held.rows()) {
            for ((f, &x), &spring) in force.iter_mut().zip(x).zip(&circuit.spring) {
                *f = spring * x;
            }
        }
        force
    }

    /// Droop in 1/τ.
    pub(super) fn droop(&self) -> f64 {
        self.design.converters.droop * self.design.time_constant()
    }
}
