//! How samples are generated: the same options, with the same defaults, wherever they are.

use super::{
    TransientArgs,
    values::{named, not_negative, positive, share_at_most_all},
};
use crate::failure::{Context as _, Result, Usage, ensure};
use analog_substrate::chip::{Duration, NoiseRamp};
use bench_hw::generation::{GenerationError, Mode, Way};
use clap::{Args, ValueEnum};
use gradep_core::config::{AskedFlow, FlowMethod};
use std::num::NonZeroUsize;

/// How samples are generated.
#[derive(Debug, Args)]
#[command(next_help_heading = "Generation")]
pub struct GenerationArgs {
    /// How the flow is integrated [default: free on a chip, ideal without]. ideal: exact equilibria, no
    /// chip; stepped: set x_t, relax with the spring, read its stretch, move x_t, repeat; clamped: hold x,
    /// relax hidden nodes, read the current into x, move x, repeat; free: give x large capacitors and let
    /// the chip relax from noise. Lists, here and below, are for `bench quality`, which makes every
    /// combination.
    #[arg(long = "mode", value_name = "MODE,…", value_delimiter = ',', value_parser = named::<Mode>())]
    pub modes: Vec<Mode>,
    /// End of the flow; 1 is where the data of flow matching are [default: the run's sampling.until; of `bench quality` 3,
    /// or 5 of a field that comes to rest].
    #[arg(long, alias = "at", value_name = "FLOW_TIME", value_parser = positive)]
    pub until: Option<f64>,
    /// All but free: size of a step of x in flow time [default: the run's sampling.step; of a chip in
    /// `bench quality` 0.1].
    #[arg(long, value_name = "DT", value_parser = positive)]
    pub step: Option<f64>,
    /// All but free: number of steps of x up to the end, instead of their size.
    #[arg(
        long,
        value_name = "N,…",
        value_delimiter = ',',
        conflicts_with = "step"
    )]
    pub steps: Vec<NonZeroUsize>,
    /// All but free: integrator of dx/dt = v(x) [default: the run's sampling.method].
    #[arg(long, value_name = "NAME", value_parser = named::<FlowMethod>())]
    pub method: Option<FlowMethod>,
    /// Without a chip, `--method adaptive`: local error of a sample per unit of flow time [default: the run's
    /// sampling.tolerance].
    #[arg(long, value_name = "ERROR", value_parser = positive)]
    pub flow_tolerance: Option<f64>,
    /// All but free: leave a sample where it is once its velocity is below this share of the first [default: the run's
    /// sampling.stop_below].
    #[arg(long, value_name = "SHARE", value_parser = share_at_most_all)]
    pub stop_below: Option<f64>,
    /// All but free: temperature of noise along the flow, in units of the network's energy; 0: none [default: the run's
    /// sampling.temperature].
    #[arg(long, value_name = "T", value_parser = not_negative)]
    pub temperature: Option<f64>,
    /// All but free: flow time at which the temperature has fallen to 0, on a straight line; 0: it stays [default: the run's
    /// sampling.cool_until].
    #[arg(long, value_name = "FLOW_TIME", value_parser = not_negative)]
    pub cool_until: Option<f64>,
    /// Stepped and clamped: how long to relax for each velocity, e.g. 300ns or 30tau.
    #[arg(
        long,
        value_name = "TIME,…",
        value_delimiter = ',',
        default_value = "30tau",
        requires = "chip"
    )]
    pub settle: Vec<Duration>,
    /// Stepped and clamped: let hidden nodes start where the last relaxation left them.
    #[arg(long, value_enum, value_name = "START", default_value_t = Start::Cold, num_args = 0..=1, default_missing_value = "warm", requires = "chip")]
    pub warm: Start,
    /// Free: `C_x / C` of the floating visible nodes [default: the spec's `node.visible_ratio`].
    #[arg(long = "ratio", value_name = "R,…", value_delimiter = ',', value_parser = positive, requires = "chip")]
    pub ratios: Vec<f64>,
    /// Free: how long hidden nodes settle under the noise before x is let go.
    #[arg(long, value_name = "TIME", default_value = "5tau", requires = "chip")]
    pub presettle: Duration,
    /// Free: begin with thermal noise of so many times its amplitude, 1 or more; it falls to the circuit's own on a straight
    /// line. The sources that this takes are not in the ledger.
    #[arg(long, value_name = "G", value_parser = positive, requires = "chip")]
    pub noise_gain: Option<f64>,
    /// Free: flow time at which thermal noise is the circuit's own [default: the end].
    #[arg(long, value_name = "FLOW_TIME", value_parser = positive, requires = "chip")]
    pub noise_until: Option<f64>,
    /// How transients are computed.
    #[command(flatten)]
    pub transients: TransientArgs,
}

