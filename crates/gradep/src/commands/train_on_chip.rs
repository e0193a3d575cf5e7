//! What `gradep train` does and says on a chip.

use super::account::Account;
use crate::{
    cli::warn_of_idle,
    failure::{Context as _, Failure},
};
use analog_substrate::{
    Ideal, Substrate,
    chip::{Chip, Die},
    hw_spec::{Spec, VisibleNodes},
};
use bench_hw::results::training::TrainedOnChip;
use gradep_core::{
    config::{Config, Origin, Resolved},
    data::Dataset,
    files::{ChipMap, Model, make_folder, write_conductances},
    gradep::range_above,
    run::{Ancestor, Run, RunError},
    run_dir::{RunDir, RunDirError, chip_in, conductances_in, config_of},
};
use hw_report::report::Sampler;
use std::{fmt::Write as _, path::Path};
use units::Unit;

/// Makes the directory of a run.
pub(super) type MakeDirectory<'a> = &'a dyn Fn(&str) -> Result<RunDir, RunDirError>;

/// A substrate that runs are on.
pub(super) trait Reported: Substrate<Scalar = f32> + Send + Sized {
    /// Begins a run in the directory that `directory` gives for the hash of its configuration.
    fn begin(
        resolved: &Resolved,
        data: &Dataset,
        from: Option<Ancestor>,
        directory: MakeDirectory<'_>,
    ) -> Result<Run<Self>, RunError>;

    /// What is left beside the models of a run, and what draws its samples.
    fn conclude(run: &mut Run<Self>) -> Result<Sampler, Failure>;
}

impl Reported for Ideal<f32> {
    fn begin(
        resolved: &Resolved,
        data: &Dataset,
        from: Option<Ancestor>,
        directory: MakeDirectory<'_>,
    ) -> Result<Run<Self>, RunError> {
        Run::begin(resolved, data, from, directory)
    }

    fn conclude(_: &mut Run<Self>) -> Result<Sampler, Failure> {
        Ok(Sampler::Equilibria)
    }
}

impl Reported for Chip<f32> {
    fn begin(
        resolved: &Resolved,
        data: &Dataset,
        from: Option<Ancestor>,
        directory: MakeDirectory<'_>,
    ) -> Result<Run<Self>, RunError> {
        Run::begin_on_chip(resolved, data, from, directory)
    }

    /// The chip gets the couplings to generate with; its devices are left as a map.
    fn conclude(run: &mut Run<Self>) -> Result<Sampler, Failure> {
        run.program_averaged()?;
        let (chip, directory) = (run.trainer().substrate(), run.directory());
        if let Some(map) = chip.conductances() {
            let spec = Spec::load(&directory.chip().to_string_lossy())?;
            let (_, id) = Model::<f32>::read_identified(&directory.model())?;
            let config = &run.trainer().config().chip;
            let folder = directory.conductances();
            make_folder(&folder)
                .with_context(|| format!("{}: cannot be made", folder.display()))?;
            let die = Die {
                seed: config.seed,
                number: config.number,
            };
            let chip = ChipMap::of(&spec, die, id, map);
            write_conductances(&folder, &chip)?;
        }
        let sampled = chip.afresh(*chip.settings(), run.trainer().config().seed)?;
        Ok(Sampler::Chip(Box::new(sampled)))
    }
}

/// What of the configuration does nothing on its chip, and what the chip has made of it.
pub(super) fn say_chip(resolved: &Resolved) -> Result<(), Failure> {
    let config = &resolved.config;
    let Some(spec) = config.chip.resolve()? else {
        return Ok(());
    };
    warn_of_idle(&spec, &config.chip.set, Some(VisibleNodes::Springs));
    let implied = |key: &str| match resolved.origins.get(key) {
        Some(Origin::Implied("chip.spec")) => Some(key.to_owned()),
        _ => None,
    };
    let by_the_chip = [
        "nudge.linear_range",
        "nudge.beta",
        "training.invalid_samples",
        "training.max_unsettled",
    ];
    let keys: Vec<String> = by_the_chip.into_iter().filter_map(implied).collect();
    if !keys.is_empty() {
        tracing::info!(
            "{} asks for other values than the preset of {}",
            spec.name(),
            keys.join(", ")
        );
    }
    let range = config.nudge.linear_range;
    let best = range_above(spec.design().resolution());
    let is_tilt = config.nudge.kind == analog_substrate::NudgeKind::Tilt;
    if is_tilt && range > 0.0 && range < best / 3.0 {
        tracing::warn!(
            "nudge.linear_range = {range}: {} tells differences of {} V_unit, and the gradient is mostly noise; expected about \
             {best:.2}",
            spec.name(),
            Unit::One.show(spec.design().resolution(), 2)
        );
    } else if is_tilt && (range <= 0.0 || range > LARGEST_RANGE) {
        tracing::warn!(
            "nudge.linear_range = {range}: the response to a nudge beyond {LARGEST_RANGE} V_unit is not linear (0 is any \
             distance), and the gradient has a bias; expected about {best:.2}"
        );
    }
    Ok(())
}

/// Range of a tilt in V_unit beyond which the response of trained networks is not linear: on D3 the cosine of the gradient with the
/// exact one falls again.
const LARGEST_RANGE: f64 = 0.3;

/// What the training took on the chip, line by line.
pub(super) fn describe(chip: &TrainedOnChip) -> String {
    let account = Account {
        seconds: chip.seconds,
        joules: chip.joules,
        converters_j: chip.converter_joules,
        moves: chip.device_moves,
        updating: chip.updating.as_ref(),
        macs: chip.digital_macs,
        steps: chip.optimiser_steps,
    };
    format!(
        "on {}, chip {}, which the loss is of (relaxation {}):\n{account}samples are of {}\n",
        chip.name,
        chip.number,
        Unit::Second.show(chip.relaxation_seconds, 3),
        chip.sampled_on
    )
}

/// How samples of a run on a chip are drawn there; none of other runs.
pub(super) fn what_next(root: &Path) -> Option<String> {
    let config = config_of(root).ok().filter(|config| config.chip.is_on())?;
    Some(format!(
        "draw samples on that chip with\n  {} -n 64 --out {}",
        sample_there(root, &config),
        root.join("more.npz").display()
    ))
}

/// The command that samples on the chip of a run.
fn sample_there(root: &Path, config: &Config) -> String {
    let mut command = format!(
        "gradep sample {} --chip {}",
        root.display(),
        chip_in(root).display()
    );
    for (option, value) in [
        ("--chip-number", config.chip.number),
        ("--chip-seed", config.chip.seed),
    ] {
        if value > 0 {
            let _ = write!(command, " {option} {value}");
        }
    }
    let map = conductances_in(root);
    if map.is_dir() {
        let _ = write!(command, " --conductances {}", map.display());
    }
    command
}

/// Warns that a model is drawn from elsewhere than on the chip that it was trained on.
pub(super) fn warn_of_other_chip(root: &Path, config: &Config, on_chip: bool, replays: bool) {
    let has_devices = conductances_in(root).is_dir();
    if !config.chip.is_on() || (on_chip && (replays || !has_devices)) {
        return;
    }
    let elsewhere = if on_chip {
        "devices that are written anew have other errors"
    } else {
        "exact equilibria have none"
    };
    tracing::warn!(
        "{}: the model was learned on chip {} and has absorbed its errors; {elsewhere}. On that chip:\n  {}",
        root.display(),
        config.chip.spec,
        sample_there(root, config)
    );
}
