//! Arguments of commands that run on a simulated chip.

use super::complete;
use super::values::{input, named, positive};
use analog_substrate::{
    chip::{Design, Integrator, TransientSettings},
    hw_spec::{Spec, SpecError, VisibleNodes},
};
use clap::{Args, ValueHint};
use std::path::PathBuf;

/// A chip.
#[derive(Debug, Args)]
#[command(next_help_heading = "Chip")]
pub struct OnChipArgs {
    /// Run on this chip: a shipped hardware spec (`gradep chip list`) or a spec file.
    #[arg(long, value_name = "SPEC", add = complete::chips())]
    pub chip: Option<String>,
    /// Set one value of the spec, e.g. node.capacitance="50 fF"; may be repeated.
    #[arg(short = 's', long = "set", value_name = "KEY=VALUE", requires = "chip", add = complete::spec_assignments())]
    pub overrides: Vec<String>,
    /// Replay a map of conductances (a folder of `gradep export conductances`, or of one of its chips)
    /// instead of programming the devices.
    #[arg(long, value_name = "DIR", requires = "chip", value_hint = ValueHint::DirPath, value_parser = input())]
    pub conductances: Option<PathBuf>,
}

/// How the transients of a chip are computed.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Transients")]
pub struct TransientArgs {
    /// Integrator of the node equations [default: adaptive for `relax` in noiseless f64, else etd2].
    #[arg(long, value_name = "NAME", requires = "chip", value_parser = named::<Integrator>())]
    pub integrator: Option<Integrator>,
    /// Longest step of the integrator in units of tau.
    #[arg(long, value_name = "TAU", default_value_t = 0.1, requires = "chip", value_parser = positive)]
    pub time_step: f64,
    /// A sample counts as settled when no node's currents are out of balance by more than this, in
    /// units of `g_unit` · `V_unit` [default: 0.01, or the chip's noise floor where that is higher].
    #[arg(long, value_name = "RESIDUAL", requires = "chip", value_parser = positive)]
    pub settled_below: Option<f64>,
    /// Read each sample as soon as it is settled, not at the end of its time; of a free run, let go of
    /// it then.
    #[arg(long, requires = "chip")]
    pub stop_when_settled: bool,
}

impl OnChipArgs {
    /// A spec with what is set on the command line; what of it does nothing is said.
    ///
    /// # Errors
    /// As [`Spec::load`] and [`Spec::override_with`].
    pub fn spec(reference: &str, overrides: &[String]) -> Result<Spec, SpecError> {
        Self::spec_with(reference, overrides, None)
    }

    /// The spec of an experiment in which visible nodes do this.
    ///
    /// # Errors
    /// As [`Self::spec`].
    pub fn spec_with(
        reference: &str,
        overrides: &[String],
        visible: Option<VisibleNodes>,
    ) -> Result<Spec, SpecError> {
        let mut spec = Spec::load(reference)?;
        spec.override_with(overrides)?;
        warn_of_idle(&spec, overrides, visible);
        Ok(spec)
    }

    /// The design of a spec with what is set on the command line.
    ///
    /// # Errors
    /// As [`Self::spec`].
    pub fn design(reference: &str, overrides: &[String]) -> Result<Design, SpecError> {
        Self::spec(reference, overrides).map(|spec| spec.design())
    }
}

impl TransientArgs {
    /// How samples are generated.
    pub fn generating(&self) -> TransientSettings {
        TransientSettings {
            integrator: self.integrator.unwrap_or(Integrator::Etd2),
            step: self.time_step,
            settled_below: self.settled_below,
            stop_when_settled: self.stop_when_settled,
            ..TransientSettings::default()
        }
    }

    /// How a design relaxes for `duration` τ, exactly if asked for.
    pub fn relaxing(&self, design: &Design, duration: f64, exact: bool) -> TransientSettings {
        let default = if exact && !design.is_noisy() {
            Integrator::Adaptive
        } else {
            Integrator::Etd2
        };
        TransientSettings {
            integrator: self.integrator.unwrap_or(default),
            duration,
            ..self.generating()
        }
    }
}

/// Warns of overrides that do nothing in the spec that has them.
pub fn warn_of_idle(spec: &Spec, overrides: &[String], visible: Option<VisibleNodes>) {
    for idle in spec.idle_overrides(overrides, visible) {
        tracing::warn!("chip {}: {idle}", spec.name());
    }
}