/// Where hidden nodes start each relaxation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Start {
    /// At rest.
    Cold,
    /// Where the last relaxation left them.
    Warm,
    /// One curve each.
    Both,
}

impl Start {
    /// Whether they start warm, for each curve.
    pub fn warm(self) -> Vec<bool> {
        match self {
            Self::Cold => vec![false],
            Self::Warm => vec![true],
            Self::Both => vec![false, true],
        }
    }
}

impl GenerationArgs {
    /// The modes asked for, or the one that is taken without a wish.
    pub fn modes(&self, on_chip: bool) -> Vec<Mode> {
        match (self.modes.is_empty(), on_chip) {
            (false, _) => self.modes.clone(),
            (true, true) => vec![Mode::Free],
            (true, false) => vec![Mode::Ideal],
        }
    }

    /// What was asked for of the flow.
    ///
    /// # Errors
    /// Several numbers of steps.
    pub fn asked(&self) -> Result<AskedFlow> {
        let steps = one("--steps", &self.steps)?;
        Ok(AskedFlow {
            steps: steps.map(NonZeroUsize::get),
            ..self.asked_of_several()
        })
    }

    /// What was asked for of all flows, whatever the number of their steps.
    pub fn asked_of_several(&self) -> AskedFlow {
        AskedFlow {
            until: self.until,
            step: self.step,
            steps: None,
            method: self.method,
            read_out: None,
            stop_below: self.stop_below,
            temperature: self.temperature,
            cool_until: self.cool_until,
            tolerance: self.flow_tolerance,
        }
    }

    /// The one way of generating on a chip that was asked for.
    ///
    /// # Errors
    /// Several ways, a way without a chip, and options of another mode.
    pub fn on_chip(&self) -> Result<Way> {
        let mode = one("--mode", &self.modes(true))?.unwrap_or(Mode::Free);
        ensure!(
            mode != Mode::Ideal,
            "--mode ideal: exact equilibria need no chip; expected stepped, clamped or free"
        );
        let ratio = one("--ratio", &self.ratios)?;
        ensure!(
            mode == Mode::Free || ratio.is_none(),
            "--ratio: visible nodes float only in --mode free"
        );
        self.check_noise_gain(&[mode])?;
        let settle = one("--settle", &self.settle)?;
        let settle = settle.context("--settle: expected a time such as 30tau")?;
        let warm = one("--warm", &self.warm.warm())?;
        Ok(Way {
            mode,
            warm: warm.unwrap_or(false),
            settle,
            ratio,
            presettle: self.presettle,
            noise: self.noise_ramp(),
            transients: self.transients.generating(),
        })
    }

    /// How much stronger thermal noise is to be.
    pub fn noise_ramp(&self) -> NoiseRamp {
        NoiseRamp {
            gain: self.noise_gain.unwrap_or(NoiseRamp::NONE.gain),
            until: self.noise_until,
        }
    }

    /// Refuses stronger noise in modes of which none has its ramp, and an end of none.
    ///
    /// # Errors
    /// Says where there is one.
    pub fn check_noise_gain(&self, modes: &[Mode]) -> Result<()> {
        ensure!(
            self.noise_until.is_none() || self.noise_gain.is_some(),
            Usage("--noise-until: there is no ramp to end; expected --noise-gain too".to_owned())
        );
        match modes.first() {
            Some(&mode) if self.noise_gain.is_some() && !modes.contains(&Mode::Free) => {
                Err(GenerationError::NoiseGainBeside { mode }.into())
            }
            _ => Ok(()),
        }
    }

    /// Refuses a way of generating that has a chip where none is given.
    ///
    /// # Errors
    /// Names the mode.
    pub fn without_chip(&self) -> Result<()> {
        match self.modes.iter().find(|mode| **mode != Mode::Ideal) {
            Some(mode) => Err(Usage(format!(
                "--mode {}: needs a chip; expected --chip SPEC",
                mode.name()
            ))
            .into()),
            None => Ok(()),
        }
    }
}

/// The value of an option of which this command takes one alone.
fn one<T: Copy>(option: &str, values: &[T]) -> Result<Option<T>> {
    ensure!(
        values.len() <= 1,
        "{option}: {} values; expected one (`gradep bench quality` makes combinations)",
        values.len()
    );
    Ok(values.first().copied())
}
