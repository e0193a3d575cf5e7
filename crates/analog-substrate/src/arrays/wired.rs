//! What the wires of an array leave of its conductances.

use super::{ArrayDesign, ArrayMap, Direction, Part};
use crate::wires::{Read, Sense, WiresError, check, effective_conductances, tiled_conductances};
use ndarray::{Array2, Zip};

/// Effective conductances per bank `[plus, minus]`, `[rows, columns]` in siemens: the current of a
/// row's or column's sense amplifier per volt at a column or row, also where the device between them
/// does not conduct. None: those of the devices themselves.
pub(super) type Through = Option<[Array2<f64>; 2]>;

/// The wires of one array, solved for the conductances of some instant.
#[derive(Debug, Default)]
pub(super) struct Wired {
    /// Of the banks `[plus, minus]`; none as long as nobody has looked.
    banks: [Option<Solved>; 2],
}

/// One bank.
#[derive(Debug)]
struct Solved {
    /// The conductances that it was solved for.
    devices: Array2<f64>,
    /// Of the products that it serves: rows sensed, of products downwards alone columns.
    seen: Array2<f64>,
    /// Columns sensed, where it serves both and they differ.
    down: Option<Array2<f64>>,
}

/// How far no device may have moved, relative to the largest, for its wires not to be solved again:
/// its change is then passed on whole, at an error of at most that.
const STILL: f64 = 1e-9;

impl Wired {
    /// What the conductances of this instant are through the wires, `[up, down]`; of products that the
    /// array does not serve it may be none.
    pub(super) fn through(
        &mut self,
        design: &ArrayDesign,
        array: &ArrayMap,
        present: &[Array2<f64>; 2],
    ) -> Result<[Through; 2], WiresError> {
        if design.wires.are_ideal() || !matches!(array.part, Part::Weight(_)) {
            return Ok([None, None]);
        }
        for (solved, devices) in self.banks.iter_mut().zip(present) {
            if !solved.as_ref().is_some_and(|solved| solved.holds(devices)) {
                *solved = Some(design.solve(devices, array.direction)?);
            }
        }
        let [Some(plus), Some(minus)] = &self.banks else {
            return Ok([None, None]);
        };
        Ok([Read::Backward, Read::Forward].map(|read| {
            Some([
                plus.follow(&present[0], read),
                minus.follow(&present[1], read),
            ])
        }))
    }
}

impl Solved {
    /// Whether these conductances are, but for [`STILL`], those that it was solved for.
    fn holds(&self, devices: &Array2<f64>) -> bool {
        let largest = devices.iter().fold(0.0_f64, |most, g| most.max(*g));
        let mut pairs = devices.iter().zip(&self.devices);
        pairs.all(|(now, then)| (now - then).abs() <= STILL * largest)
    }

    fn follow(&self, devices: &Array2<f64>, read: Read) -> Array2<f64> {
        let mut seen = match (read, &self.down) {
            (Read::Forward, Some(down)) => down.clone(),
            _ => self.seen.clone(),
        };
        Zip::from(&mut seen)
            .and(devices)
            .and(&self.devices)
            .for_each(|seen, now, then| *seen += now - then);
        seen
    }
}

impl ArrayDesign {
    /// Whether the wires of these devices can be solved at all.
    pub(super) fn check_wires(&self, array: &ArrayMap) -> Result<(), WiresError> {
        [&array.plus, &array.minus]
            .iter()
            .try_for_each(|bank| check(bank.achieved.view(), &self.wires, Sense::VirtualGround))
    }

    /// Solves one bank for the products that it serves.
    fn solve(&self, devices: &Array2<f64>, direction: Direction) -> Result<Solved, WiresError> {
        let ends = self.wires.ends;
        // Driven and sensed at the same ends, a passive network is reciprocal.
        let reciprocal = ends.row_drive == ends.row_sense && ends.column_drive == ends.column_sense;
        let backward = direction != Direction::Down || reciprocal;
        let seen = self.arriving(
            devices,
            if backward {
                Read::Backward
            } else {
                Read::Forward
            },
        )?;
        let down = if direction == Direction::Both && !reciprocal {
            Some(self.arriving(devices, Read::Forward)?)
        } else {
            None
        };
        Ok(Solved {
            devices: devices.clone(),
            seen,
            down,
        })
    }

    /// Effective conductances of a bank, `[rows, columns]`.
    fn arriving(&self, g: &Array2<f64>, read: Read) -> Result<Array2<f64>, WiresError> {
        let (wires, ground) = (&self.wires, Sense::VirtualGround);
        let seen = match self.tiling {
            None => effective_conductances(g.view(), wires, read, ground)?,
            Some(tiling) => tiled_conductances(g.view(), wires, read, ground, tiling)?,
        };
        Ok(match read {
            Read::Forward => seen.reversed_axes(),
            Read::Backward => seen,
        })
    }
}
