//! A population of chips, of which each network is programmed on another.

use super::{Adaptation, AdaptationError, learn::Trained};
use analog_substrate::{
    Contrast, Couplings, Drive, Layers, Nudge, Readings, Substrate, Topology,
    chip::{AtRest, Chip, ChipError, ChipParts, Design, Die, Instance, Network, TransientSettings},
};
use gradep_core::{files::Model, trainer::EpochReport};
use ndarray::Array2;

/// Chips from whose draws weights for a population are learned.
///
/// ```
/// use bench_hw::adaptation::Population;
/// use std::num::NonZeroU64;
///
/// let population = Population { chips: NonZeroU64::new(1000).unwrap(), seed: 0 };
/// assert_eq!(population.die(1002).number, Population::FIRST + 2);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Population {
    /// How many different chips are drawn in turn.
    pub chips: std::num::NonZeroU64,
    /// Seed of the chips: that of the chips that are measured.
    pub seed: u64,
}

impl Population {
    /// Number of its first chip: chips that are measured have smaller ones. Up to twice this number each chip has draws of its own.
    pub const FIRST: u64 = 1 << 27;

    /// The chip of an update, by its number from 0.
    pub fn die(&self, update: u64) -> Die {
        Die {
            seed: self.seed,
            number: Self::FIRST + update % self.chips.get(),
        }
    }
}

/// A substrate that is another chip of the population after each [`program`](Substrate::program), freshly written with the couplings. What
/// is learned on it are weights that are moved digitally; no device is moved.
#[derive(Debug)]
pub(super) struct Drawn {
    population: Population,
    design: Design,
    settings: TransientSettings,
    seed: u64,
    /// Chips that were drawn.
    programmed: u64,
    chip: Chip<f32>,
}

impl Drawn {
    /// Before the first update; `seed` is that of the noise along transients.
    pub(super) fn new(
        population: Population,
        design: &Design,
        model: &Model<f32>,
        (settings, seed): (TransientSettings, u64),
    ) -> Result<Self, ChipError> {
        let network: Network<f32> = model.into();
        let die = population.die(0);
        Ok(Self {
            population,
            design: design.clone(),
            settings,
            seed,
            programmed: 0,
            chip: made(design, network, (settings, seed), die)?,
        })
    }
}

fn made(
    design: &Design,
    network: Network<f32>,
    (settings, noise_seed): (TransientSettings, u64),
    die: Die,
) -> Result<Chip<f32>, ChipError> {
    Chip::new(ChipParts {
        instance: Instance::draw(design, network.couplings.layers(), die),
        design: design.clone(),
        network,
        settings,
        noise_seed,
    })
}

impl Substrate for Drawn {
    type Scalar = f32;
    type Settled = AtRest<f32>;
    type Error = ChipError;
    /// Chips that were drawn.
    type Memory = u64;

    fn memory(&self) -> u64 {
        self.programmed
    }

    fn recall(&mut self, drawn: u64) -> Result<(), ChipError> {
        self.programmed = drawn;
        Ok(())
    }

    fn layers(&self) -> &Layers {
        self.chip.layers()
    }

    fn topology(&self) -> Topology {
        self.chip.topology()
    }

    fn program(&mut self, couplings: &Couplings<f32>) -> Result<(), ChipError> {
        let network = Network {
            couplings: couplings.clone(),
            activation: self.chip.activation(),
            cell: self.chip.cell(),
        };
        // A new chip counts its relaxations from 0: each has a seed of its own.
        let noise = (self.settings, self.seed.wrapping_add(self.programmed));
        let die = self.population.die(self.programmed);
        self.chip = made(&self.design, network, noise, die)?;
        self.programmed += 1;
        Ok(())
    }

    fn settle(
        &self,
        drive: &Drive<'_, f32>,
        from: Option<&AtRest<f32>>,
    ) -> Result<AtRest<f32>, ChipError> {
        self.chip.settle(drive, from)
    }

