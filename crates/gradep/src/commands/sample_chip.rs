//! `gradep sample --chip`.

use super::{
    conductances::{Replay, print_writing},
    long::announce,
    resolved::ResolvedChip,
    settling::warn_of_noise,
};
use crate::{
    cli::{ChipMode, OnChipArgs, SampleArgs},
    failure::{Result, ensure},
    progress::Watch,
};
use analog_substrate::{
    Cell, Visible,
    arrays::Writing,
    chip::{Chip, Clock, Die, Ledger, SettlingLimit},
    hw_spec::Spec,
};
use bench_hw::generation::{Condition, Generated, OnChip, generate_on_chip};
use gradep_core::files::Model;
use ndarray::Array2;
use serde::Serialize;
use std::{
    io::{self, Write},
    sync::Arc,
};
use units::Unit;

/// What a generation cost on a chip, per sample.
#[derive(Serialize)]
pub(super) struct ChipReport {
    chip: String,
    cell: Cell,
    mode: ChipMode,
    tau_s: f64,
    #[serde(flatten)]
    resolved: ResolvedChip,
    /// At what residual a relaxation counts as settled; none of a free run, which is not to settle.
    pub(super) settling_limit: Option<SettlingLimit>,
    /// C_x/C of a free run.
    ratio: Option<f64>,
    clock: Clock,
    ledger: Ledger,
    /// What programming the devices took, once per chip; none without devices, and where a replayed map
    /// does not say.
    programming: Option<Writing>,
}

/// Generates on a simulated chip in the mode asked for.
pub(super) fn flow(
    arguments: &SampleArgs,
    reference: &str,
    (model, id): (&Model<f32>, &str),
    ideal: Condition,
    noise: Array2<f32>,
) -> Result<(Generated, ChipReport)> {
    let free = arguments.mode == ChipMode::Free;
    ensure!(
        free || arguments.ratio.is_none(),
        "--ratio: visible nodes float only in --mode free"
    );
    let spec = OnChipArgs::spec_with(
        reference,
        &arguments.on_chip.overrides,
        Some(arguments.mode.into()),
    )?;
    let design = spec.design();
    let settle = arguments.settle.time_constants(&design);
    let condition = Condition {
        mode: arguments.mode.into(),
        warm: arguments.warm,
        settle: arguments.settle,
        ratio: arguments.ratio,
        presettle: arguments.presettle,
        transients: arguments.on_chip.settings(&design, settle, false),
        ..ideal
    };
    let on_chip = OnChip {
        design: &design,
        die: Die {
            seed: arguments.chip_seed,
            number: 0,
        },
    };
    let mut chip = on_chip.make(model, &condition, arguments.seed)?;
    if let Some(replay) = Replay::asked(&arguments.on_chip, &spec, || Ok(id.to_owned()))? {
        replay.onto(&mut chip, 0)?;
    }
    let (samples, layers) = (noise.nrows(), model.couplings.layers());
    let tau = condition.relaxation_time(&design, model.output_scale);
    announce(
        condition.steps(Some(&design), model.output_scale),
        "integrator steps",
        samples,
        layers,
    );
    let (tally, whole) = (Arc::clone(chip.tally()), tau * samples as f64);
    let watch = Watch::begin("drawing samples", move || tally.done() / whole);
    let flow = generate_on_chip(&chip, model, &condition, noise)?;
    drop(watch);
    let ratio = free.then(|| arguments.ratio.unwrap_or(design.node.visible_ratio));
    let limit = match arguments.mode {
        ChipMode::Stepped => {
            let stiffness = model.spring_stiffness;
            Some(chip.settling_limit(Visible::Spring { stiffness })?)
        }
        ChipMode::Clamped => Some(chip.settling_limit(Visible::Clamped)?),
        ChipMode::Free => None,
    };
    if let Some(limit) = &limit {
        warn_of_noise(&design.name, limit);
    }
    let report = ChipReport::new(&chip, &spec, (arguments.mode, ratio), limit);
    Ok((flow, report))
}

impl ChipReport {
    fn new(
        chip: &Chip<f32>,
        spec: &Spec,
        (mode, ratio): (ChipMode, Option<f64>),
        settling_limit: Option<SettlingLimit>,
    ) -> Self {
        Self {
            chip: chip.design().name.clone(),
            cell: chip.cell(),
            mode,
            tau_s: chip.design().time_constant(),
            resolved: ResolvedChip::of(spec),
            settling_limit,
            ratio,
            clock: chip.clock(),
            ledger: chip.ledger(),
            programming: chip.conductances().and_then(|map| map.writing()),
        }
    }

    pub(super) fn print(&self, out: &mut impl Write) -> io::Result<()> {
        let (clock, ledger) = (&self.clock, &self.ledger);
        let joules = |value| Unit::Joule.show(value, 3);
        writeln!(
            out,
            "on {} ({} cells), {}: {} per sample ({:.1} tau of relaxation, {} of overheads)",
            self.chip,
            self.cell,
            self.mode.name(),
            Unit::Second.show(clock.total_s, 4),
            clock.relaxation_tau,
            Unit::Second.show(clock.total_s - clock.relaxation_s, 2)
        )?;
        writeln!(
            out,
            "energy per sample {}: passive {}, amplifiers {}, forced nodes {}, converters {}",
            Unit::Joule.show(ledger.total_j, 4),
            joules(ledger.leak_j + ledger.spring_j + ledger.crossbar_j + ledger.bias_j),
            joules(ledger.amplifiers_j),
            joules(ledger.forced_nodes_j),
            joules(ledger.dac_j + ledger.adc_j)
        )?;
        if let Some(limit) = self.settling_limit.filter(SettlingLimit::is_noise_floor) {
            writeln!(
                out,
                "settled means: to the noise floor of {} g_unit V_unit",
                Unit::One.show(limit.residual, 2)
            )?;
        }
        if let Some(writing) = &self.programming {
            write!(out, "programming, once: ")?;
            print_writing(writing, out)?;
        }
        Ok(())
    }
}
