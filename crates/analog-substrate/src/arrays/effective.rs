//! What the nodes see of programmed arrays: products that need not be each other's transpose.

use super::{
    ArrayDesign, ArrayMap, Bank, Biases, Compensation, ConductanceMap, Direction, Part,
    compensation::{Factors, Lines},
    wired::{Through, Wired},
};
use crate::{
    Couplings, Topology,
    device::{DeviceError, ReadNoise},
    wires::WiresError,
};
use ndarray::{Array1, Array2, ArrayView1, Axis, Zip};
use rand::Rng;
use serde::{Deserialize, Serialize};
use units::fault::{Blame, Fault};

/// The couplings of a chip at one instant, dimensionless.
#[derive(Clone, Debug)]
pub(crate) struct Effective {
    /// W_l as layer l + 1 receives it, and the biases.
    pub(crate) up: Couplings<f64>,
    /// W_l as layer l receives its transpose.
    pub(crate) down: Couplings<f64>,
    /// Σ(G⁺ + G⁻)·g_unit/scale² of the lines that each node senses: its noise conductance in g_unit.
    pub(crate) received: Vec<Vec<f64>>,
    /// Σ(G⁺ + G⁻)/g_unit of the lines that each node drives: what they dissipate.
    pub(crate) driven: Vec<Vec<f64>>,
    /// Σ(G⁺ + G⁻)/g_unit of the biases.
    pub(crate) bias_load: f64,
}

/// Programmed arrays with what their wires do.
#[derive(Debug)]
pub(crate) struct Arrays {
    pub(super) design: ArrayDesign,
    pub(super) map: ConductanceMap,
    wired: Vec<Wired>,
    /// What a calibration read of each array finds just after programming.
    references: Vec<Lines>,
    /// State of the read noise of each array's banks.
    fluctuations: Vec<[Option<ReadNoise>; 2]>,
    /// Seconds on the chip's clock up to which they have been followed.
    followed: f64,
    pub(super) units: Units,
}

/// The read noise of arrays at an instant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Fluctuations {
    /// Of each array's banks; none before they are read for the first time.
    states: Vec<[Option<ReadNoise>; 2]>,
    /// Seconds on the chip's clock up to which they have been followed.
    followed: f64,
}

/// Arrays that cannot be seen.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ArraysError {
    /// The device is not known at this time.
    #[error("{0}")]
    Device(#[from] DeviceError),
    /// The wires cannot be solved.
    #[error("{0}")]
    Wires(#[from] WiresError),
}

impl Blame for ArraysError {
    fn fault(&self) -> Fault {
        match self {
            Self::Device(cause) => cause.fault(),
            Self::Wires(cause) => cause.fault(),
        }
    }
}

/// The scales of the node equations.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Units {
    /// g_unit in siemens.
    pub(crate) conductance: f64,
    /// V_unit in volts.
    pub(crate) voltage: f64,
}

impl Arrays {
    /// The arrays of a programmed map, whose wires can be solved.
    pub(crate) fn new(
        design: ArrayDesign,
        map: ConductanceMap,
        units: Units,
    ) -> Result<Self, WiresError> {
        (map.arrays.iter()).try_for_each(|array| design.check_wires(array))?;
        let wired = map.arrays.iter().map(|_| Wired::default()).collect();
        let fluctuations = map.arrays.iter().map(|_| [None, None]).collect();
        let references = references(&design, &map, units);
        Ok(Self {
            design,
            map,
            wired,
            references,
            fluctuations,
            followed: 0.0,
            units,
        })
    }

    /// The read noise of its devices as it stands.
    pub(crate) fn fluctuations(&self) -> Fluctuations {
        Fluctuations {
            states: self.fluctuations.clone(),
            followed: self.followed,
        }
    }

    /// Goes on in read noise as it stood.
    pub(crate) fn fluctuate_from(&mut self, noise: Fluctuations) {
        if noise.states.len() == self.map.arrays.len() {
            self.fluctuations = noise.states;
            self.followed = noise.followed;
        }
    }

    pub(crate) fn map(&self) -> &ConductanceMap {
        &self.map
    }

    /// Goes on with other conductances of the same devices, in the noise that they have.
    pub(crate) fn go_on_with(&mut self, map: ConductanceMap) {
        self.references = references(&self.design, &map, self.units);
        self.map = map;
    }

