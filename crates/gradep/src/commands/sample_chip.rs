//! `gradep sample --chip`.

use super::{
    long::announce, programming::print_writing, replay::Replay, resolved::ResolvedChip,
    settling::warn_of_noise, source::Source,
};
use crate::{
    cli::{OnChipArgs, SampleArgs},
    failure::Result,
    progress::Watch,
};
use analog_substrate::{
    Cell, Visible,
    arrays::Writing,
    chip::{Chip, Clock, Die, Ledger, SettlingLimit},
    hw_spec::Spec,
};
use bench_hw::generation::{Condition, Generated, Mode, OnChip, Start, generate_on_chip};
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
    mode: Mode,
    tau_s: f64,
    #[serde(flatten)]
    resolved: ResolvedChip,
    /// At what residual a relaxation counts as settled; none of a free run, which is not to settle.
    pub(super) settling_limit: Option<SettlingLimit>,
    /// C_x/C of a free run.
    ratio: Option<f64>,
    /// Factor of the thermal noise at the start of a free run; its sources are not in the ledger.
    #[serde(skip_serializing_if = "Option::is_none")]
    noise_gain: Option<f64>,
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
    source: &Source,
    ideal: Condition,
    start: Start,
) -> Result<(Generated, ChipReport)> {
    let model = &source.model;
    let condition = ideal.on_chip(&arguments.generation.on_chip()?);
    let mode = condition.mode;
    let spec = OnChipArgs::spec_with(reference, &arguments.on_chip.overrides, mode.visible())?;
    let design = spec.design();
    let replay = Replay::asked(&arguments.on_chip, &spec, || Ok(source.id.clone()))?;
    let (seed, number) = (arguments.chip_seed, arguments.chip_number);
    let die = match &replay {
        Some(replay) => replay.die(number, seed)?,
        None => Die { seed, number },
    };
    let on_chip = OnChip {
        design: &design,
        die,
    };
    let mut chip = on_chip.make(model, &condition, arguments.seed)?;
    if let Some(replay) = &replay {
        replay.onto(&mut chip, number)?;
    }
    let (samples, layers) = (start.x.nrows(), model.couplings.layers());
    let tau = condition.relaxation_time(&design, model.output_scale);
    announce(
        condition.steps(Some(&design), model.output_scale),
        "integrator steps",
        samples,
        layers,
    );
    let (tally, whole) = (Arc::clone(chip.tally()), tau * samples as f64);
    let watch = Watch::begin("drawing samples", move || tally.done() / whole);
    let flow = generate_on_chip(&chip, model, &condition, start)?;
    drop(watch);
    let limit = match mode {
        Mode::Ideal | Mode::Stepped => {
            let stiffness = model.spring_stiffness;
            Some(chip.settling_limit(Visible::Spring { stiffness })?)
        }
        Mode::Clamped => Some(chip.settling_limit(Visible::Clamped)?),
        Mode::Free => None,
    };
    if let Some(limit) = &limit {
        warn_of_noise(&design.name, limit);
    }
    let report = ChipReport::new(&chip, &spec, &condition, limit);
    Ok((flow, report))
}

impl ChipReport {
    fn new(
        chip: &Chip<f32>,
        spec: &Spec,
        condition: &Condition,
        settling_limit: Option<SettlingLimit>,
    ) -> Self {
        let mode = condition.mode;
        let ratio = condition.ratio.unwrap_or(chip.design().node.visible_ratio);
        Self {
            chip: chip.design().name.clone(),
            cell: chip.cell(),
            mode,
            tau_s: chip.design().time_constant(),
            resolved: ResolvedChip::of(spec),
            settling_limit,
            ratio: (mode == Mode::Free).then_some(ratio),
            noise_gain: (!condition.noise.is_none()).then_some(condition.noise.gain),
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
        if let Some(gain) = self.noise_gain {
            writeln!(
                out,
                "thermal noise {gain} times as large at first; its sources are not in the energy"
            )?;
        }
        if let Some(writing) = &self.programming {
            write!(out, "programming, once: ")?;
            print_writing(writing, out)?;
        }
        Ok(())
    }
}
