//! Arrays at one instant, for programs that solve them themselves.

use super::{ArrayMap, Arrays, ArraysError, Direction, Part, compensation::Factors};
use ndarray::Array2;
use rand::Rng;

/// The conductances of an array at one instant of the chip's clock.
#[derive(Clone, Debug, PartialEq)]
pub struct PresentArray {
    /// What it holds.
    pub part: Part,
    /// Which products it serves.
    pub direction: Direction,
    /// Siemens per unit of weight.
    pub scale: f64,
    /// G⁺, `[rows, columns]` in siemens.
    pub plus: Array2<f64>,
    /// G⁻, likewise.
    pub minus: Array2<f64>,
    /// What compensation multiplies the current of each row by, where rows are sensed.
    pub up: Vec<f64>,
    /// The same of columns.
    pub down: Vec<f64>,
}

impl PresentArray {
    /// Name of the array, as that of its map.
    pub fn name(&self) -> String {
        self.part.name(self.direction)
    }
}

impl Arrays {
    /// The arrays `elapsed` seconds after the first relaxation began.
    pub(crate) fn present(
        &mut self,
        elapsed: f64,
        generator: &mut impl Rng,
    ) -> Result<Vec<PresentArray>, ArraysError> {
        let banks = self.banks(elapsed, generator)?;
        let arrays = self.map.arrays.iter().zip(banks).enumerate();
        Ok(arrays
            .map(|(i, (array, banks))| {
                let mut seen = banks.clone();
                self.design.linearise(&mut seen, array.scale, self.units);
                present_array(array, banks, self.factors(i, &seen))
            })
            .collect())
    }
}

fn present_array(
    array: &ArrayMap,
    [plus, minus]: [Array2<f64>; 2],
    factors: Factors,
) -> PresentArray {
    PresentArray {
        part: array.part,
        direction: array.direction,
        scale: array.scale,
        plus,
        minus,
        up: factors.up.to_vec(),
        down: factors.down.to_vec(),
    }
}
