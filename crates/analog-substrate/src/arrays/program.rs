//! Programming: from couplings to the conductances that devices take.

use super::{
    ArrayDesign, ArrayMap, Bank, Biases, ConductanceMap, Direction, Directions, Part, Writing,
    mapping::pairs,
};
use crate::{
    Couplings,
    device::{Draws, Effects},
    random::{Purpose, stream},
};
use ndarray::{Array2, ArrayView1, ArrayView2, Axis};

/// Which chip is programmed, and how often it was before: the address of its draws.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Occasion {
    pub(crate) seed: u64,
    pub(crate) chip: u64,
    /// Earlier programmings.
    pub(crate) cycle: u64,
}

impl Occasion {
    /// Address of the draws of a bank of the chip.
    pub(super) fn bank(self, number: usize) -> u64 {
        // Chips are numbered from 0: none has a number at which this wraps.
        self.chip.wrapping_mul(BANKS_PER_CHIP) + number as u64
    }
}

impl ArrayDesign {
    /// Programs every array so that weights can grow by `headroom` before their devices are at the end of the range, unless
    /// the design says how many siemens a unit of weight is. Without an occasion every device takes just what is asked of
    /// it, within its range.
    pub(crate) fn program(
        &self,
        couplings: &Couplings<f64>,
        occasion: Option<Occasion>,
        headroom: f64,
    ) -> ConductanceMap {
        let layers = couplings.layers();
        let directions: &[Direction] = match self.directions {
            Directions::Shared => &[Direction::Both],
            Directions::Separate => &[Direction::Up, Direction::Down],
        };
        let mut arrays = Vec::new();
        for l in 0..layers.hidden() {
            for &direction in directions {
                let place = (Part::Weight(l), direction, arrays.len());
                arrays.push(self.array(place, couplings.weight(l), (occasion, headroom)));
            }
        }
        let mut exact_biases = Vec::new();
        for l in 0..layers.sizes().len() {
            let bias = bias_of(couplings, l);
            match self.biases {
                Biases::Exact => exact_biases.push(bias.to_vec()),
                Biases::Devices => {
                    let place = (Part::Bias(l), Direction::Both, arrays.len());
                    let bias = bias.insert_axis(Axis(0));
                    arrays.push(self.array(place, bias, (occasion, headroom)));
                }
            }
        }
        ConductanceMap {
            layers: layers.clone(),
            arrays,
            exact_biases,
            visible_leak: couplings
                .visible_leak()
                .map_or_else(Vec::new, |leak| leak.to_vec()),
        }
    }

    /// Writes every device of a map anew, towards other couplings, at the scales that its arrays have.
    ///
    /// # Panics
    /// If the couplings are of another network than the map.
    pub(crate) fn program_again(
        &self,
        map: &ConductanceMap,
        couplings: &Couplings<f64>,
        occasion: Option<Occasion>,
    ) -> ConductanceMap {
        let mut again = map.with_exact_parts(couplings);
        for (number, array) in again.arrays.iter_mut().enumerate() {
            let place = (array.part, array.direction, number);
            let weights = asked_of(array.part, couplings);
            *array = self.array_at(place, weights, (occasion, Some(array.scale), 1.0));
        }
        again
    }

    fn array(
        &self,
        place: (Part, Direction, usize),
        weights: ArrayView2<'_, f64>,
        (occasion, headroom): (Option<Occasion>, f64),
    ) -> ArrayMap {
        self.array_at(place, weights, (occasion, self.scale, headroom))
    }

    fn array_at(
        &self,
        (part, direction, number): (Part, Direction, usize),
        weights: ArrayView2<'_, f64>,
        (occasion, scale, headroom): (Option<Occasion>, Option<f64>, f64),
    ) -> ArrayMap {
        let range = self.device.conductance_range();
        let asked = pairs(weights, range, scale, headroom);
        let plus = self.bank(asked.plus, occasion, 2 * number);
        let minus = self.bank(asked.minus, occasion, 2 * number + 1);
        ArrayMap {
            part,
            direction,
            scale: asked.scale,
            writing: Some(Writing::of([&plus, &minus], self.pulse)),
            plus,
            minus,
        }
    }

    /// Devices of one polarity of one array, which have streams of random numbers of their own: what
    /// the chip was made with, and what this programming did.
    fn bank(&self, asked: Array2<f64>, occasion: Option<Occasion>, number: usize) -> Bank {
        let of_the_chip = occasion.unwrap_or(Occasion {
            seed: 0,
            chip: 0,
            cycle: 0,
        });
        let Occasion { seed, cycle, .. } = of_the_chip;
        let effects = match occasion {
            Some(_) => self.effects,
            None => Effects::NONE,
        };
        let address = of_the_chip.bank(number);
        let mut fabrication = stream(seed, Purpose::Fabrication, 0, address);
        let mut programming = stream(seed, Purpose::Programming, cycle, address);
        let targets: Vec<f64> = asked.iter().copied().collect();
        let done = match self.verify.filter(|_| occasion.is_some()) {
            None => self
                .device
                .program(&targets, &effects, &mut fabrication, &mut programming),
            Some(verify) => self.device.program_verified(
                &targets,
                &effects,
                &verify,
                Draws {
                    fabrication,
                    programming,
                    repeats: stream(seed, Purpose::Verification, cycle, address),
                },
            ),
        };
        let shape = asked.raw_dim();
        let of_crosspoints = "a device for every crosspoint";
        Bank {
            achieved: Array2::from_shape_vec(shape, done.achieved.clone()).expect(of_crosspoints),
            stuck: Array2::from_shape_vec(shape, done.stuck.clone()).expect(of_crosspoints),
            asked,
            programmed: Some(done),
        }
    }
}

/// The bias of layer l (0: visible), `[n_l]`.
pub(super) fn bias_of(couplings: &Couplings<f64>, l: usize) -> ArrayView1<'_, f64> {
    match l {
        0 => couplings.visible_bias(),
        _ => couplings.bias(l - 1),
    }
}

/// Addresses that are set apart for one chip: two per array, far fewer than this.
const BANKS_PER_CHIP: u64 = 1 << 16;

/// What an array is to hold, `[rows, columns]`.
pub(super) fn asked_of(part: Part, couplings: &Couplings<f64>) -> ArrayView2<'_, f64> {
    match part {
        Part::Weight(l) => couplings.weight(l),
        Part::Bias(l) => bias_of(couplings, l).insert_axis(Axis(0)),
    }
}
