//! Devices that are pulsed from where they are, and what updates take.

use super::{
    ArrayDesign, Bank, ConductanceMap, Occasion, Order, Pulse, mapping::pairs, program::asked_of,
};
use crate::{
    Couplings,
    device::{Pulsed, Stuck, Way, rounded_by_chance},
    random::{Purpose, Stream, stream},
};
use ndarray::Array2;
use rand::RngExt as _;
use rand_distr::StandardNormal;
use serde::{Deserialize, Serialize};

/// What updates of a chip's devices took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Updating {
    /// Pulses; writings, of a device that takes its level at once.
    pub pulses: u64,
    /// Most pulses that one device was given; where devices are written anew, the sum over updates of the most in each.
    pub most: u32,
    /// Seconds, where the duration of a pulse is known.
    pub seconds: Option<f64>,
    /// Joules, where the energy of a pulse is known.
    pub joules: Option<f64>,
}

impl Updating {
    /// Nothing yet, of pulses that cost this.
    pub(crate) fn none(pulse: Pulse) -> Self {
        Self {
            pulses: 0,
            most: 0,
            seconds: pulse.time.map(|_| 0.0),
            joules: pulse.energy.map(|_| 0.0),
        }
    }

    /// Adds what writing a whole map took.
    pub(crate) fn add_writing(&mut self, map: &ConductanceMap, pulse: Pulse) {
        let banks = map
            .arrays
            .iter()
            .flat_map(|array| [&array.plus, &array.minus]);
        let programmed = banks.filter_map(|bank| bank.programmed.as_ref());
        let most = programmed
            .flat_map(|made| made.pulses.iter().copied())
            .max();
        self.most = self.most.saturating_add(most.unwrap_or_default());
        let pulses = map.writing().map_or(0, |writing| writing.pulses);
        self.add(pulses, pulses, pulse);
    }

    /// Adds pulses, of which so many were one after another.
    pub(crate) fn add(&mut self, pulses: u64, in_a_row: u64, pulse: Pulse) {
        let add = |sum: &mut Option<f64>, one: Option<f64>, count: u64| {
            *sum = Some(sum.unwrap_or_default() + one? * count as f64);
            Some(())
        };
        self.pulses += pulses;
        let _ = add(&mut self.seconds, pulse.time, in_a_row);
        let _ = add(&mut self.joules, pulse.energy, pulses);
    }
}

/// What pulses have made of the devices of each array's banks, `[rows × columns]` each.
pub(crate) type PulsedBanks = Vec<[Vec<Pulsed>; 2]>;

/// Devices that are pulsed from where they are.
pub(crate) struct Pulsing<'a> {
    pub(crate) design: &'a ArrayDesign,
    /// The devices as they were programmed.
    pub(crate) programmed: &'a ConductanceMap,
    /// Which of the chip's updates it is, from 1.
    pub(crate) occasion: Occasion,
}

