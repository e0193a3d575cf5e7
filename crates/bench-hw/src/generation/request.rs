//! Generation in a few words: so many samples of a model, on a chip or without one.

use super::{
    Condition, Generated, GenerationError, Mode, Start, generate_ideal, generate_on_chip,
    run::check_size,
};
use analog_substrate::{
    Relaxation,
    chip::{Chip, Duration, NoiseRamp, TransientSettings},
};
use gradep_core::{
    TrainingOutcome,
    config::{AskedFlow, FlowMethod, ReadOut, SamplingConfig},
    files::Model,
    generate::{Annealing, starting_noise},
};
use ndarray::Array2;

/// What samples can be drawn from.
pub trait Generate {
    /// Begins to draw `count` samples.
    fn generate(&self, count: usize) -> Generation<'_>;
}

impl Generate for Model<f32> {
    /// As for a model file on the command line: sampling of the default preset, equilibria to the default tolerance.
    fn generate(&self, count: usize) -> Generation<'_> {
        Generation::new(
            self,
            count,
            SamplingConfig::default(),
            Relaxation::default(),
        )
    }
}

impl Generate for TrainingOutcome {
    /// As for a run on the command line: sampling and equilibria of its configuration.
    fn generate(&self, count: usize) -> Generation<'_> {
        let config = self.config();
        let (sampling, relaxation) = (config.sampling.clone(), config.relaxation.clone());
        Generation::new(self.model(), count, sampling, relaxation)
    }
}

/// Samples in the making: everything that is not said is as the command line has it.
///
/// Nothing is checked before [`run`](Self::run), which therefore returns every error there is. The same seed and settings
/// give the same samples as `gradep sample`, bit for bit.
///
/// ```
/// use analog_substrate::{Activation, Cell, Couplings, Layers, chip::Chip};
/// use bench_hw::generation::Generate as _;
/// use gradep_core::files::Model;
///
/// // Untrained, and small.
/// let model = Model {
///     couplings: Couplings::<f32>::zeros(Layers::new(vec![4, 8])?),
///     activation: Activation::PAPER,
///     cell: Cell::Gradient,
///     spring_stiffness: 15.0,
///     output_scale: 2.0,
///     trained_on: None,
/// };
/// let exact = model.generate(8).until(1.0).steps(4).seed(1).run()?;
/// assert_eq!(exact.last().dim(), (8, 4));
/// assert!(exact.clock().is_none());
///
/// let chip = Chip::builder("D3").program(&model)?;
/// let free = model.generate(8).on(&chip).free(20.0).until(1.0).seed(1).run()?;
/// println!("{} and {} per sample", free.clock().unwrap(), free.ledger().unwrap());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Generation<'a> {
    model: &'a Model<f32>,
    count: usize,
    chip: Option<&'a Chip<f32>>,
    mode: Option<Mode>,
    times: Vec<f64>,
    flow: AskedFlow,
    sampling: SamplingConfig,
    relaxation: Relaxation,
    warm: bool,
    settle: Option<Duration>,
    ratio: Option<f64>,
    presettle: Duration,
    noise: NoiseRamp,
    transients: Option<TransientSettings>,
    seed: u64,
    given: Option<Array2<f32>>,
}

impl<'a> Generation<'a> {
    /// `count` samples of a model whose run samples and relaxes like this.
    pub fn new(
        model: &'a Model<f32>,
        count: usize,
        sampling: SamplingConfig,
        relaxation: Relaxation,
    ) -> Self {
        Self {
            model,
            count,
            chip: None,
            mode: None,
            times: Vec::new(),
            flow: AskedFlow::default(),
            sampling,
            relaxation,
            warm: false,
            settle: None,
            ratio: None,
            presettle: Duration::TimeConstants(Condition::PRESETTLE),
            noise: NoiseRamp::NONE,
            transients: None,
            seed: 0,
            given: None,
        }
    }

    /// On this chip, which has to be programmed with the model. The chip itself is only looked at: samples are drawn on
    /// one that is [afresh](Chip::afresh), so that they depend on nothing that was done with it before.
    pub fn on(mut self, chip: &'a Chip<f32>) -> Self {
        self.chip = Some(chip);
        self
    }

    /// How the flow is integrated. Default: [`Mode::Free`] on a chip, else [`Mode::Ideal`].
    pub fn mode(mut self, mode: Mode) -> Self {
        self.mode = Some(mode);
        self
    }

    /// [`Mode::Free`] with visible nodes of `ratio` times the capacitance of hidden ones; without this, of as much as the
    /// chip's design says.
    pub fn free(mut self, ratio: f64) -> Self {
        self.ratio = Some(ratio);
        self.mode(Mode::Free)
    }

    /// End of the flow; 1 is where the data of flow matching are.
    pub fn until(mut self, time: f64) -> Self {
        self.flow.until = Some(time);
        self.times.clear();
        self
    }

    /// Several moments at which the samples of one flow are wanted, ascending.
    pub fn at(mut self, times: &[f64]) -> Self {
        self.flow.until = times.last().copied();
        self.times = times.to_vec();
        self
    }

    /// All but free: longest step in flow time.
    pub fn step(mut self, step: f64) -> Self {
        self.flow.step = Some(step);
        self
    }

    /// All but free: number of equal steps up to the end, from 1, where no length is asked for.
    pub fn steps(mut self, steps: usize) -> Self {
        self.flow.steps = Some(steps);
        self
    }