    fn nudge(
        &self,
        free: &AtRest<f32>,
        nudge: &Nudge<'_, f32>,
        opposite: Option<&AtRest<f32>>,
    ) -> Result<AtRest<f32>, ChipError> {
        self.chip.nudge(free, nudge, opposite)
    }

    fn measure(&self, settled: &AtRest<f32>) -> Readings<f32> {
        self.chip.measure(settled)
    }

    fn current(&self, settled: &AtRest<f32>) -> Array2<f32> {
        self.chip.current(settled)
    }

    fn contrast(&self, first: &AtRest<f32>, second: &AtRest<f32>) -> Contrast<f32> {
        self.chip.contrast(first, second)
    }

    fn resolution(&self) -> f64 {
        self.chip.resolution()
    }

    fn resolution_of_mean(&self, samples: usize) -> f64 {
        self.chip.resolution_of_mean(samples)
    }

    fn residuals<'s>(&self, settled: &'s AtRest<f32>) -> &'s [f64] {
        self.chip.residuals(settled)
    }

    fn iterations<'s>(&self, settled: &'s AtRest<f32>) -> &'s [u32] {
        self.chip.iterations(settled)
    }

    fn is_settled<'s>(&self, settled: &'s AtRest<f32>) -> &'s [bool] {
        self.chip.is_settled(settled)
    }
}

/// One set of weights for all chips of a design: before every update another chip is drawn and programmed with the weights, and the gradient
/// is taken on it. The course is that of a chip that learns.
///
/// # Errors
/// [`AdaptationError`].
pub fn learn_for_population(
    adaptation: &Adaptation<'_>,
    design: &Design,
    population: Population,
    observe: impl FnMut(&EpochReport) -> bool,
) -> Result<Trained, AdaptationError> {
    let course = adaptation.course;
    let noise = (course.transients(), course.seed);
    let substrate = Drawn::new(population, design, adaptation.model, noise)?;
    let (trained, _) = adaptation.train(substrate, true, (0, None), observe)?;
    Ok(trained)
}

#[cfg(test)]
mod tests {
    use super::*;
    use analog_substrate::{Activation, Cell, Visible, hw_spec::Spec};
    use std::num::NonZeroU64;

    /// Each programming is on the next chip, the first of them comes again after the last, and none is among those with small numbers.
    #[test]
    fn every_programming_is_on_the_next_chip() {
        let design = Spec::load("D3").unwrap().design();
        let model = Model {
            couplings: Couplings::<f32>::zeros(Layers::new(vec![3, 4]).unwrap()),
            activation: Activation::PAPER,
            cell: Cell::Gradient,
            spring_stiffness: 15.0,
            output_scale: 2.0,
            trained_on: None,
        };
        let population = Population {
            chips: NonZeroU64::new(2).unwrap(),
            seed: 5,
        };
        let settings = TransientSettings::default();
        let mut drawn = Drawn::new(population, &design, &model, (settings, 0)).unwrap();
        let anchor = Array2::from_elem((2, 3), 0.3_f32);
        let visible = Visible::Spring { stiffness: 15.0 };
        let drive = Drive {
            anchor: anchor.view(),
            visible,
            held: None,
        };
        let read = |drawn: &mut Drawn| {
            drawn.program(&model.couplings).unwrap();
            let rest = drawn.settle(&drive, None).unwrap();
            drawn.measure(&rest).outputs
        };
        let first = read(&mut drawn);
        let second = read(&mut drawn);
        assert_ne!(first, second);
        // Another seed of the noise: the same chip is not the same to the last bit.
        assert_eq!(population.die(0), population.die(2));
        assert_ne!(population.die(0), population.die(1));
        assert!((0..5).all(|update| population.die(update).number >= Population::FIRST));
        // Who goes on from what it remembers goes on with the same chip.
        let third = read(&mut drawn);
        drawn.recall(2).unwrap();
        assert_eq!(read(&mut drawn), third);
        assert_eq!(drawn.memory(), 3);
    }
}
