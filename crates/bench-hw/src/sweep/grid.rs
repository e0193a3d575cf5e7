//! Every combination of one or two keys' values.

use super::{Axis, Cell, Lab, Outcome, Rule, SweepError, Variant};
use analog_substrate::hw_spec::Spec;

/// Variants on one or two axes, the last axis fastest, and the chip to compare with.
#[derive(Clone, Debug)]
pub struct Grid {
    /// The axes.
    pub axes: Vec<Axis>,
    /// Values per axis, and the chip.
    points: Vec<(Vec<String>, Variant)>,
    ideal: Variant,
}

/// A grid's cells.
#[derive(Clone, Debug)]
pub struct Swept {
    /// In the order of the grid's variants.
    pub cells: Vec<Cell>,
    /// The chips without imperfections.
    pub ideal: Cell,
}

impl Grid {
    /// All combinations of the axes' values on a spec.
    ///
    /// # Errors
    /// [`SweepError::Spec`] for a combination that the spec refuses.
    pub fn new(base: &Spec, axes: Vec<Axis>) -> Result<Self, SweepError> {
        let mut specs = vec![(Vec::new(), base.clone())];
        for axis in &axes {
            let mut next = Vec::new();
            for (values, spec) in &specs {
                for (index, value) in axis.values.iter().enumerate() {
                    let mut spec = spec.clone();
                    axis.apply(&mut spec, index)?;
                    let mut values = values.clone();
                    values.push(value.clone());
                    next.push((values, spec));
                }
            }
            specs = next;
        }
        let points = specs
            .into_iter()
            .map(|(values, spec)| (values, Variant::of(&spec)));
        Ok(Self {
            points: points.collect(),
            axes,
            ideal: Variant::ideal(base)?,
        })
    }

    /// How many variants there are, the ideal chip not counted.
    pub fn variants(&self) -> usize {
        self.points.len()
    }

    /// The variants whose chips are tried, the ideal one first.
    pub fn all(&self) -> Vec<Variant> {
        let points = self.points.iter().map(|(_, variant)| variant.clone());
        std::iter::once(self.ideal.clone()).chain(points).collect()
    }

    /// Tries `chips` chips of every variant.
    ///
    /// # Errors
    /// As [`Lab::outcomes`].
    pub fn run(&self, lab: &Lab<'_>, chips: u64, rule: Rule) -> Result<Swept, SweepError> {
        let outcomes = lab.outcomes(&self.all(), chips)?;
        let (ideal, outcomes): (&[Outcome], _) = (&outcomes[0], &outcomes[1..]);
        let cells = self
            .points
            .iter()
            .zip(outcomes)
            .map(|((values, _), chips)| Cell::of(values.clone(), chips, ideal, rule));
        Ok(Swept {
            cells: cells.collect(),
            ideal: Cell::of(Vec::new(), ideal, ideal, rule),
        })
    }
}
