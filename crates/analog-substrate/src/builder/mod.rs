//! A chip in a few words: a spec by name, what is set in it, which chip of it.

#[cfg(test)]
mod tests;

use crate::{
    chip::ChipScalar,
    chip::{
        Chip, ChipError, ChipParts, Design, Die, Duration, Instance, Network, TransientSettings,
    },
    hw_spec::{Spec, SpecError},
};
use units::fault::{Blame, Fault};

/// Why a chip could not be built.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ChipBuildError {
    /// The spec cannot be read, or refuses a value.
    #[error("{0}")]
    Spec(#[from] SpecError),
    /// The network does not run on the chip, or a setting of its transients is not usable.
    #[error("{0}")]
    Chip(#[from] ChipError),
}

impl Blame for ChipBuildError {
    fn fault(&self) -> Fault {
        match self {
            Self::Spec(cause) => cause.fault(),
            Self::Chip(cause) => cause.fault(),
        }
    }
}

/// A chip in the making: everything that is not said is as the command line has it.
///
/// Nothing is read or checked before [`program`](Self::program) or [`design`](Self::design), which therefore return
/// every error there is.
///
/// ```
/// use analog_substrate::{Activation, Cell, Couplings, Layers, chip::{Chip, Network}};
///
/// let network = Network {
///     couplings: Couplings::<f32>::zeros(Layers::new(vec![4, 8])?),
///     activation: Activation::PAPER,
///     cell: Cell::Gradient,
/// };
/// let chip = Chip::builder("D3")
///     .set("device", "pcm")
///     .set("node.capacitance", "50 fF")
///     .seed(1)
///     .program(network)?;
/// assert_eq!(chip.design().node.capacitance.mean, 50e-15);
/// assert!(chip.conductances().is_some());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct ChipBuilder {
    base: Base,
    overrides: Vec<String>,
    die: Die,
    noise_seed: u64,
    settle: Option<Duration>,
    settings: TransientSettings,
}

/// What is built on.
#[derive(Clone, Debug)]
enum Base {
    Named(String),
    Spec(Box<Spec>),
}

impl Chip<f32> {
    /// Begins with a hardware spec that comes with the crate, by its short or long name (`D3`, `d3-reference`), or
    /// with a spec file by its path.
    pub fn builder(spec: &str) -> ChipBuilder {
        ChipBuilder::on(Base::Named(spec.to_owned()))
    }
}

impl From<Spec> for ChipBuilder {
    /// Begins with a spec that was read before.
    fn from(spec: Spec) -> Self {
        Self::on(Base::Spec(Box::new(spec)))
    }
}

impl ChipBuilder {
    fn on(base: Base) -> Self {
        Self {
            base,
            overrides: Vec::new(),
            die: Die::default(),
            noise_seed: 0,
            settle: None,
            settings: TransientSettings::default(),
        }
    }

    /// Sets a value of the spec as `--set KEY=VALUE` does: `.set("node.capacitance", "50 fF")`, `.set("device", "pcm")`,
    /// `.set("array.age", "86400 s")`. A later one wins.
    pub fn set(mut self, key: &str, value: &str) -> Self {
        self.overrides.push(format!("{key}={value}"));
        self
    }

    /// Which fabrication: the seed of the deviations of its chips, and of their devices. Default 0.
    pub fn seed(mut self, seed: u64) -> Self {
        self.die.seed = seed;
        self
    }

    /// Which chip of the fabrication. Default 0.
    pub fn number(mut self, number: u64) -> Self {
        self.die.number = number;
        self
    }

    /// Seed of the noise along its transients. Default 0.
    pub fn noise_seed(mut self, seed: u64) -> Self {
        self.noise_seed = seed;
        self
    }

    /// How long it relaxes in each phase. Default: as its [`TransientSettings`] say, 30 τ.
    pub fn settle(mut self, duration: Duration) -> Self {
        self.settle = Some(duration);
        self
    }

    /// How its transients are computed. Default: [`TransientSettings::default`].
    pub fn transients(mut self, settings: TransientSettings) -> Self {
        self.settings = settings;
        self
    }

    /// The spec with what is set in it.
    ///
    /// # Errors
    /// [`SpecError`].
    pub fn spec(&self) -> Result<Spec, SpecError> {
        let mut spec = match &self.base {
            Base::Named(name) => Spec::load(name)?,
            Base::Spec(spec) => Spec::clone(spec),
        };
        spec.override_with(&self.overrides)?;
        Ok(spec)
    }

    /// The design of the chip, in SI units.
    ///
    /// # Errors
    /// [`SpecError`].
    pub fn design(&self) -> Result<Design, SpecError> {
        Ok(self.spec()?.design())
    }

    /// The chip, programmed with a network: a [`Network`], or whatever has one in it, such as a trained model.
    ///
    /// # Errors
    /// [`ChipBuildError::Spec`] for a spec, key or value that cannot be; [`ChipBuildError::Chip`] as [`Chip::new`].
    pub fn program<R: ChipScalar>(
        &self,
        network: impl Into<Network<R>>,
    ) -> Result<Chip<R>, ChipBuildError> {
        let (design, network) = (self.design()?, network.into());
        let mut settings = self.settings;
        if let Some(settle) = self.settle {
            settings.duration = settle.time_constants(&design);
        }
        Ok(Chip::new(ChipParts {
            instance: Instance::draw(&design, network.couplings.layers(), self.die),
            design,
            network,
            settings,
            noise_seed: self.noise_seed,
        })?)
    }
}