    /// The couplings `elapsed` seconds after the first relaxation began.
    ///
    /// Wires are solved for the conductances of the instant, and again only when these have moved.
    /// Constant currents of devices that are not ohmic are not attenuated.
    pub(crate) fn at(
        &mut self,
        elapsed: f64,
        generator: &mut impl Rng,
    ) -> Result<Effective, ArraysError> {
        let banks = self.banks(elapsed, generator)?;
        let mut seen = Effective::silent(&self.map, self.design.biases);
        for (i, (array, mut present)) in self.map.arrays.iter().zip(banks).enumerate() {
            let offsets = self.design.linearise(&mut present, array.scale, self.units);
            let factors = self.factors(i, &present);
            if let Some(offsets) = offsets {
                seen.offset(array, &offsets, &factors);
            }
            let through = self.wired[i].through(&self.design, array, &present)?;
            seen.add(
                array,
                &present,
                &through,
                (&factors, self.units.conductance),
            );
        }
        Ok(seen)
    }

    /// What compensation multiplies the sensed currents of array `i` by, given its conductances as a
    /// signal sees them: those of the same calibration read just after programming over these. Exactly
    /// one where nothing ages.
    pub(super) fn factors(&self, i: usize, present: &[Array2<f64>; 2]) -> Factors {
        let design = &self.design;
        let ages = design.effects.drift && design.device.ages();
        let compensation = match design.compensation {
            kind if ages => kind,
            _ => Compensation::None,
        };
        self.references[i].over(&Lines::of(present), compensation)
    }

    /// Conductances of all banks `elapsed` seconds after the first relaxation began: aged, and as they
    /// fluctuate.
    pub(super) fn banks(
        &mut self,
        elapsed: f64,
        generator: &mut impl Rng,
    ) -> Result<Vec<[Array2<f64>; 2]>, DeviceError> {
        let passed = (elapsed - self.followed).max(0.0);
        self.followed = elapsed;
        let mut banks = Vec::with_capacity(self.map.arrays.len());
        for (array, states) in self.map.arrays.iter().zip(&mut self.fluctuations) {
            let mut present = [
                self.design.aged(&array.plus, elapsed)?,
                self.design.aged(&array.minus, elapsed)?,
            ];
            if self.design.effects.read_noise {
                self.design.device.check_read_time(self.design.age)?;
                let banks = [&array.plus, &array.minus];
                for ((bank, present), state) in banks.into_iter().zip(&mut present).zip(states) {
                    self.design
                        .fluctuate(bank, present, state, passed, generator);
                }
            }
            banks.push(present);
        }
        Ok(banks)
    }
}

/// What a calibration read of each array finds as long as nothing has aged.
fn references(design: &ArrayDesign, map: &ConductanceMap, units: Units) -> Vec<Lines> {
    let read = |array: &ArrayMap| {
        let mut programmed = [array.plus.achieved.clone(), array.minus.achieved.clone()];
        design.linearise(&mut programmed, array.scale, units);
        Lines::of(&programmed)
    };
    map.arrays.iter().map(read).collect()
}

impl ArrayDesign {
    /// Replaces conductances by those of the best line for a signal of the read voltage, and returns what
    /// constant current each pair adds, in units of the weights; leaves ohmic devices as they are.
    pub(super) fn linearise(
        &self,
        present: &mut [Array2<f64>; 2],
        scale: f64,
        units: Units,
    ) -> Option<Array2<f64>> {
        if !(self.effects.nonlinearity && self.device.is_nonlinear()) {
            return None;
        }
        let rms = self.read_voltage.unwrap_or(units.voltage);
        let mut offsets = Array2::zeros(present[0].raw_dim());
        for (bank, sign) in present.iter_mut().zip([1.0, -1.0]) {
            Zip::from(bank).and(&mut offsets).for_each(|g, offset| {
                let (slope, current) = self.device.seen_by_signal(*g, rms);
                *g = slope.max(0.0);
                *offset += sign * current / (scale * units.voltage);
            });
        }
        Some(offsets)
    }

    /// Conductances of a bank after `elapsed` seconds on the chip's clock. Laws that are known at some
    /// times only do not move with the clock.
    fn aged(&self, bank: &Bank, elapsed: f64) -> Result<Array2<f64>, DeviceError> {
        let Some(programmed) = &bank.programmed else {
            return Ok(bank.achieved.clone());
        };
        let moved = if self.device.drifts_continuously() {
            elapsed
        } else {
            0.0
        };
        let present = self
            .device
            .after(programmed, self.age + moved, &self.effects)?;
        Ok(Array2::from_shape_vec(bank.achieved.raw_dim(), present)
            .expect("a device for every crosspoint"))
    }

    /// Read noise of the `present` conductances of a bank `passed` seconds after the last time;
    /// stationary the first time.
    fn fluctuate(
        &self,
        bank: &Bank,
        present: &mut Array2<f64>,
        state: &mut Option<ReadNoise>,
        passed: f64,
        generator: &mut impl Rng,
    ) {
        let flat: Vec<f64> = present.iter().copied().collect();
        let state = state.get_or_insert_with(|| {
            let targets = bank.targets(self.device.conductance_range());
            ReadNoise::new(&self.device, &targets, self.age, &self.effects, generator)
        });
        let read = self.device.read(&flat, state, passed, generator);
        present.iter_mut().zip(read).for_each(|(g, read)| *g = read);
    }
}