impl Pulsing<'_> {
    /// Pulses devices so that they follow from what is asked of them `now` to the couplings; what they are then is
    /// [`ConductanceMap::pulsed_to`].
    ///
    /// # Panics
    /// If the couplings are of another network than the map.
    pub(crate) fn pulse(
        &self,
        now: &ConductanceMap,
        couplings: &Couplings<f64>,
        pulsed: &mut PulsedBanks,
        took: &mut Updating,
    ) {
        assert_eq!(couplings.layers(), &now.layers);
        let range = self.design.device.conductance_range();
        let arrays = now.arrays.iter().zip(&self.programmed.arrays);
        for (number, ((now, first), [plus, minus])) in arrays.zip(pulsed).enumerate() {
            let asked = pairs(asked_of(now.part, couplings), range, Some(now.scale), 1.0);
            let place = |side| self.occasion.bank(2 * number + side);
            self.bank((&now.plus, &first.plus), &asked.plus, plus, place(0), took);
            self.bank(
                (&now.minus, &first.minus),
                &asked.minus,
                minus,
                place(1),
                took,
            );
        }
    }

    fn bank(
        &self,
        (now, first): (&Bank, &Bank),
        asked: &Array2<f64>,
        pulsed: &mut [Pulsed],
        address: u64,
        took: &mut Updating,
    ) {
        let Some((steps, keeps)) = self.design.update.steps() else {
            return;
        };
        let (least, most) = self.design.device.conductance_range();
        let span = most - least;
        let Occasion { seed, cycle, .. } = self.occasion;
        let mut own = stream(seed, Purpose::Update, 0, address);
        let mut draws = Stream::new(seed, Purpose::Update, cycle, address);
        let columns = asked.ncols().max(1);
        let mut row = Row::default();
        for (i, ((place, &asked), device)) in asked.indexed_iter().zip(pulsed).enumerate() {
            if i % columns == 0 {
                row.end(self.design, took);
                draws.renew();
            }
            // Drawn whether or not they are needed: a device keeps its own.
            let deviates: [f64; 2] = if steps.variation > 0.0 {
                std::array::from_fn(|_| own.sample(StandardNormal))
            } else {
                [0.0; 2]
            };
            let change = (asked.clamp(least, most) - now.asked[place]) / span;
            if change == 0.0 || first.stuck[place] != Stuck::Free {
                continue;
            }
            let wanted = steps.pulses_for(change);
            let (count, way) = if keeps {
                device.pay(wanted)
            } else {
                let count = rounded_by_chance(wanted, draws.generator());
                (count, Way::of(wanted))
            };
            if count == 0 {
                continue;
            }
            let from = (first.achieved[place] + device.shift - least) / span;
            let deviate = deviates[usize::from(way == Way::Down)];
            let to = steps.pulse(from, (count, way), deviate, draws.generator());
            device.shift += (to - from) * span;
            device.pulses = device.pulses.saturating_add(count);
            took.most = took.most.max(device.pulses);
            row.give(count, way);
        }
        row.end(self.design, took);
    }
}

impl ConductanceMap {
    /// No pulses yet, for each of its devices.
    pub(crate) fn untouched(&self) -> PulsedBanks {
        let none = |bank: &Bank| vec![Pulsed::default(); bank.asked.len()];
        let arrays = self.arrays.iter();
        arrays
            .map(|array| [none(&array.plus), none(&array.minus)])
            .collect()
    }

    /// These devices, as programmed, after pulses that were to lead them to the couplings.
    pub(crate) fn pulsed_to(
        &self,
        couplings: &Couplings<f64>,
        pulsed: &PulsedBanks,
        design: &ArrayDesign,
    ) -> Self {
        let mut moved = self.with_exact_parts(couplings);
        let range = design.device.conductance_range();
        for (array, [plus, minus]) in moved.arrays.iter_mut().zip(pulsed) {
            let asked = pairs(
                asked_of(array.part, couplings),
                range,
                Some(array.scale),
                1.0,
            );
            let shifts =
                |bank: &[Pulsed]| bank.iter().map(|device| device.shift).collect::<Vec<_>>();
            array.plus = array.plus.shifted(asked.plus, &shifts(plus), range);
            array.minus = array.minus.shifted(asked.minus, &shifts(minus), range);
        }
        moved
    }
}

/// Pulses of the devices of a row.
#[derive(Default)]
struct Row {
    all: u64,
    /// Most of one device, up and down.
    most: [u32; 2],
}

impl Row {
    fn give(&mut self, count: u32, way: Way) {
        let most = &mut self.most[usize::from(way == Way::Down)];
        *most = (*most).max(count);
        self.all += u64::from(count);
    }

    fn end(&mut self, design: &ArrayDesign, took: &mut Updating) {
        let row = std::mem::take(self);
        let in_a_row = match design.order {
            Order::Serial => row.all,
            Order::Rows => row.most.iter().map(|&most| u64::from(most)).sum(),
        };
        took.add(row.all, in_a_row, design.pulse);
    }
}