    /// All but free: integrator of dx/dt = v(x).
    pub fn method(mut self, method: FlowMethod) -> Self {
        self.flow.method = Some(method);
        self
    }

    /// Without a chip, adaptive steps: local error per unit of flow time.
    pub fn tolerance(mut self, tolerance: f64) -> Self {
        self.flow.tolerance = Some(tolerance);
        self
    }

    /// All but free: noise along the flow.
    pub fn annealing(mut self, annealing: Annealing) -> Self {
        self.flow.temperature = Some(annealing.temperature);
        self.flow.cool_until = Some(annealing.cool_until);
        self
    }

    /// Without a chip: how the velocity is read.
    pub fn read_out(mut self, read_out: ReadOut) -> Self {
        self.flow.read_out = Some(read_out);
        self
    }

    /// Without a chip: how exact the equilibria are.
    pub fn relaxation(mut self, relaxation: Relaxation) -> Self {
        self.relaxation = relaxation;
        self
    }

    /// All but free: whether hidden nodes start each relaxation where the last one left them. Default: at rest.
    pub fn warm(mut self, warm: bool) -> Self {
        self.warm = warm;
        self
    }

    /// Stepped and clamped: how long to relax for each velocity. Default: as long as its transients' settings say.
    pub fn settle(mut self, duration: Duration) -> Self {
        self.settle = Some(duration);
        self
    }

    /// Free: how long hidden nodes settle under the noise before x is let go. Default: [`Condition::PRESETTLE`] τ.
    pub fn presettle(mut self, duration: Duration) -> Self {
        self.presettle = duration;
        self
    }

    /// Free: makes thermal noise stronger at first. Default: as it is.
    pub fn noise(mut self, ramp: NoiseRamp) -> Self {
        self.noise = ramp;
        self
    }

    /// Chips: how transients are computed. Default: as the chip was built to, or [`TransientSettings::default`].
    pub fn transients(mut self, settings: TransientSettings) -> Self {
        self.transients = Some(settings);
        self
    }

    /// Holds visible nodes at numbers, `[count, n_0]`, and leaves them free where it has NaN: known pixels, a class
    /// ([`given_nodes`](super::given_nodes)).
    pub fn given(mut self, given: Array2<f32>) -> Self {
        self.given = Some(given);
        self
    }

    /// Seed of the starting noise, of the noise along the flow and along a chip's transients. Default 0.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    pub(crate) fn model(&self) -> &'a Model<f32> {
        self.model
    }

    pub(crate) fn count(&self) -> usize {
        self.count
    }

    pub(crate) fn seed_of_noise(&self) -> u64 {
        self.seed
    }

    /// The way of generating that is asked for.
    ///
    /// # Errors
    /// [`GenerationError::Sampling`] for times and steps that make no flow.
    pub fn condition(&self) -> Result<Condition, GenerationError> {
        let on_chip = self.chip.is_some();
        self.condition_with(if on_chip { Mode::Free } else { Mode::Ideal })
    }

    /// The way of generating that is asked for, in this mode unless another is asked for.
    pub(crate) fn condition_with(&self, default: Mode) -> Result<Condition, GenerationError> {
        let sampling = self.sampling.asked(&self.flow)?;
        let times = if self.times.is_empty() {
            vec![sampling.until]
        } else {
            self.times.clone()
        };
        let base = Condition::new(&sampling, self.relaxation.clone(), times);
        let of_chip = self.chip.map(|chip| *chip.settings());
        let transients = self.transients.or(of_chip).unwrap_or(base.transients);
        let settle = Duration::TimeConstants(transients.duration);
        Ok(Condition {
            mode: self.mode.unwrap_or(default),
            extra_steps: u64::from(sampling.extra_step),
            warm: self.warm,
            settle: self.settle.unwrap_or(settle),
            ratio: self.ratio,
            presettle: self.presettle,
            noise: self.noise,
            transients,
            ..base
        })
    }

    /// Draws the samples.
    ///
    /// # Errors
    /// [`GenerationError`].
    pub fn run(&self) -> Result<Generated, GenerationError> {
        let condition = self.condition()?;
        let mode = condition.mode;
        match (mode, self.chip) {
            (Mode::Ideal, Some(_)) => return Err(GenerationError::ChipWithoutUse),
            (Mode::Stepped | Mode::Clamped | Mode::Free, None) => {
                return Err(GenerationError::NoChip { mode });
            }
            _ => {}
        }
        if self.count == 0 {
            return Err(GenerationError::NoSamples);
        }
        check_size(self.model, &condition, self.count)?;
        let visible = self.model.couplings.layers().visible();
        let noise = starting_noise(self.seed, self.count, visible);
        let start = match &self.given {
            None => Start::from(noise),
            Some(given) if given.dim() == noise.dim() => Start::given(noise, given.view()),
            Some(given) => {
                return Err(GenerationError::Given {
                    found: [given.nrows(), given.ncols()],
                    expected: [self.count, visible],
                });
            }
        };
        let Some(chip) = self.chip else {
            return generate_ideal(self.model, &condition, start, self.seed, |_| true);
        };
        if chip.couplings() != &self.model.couplings {
            return Err(GenerationError::OtherModel);
        }
        let settings = TransientSettings {
            duration: condition.settle.time_constants(chip.design()),
            ..condition.transients
        };
        let chip = chip.afresh(settings, self.seed)?;
        generate_on_chip(&chip, self.model, &condition, start)
    }
}