impl Effective {
    /// No current from anywhere, but for biases that are no devices.
    fn silent(map: &ConductanceMap, biases: Biases) -> Self {
        let layers = &map.layers;
        let leaks = !map.visible_leak.is_empty();
        let topology = Topology::from(layers.clone()).with_visible_leak(leaks);
        let zeros = || -> Vec<Vec<f64>> { layers.sizes().iter().map(|&n| vec![0.0; n]).collect() };
        let mut up = Couplings::zeros(topology.clone());
        if let Some(mut leak) = up.visible_leak_mut() {
            leak.assign(&ArrayView1::from(&map.visible_leak));
        }
        let mut bias_load = 0.0;
        if biases == Biases::Exact {
            for (l, bias) in map.exact_biases.iter().enumerate() {
                bias_of(&mut up, l).assign(&Array1::from_vec(bias.clone()));
                bias_load += bias.iter().map(|b| b.abs()).sum::<f64>();
            }
        }
        Self {
            down: Couplings::zeros(topology),
            up,
            received: zeros(),
            driven: zeros(),
            bias_load,
        }
    }

    /// Adds constant currents of crosspoints to the biases of the nodes that sense them.
    fn offset(&mut self, array: &ArrayMap, offsets: &Array2<f64>, factors: &Factors) {
        let serves = |direction| [Direction::Both, direction].contains(&array.direction);
        match array.part {
            Part::Bias(l) => {
                let mut bias = bias_of(&mut self.up, l);
                bias += &(&offsets.row(0) * &factors.down);
            }
            Part::Weight(l) => {
                if serves(Direction::Up) {
                    let mut bias = bias_of(&mut self.up, l + 1);
                    bias += &(offsets.sum_axis(Axis(1)) * &factors.up);
                }
                if serves(Direction::Down) {
                    let mut bias = bias_of(&mut self.up, l);
                    bias += &(offsets.sum_axis(Axis(0)) * &factors.down);
                }
            }
        }
    }

    /// Adds what an array with these conductances does.
    fn add(
        &mut self,
        array: &ArrayMap,
        present: &[Array2<f64>; 2],
        [up, down]: &[Through; 2],
        (factors, unit): (&Factors, f64),
    ) {
        let total = &present[0] + &present[1];
        let (per_row, per_column) = (total.sum_axis(Axis(1)), total.sum_axis(Axis(0)));
        let noise = unit / array.scale.powi(2);
        let serves = |direction| [Direction::Both, direction].contains(&array.direction);
        let Part::Weight(l) = array.part else {
            let Part::Bias(l) = array.part else { return };
            let seen = net(array, present, None, (&factors.down, Axis(0)));
            let mut bias = bias_of(&mut self.up, l);
            bias += &seen.row(0);
            self.bias_load += total.sum() / unit;
            accumulate(&mut self.received[l], &per_column, noise);
            return;
        };
        if serves(Direction::Up) {
            let seen = net(array, present, up.as_ref(), (&factors.up, Axis(1)));
            self.up.weight_mut(l).assign(&seen);
            accumulate(&mut self.received[l + 1], &per_row, noise);
            accumulate(&mut self.driven[l], &per_column, 1.0 / unit);
        }
        if serves(Direction::Down) {
            let seen = net(array, present, down.as_ref(), (&factors.down, Axis(0)));
            self.down.weight_mut(l).assign(&seen);
            accumulate(&mut self.received[l], &per_column, noise);
            accumulate(&mut self.driven[l + 1], &per_row, 1.0 / unit);
        }
    }
}

fn accumulate(sums: &mut [f64], values: &Array1<f64>, factor: f64) {
    for (sum, value) in sums.iter_mut().zip(values) {
        *sum += factor * value;
    }
}

/// The bias of layer l.
fn bias_of(couplings: &mut Couplings<f64>, l: usize) -> ndarray::ArrayViewMut1<'_, f64> {
    match l {
        0 => couplings.visible_bias_mut(),
        _ => couplings.bias_mut(l - 1),
    }
}

/// `(G⁺ − G⁻)/scale` as the wires let it through, rescaled for drift: lines along an axis are summed
/// into one sensed current each, which a factor multiplies.
fn net(
    array: &ArrayMap,
    present: &[Array2<f64>; 2],
    through: Option<&[Array2<f64>; 2]>,
    (factors, along): (&Array1<f64>, Axis),
) -> Array2<f64> {
    let [plus, minus] = through.unwrap_or(present);
    let seen = (plus - minus) / array.scale;
    seen * factors.view().insert_axis(along)
}
