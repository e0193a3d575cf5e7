//! Maps of what a gradient of a chip is worth: keys of the spec and of the estimate itself are varied, and in every cell estimates are held
//! against the exact gradient of that very chip ([`ChipCheck`]).
//!
//! *Common random numbers.* Every cell has the same chip, the same batches and the same seeds of noise. The exact gradient is that of
//! equilibria, so that it is computed once for all cells that differ in what fluctuates, rounds, stores charge or takes time.

mod axis;
#[cfg(test)]
mod tests;

pub use crate::results::gradients::{GradientCell, Gradients, Measured, WayWorth};
pub use axis::GradientAxis;

use crate::{
    store::Store,
    sweep::{Axis, SweepError},
};
use analog_substrate::{
    chip::{Design, Die, Duration},
    hw_spec::Spec,
};
use gradep_core::{
    files::Model,
    gradep::PhaseScheme,
    objective::Examples,
    oracle::{ChipCheck, ChipExact, ChipNudge, ChipTable, ChipWay},
};

/// Ways to estimate a gradient: every combination.
#[derive(Clone, Debug, PartialEq)]
pub struct Ways {
    /// Ranges of a tilt in `V_unit`.
    pub ranges: Vec<f64>,
    /// Strengths of a quadratic nudge.
    pub betas: Vec<f64>,
    /// Which phases are compared.
    pub phases: PhaseScheme,
    /// Free phases.
    pub free: Vec<Duration>,
    /// Nudged phases.
    pub nudged: Vec<Duration>,
}

impl Ways {
    /// On this design, the nudge fastest.
    pub fn on(&self, design: &Design) -> Vec<ChipWay> {
        let tilts = self.ranges.iter().map(|&range| ChipNudge::Tilt { range });
        let betas = self.betas.iter();
        let nudges: Vec<_> = tilts
            .chain(betas.map(|&beta| ChipNudge::Quadratic { beta }))
            .collect();
        let mut ways = Vec::new();
        for free in &self.free {
            for nudged in &self.nudged {
                ways.extend(nudges.iter().map(|&nudge| ChipWay {
                    nudge,
                    phases: self.phases,
                    free: free.time_constants(design),
                    nudged: nudged.time_constants(design),
                }));
            }
        }
        ways
    }
}

/// A map that is to be made.
#[derive(Clone, Copy, Debug)]
pub struct GradientStudy<'a> {
    /// What chips are programmed with.
    pub model: &'a Model<f32>,
    /// Which chip of a design.
    pub die: Die,
    /// Longest step of its transients in τ.
    pub step: f64,
    /// Estimates of each way and batch; 2 or more.
    pub repeats: usize,
    /// Seed of the first batch's noise; the next has the next.
    pub seed: u64,
    /// Cosine for which estimates are counted.
    pub wanted: f64,
}

/// A combination of values.
#[derive(Clone, Debug)]
struct Point {
    values: Vec<String>,
    design: Design,
    ways: Vec<ChipWay>,
}

/// All combinations of the axes' values, the last axis fastest.
#[derive(Clone, Debug)]
pub struct GradientGrid {
    /// The axes.
    pub axes: Vec<Axis>,
    points: Vec<Point>,
}

impl GradientGrid {
    /// Of up to two axes on a spec; of none there is one cell.
    ///
    /// # Errors
    /// [`SweepError::Axes`] for more, [`SweepError::Axis`] for a key that is given twice, [`SweepError::Spec`] for a combination that the
    /// spec refuses.
    pub fn new(base: &Spec, ways: &Ways, axes: &[GradientAxis]) -> Result<Self, SweepError> {
        if axes.len() > 2 {
            return Err(SweepError::Axes { found: axes.len() });
        }
        if let [first, second] = axes
            && first.axis().key == second.axis().key
        {
            return Err(SweepError::Axis {
                text: second.axis().key.clone(),
                expected: "expected another key than before",
            });
        }
        let mut points = vec![(Vec::new(), base.clone(), ways.clone())];
        for axis in axes {
            let mut next = Vec::new();
            for (values, spec, ways) in &points {
                for (index, value) in axis.axis().values.iter().enumerate() {
                    let (mut values, mut spec, mut ways) =
                        (values.clone(), spec.clone(), ways.clone());
                    axis.apply(index, &mut spec, &mut ways)?;
                    values.push(value.clone());
                    next.push((values, spec, ways));
                }
            }
            points = next;
        }
        let points = points.into_iter().map(|(values, spec, ways)| {
            let design = spec.design();
            Point {
                values,
                ways: ways.on(&design),
                design,
            }
        });
        Ok(Self {
            axes: axes.iter().map(|axis| axis.axis().clone()).collect(),
            points: points.collect(),
        })
    }

    /// How many cells there are.
    pub fn cells(&self) -> usize {
        self.points.len()
    }

    /// The ways of every cell.
    pub fn ways(&self) -> Vec<&[ChipWay]> {
        let points = self.points.iter();
        points.map(|point| point.ways.as_slice()).collect()
    }

    /// All phases of one estimate in every way of every cell, in τ.
    pub fn tau(&self) -> f64 {
        let ways = self.points.iter().flat_map(|point| &point.ways);
        ways.map(ChipWay::tau).sum()
    }

    /// Estimates of every batch in every cell, kept in a store if there is one; `observe` is told the share that is done, and says whether to go
    /// on.
    ///
    /// # Errors
    /// [`SweepError::Chip`], [`SweepError::Store`]; [`SweepError::Interrupted`] where `observe` said so.
    pub fn run(
        &self,
        study: &GradientStudy<'_>,
        batches: &[Examples],
        store: Option<&Store>,
        mut observe: impl FnMut(f64) -> bool,
    ) -> Result<Vec<GradientCell>, SweepError> {
        let mut tables: Vec<Vec<ChipTable>> = vec![Vec::new(); self.points.len()];
        let whole = (batches.len() * self.points.len()) as f64;
        let mut done = 0.0;
        for (number, batch) in (0..).zip(batches) {
            let mut known: Vec<ChipExact> = Vec::new();
            for (cell, (point, tables)) in self.points.iter().zip(&mut tables).enumerate() {
                if !observe(done / whole) {
                    return Err(SweepError::Interrupted);
                }
                done += 1.0;
                let name = format!("cell_{cell}_batch_{number}");
                if let Some(store) = store
                    && let Some(table) = store.get(&name)?
                {
                    tables.push(table);
                    continue;
                }
                let check = ChipCheck {
                    model: study.model,
                    design: &point.design,
                    die: study.die,
                    batch,
                    step: study.step,
                    repeats: study.repeats,
                    seed: study.seed.wrapping_add(number),
                };
                let place = known.iter().position(|exact| exact.is_of(&point.design));
                let place = if let Some(place) = place {
                    place
                } else {
                    known.push(check.exact()?);
                    known.len() - 1
                };
                let table = check.table_against(&known[place], &point.ways, |_| {})?;
                if let Some(store) = store {
                    store.put(&name, &table)?;
                }
                tables.push(table);
            }
        }
        let cells = self.points.iter().zip(tables);
        Ok(cells
            .map(|(point, tables)| GradientCell::of(point.values.clone(), tables, study.wanted))
            .collect())
    }
}
