//! `gradep sample --chip`.

use super::conductances::{Replay, print_writing};
use crate::cli::{ChipMode, OnChipArgs, SampleArgs};
use analog_substrate::{
    Cell,
    arrays::Writing,
    chip::{Chip, Clock, Design, FreeRun, Instance, Ledger},
};
use anyhow::{Context as _, ensure};
use gradep_core::{
    config::{ReadOut, SamplingConfig},
    files::{Model, write_atomically},
    generate::{Generation, Generator},
};
use ndarray::{Array2, Axis};
use serde::Serialize;
use std::{
    io::{self, Write},
    path::Path,
};

/// What a generation cost on a chip, per sample.
#[derive(Serialize)]
pub(super) struct ChipReport {
    chip: String,
    cell: Cell,
    mode: ChipMode,
    tau_s: f64,
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
    model: &Model<f32>,
    sampling: &SamplingConfig,
    noise: Array2<f32>,
) -> anyhow::Result<(Generation, ChipReport)> {
    let spec = OnChipArgs::spec(reference, &arguments.on_chip.overrides)?;
    let design = spec.design();
    let settle = arguments.settle.time_constants(&design);
    let mut chip = Chip::new(
        design.clone(),
        Instance::draw(&design, model.couplings.layers(), arguments.chip_seed, 0),
        model.couplings.clone(),
        (model.activation, model.cell),
        arguments.on_chip.settings(&design, settle, false),
        arguments.seed,
    )?;
    if let Some(replay) = Replay::asked(&arguments.on_chip, &spec) {
        replay.onto(&mut chip, 0)?;
    }
    let ratio = arguments.ratio.unwrap_or(design.node.visible_ratio);
    let free = arguments.mode == ChipMode::Free;
    ensure!(
        free || arguments.ratio.is_none(),
        "--ratio: visible nodes float only in --mode free"
    );
    let generation = if free {
        let run = FreeRun {
            ratio,
            presettle: arguments.presettle.time_constants(&design),
            output_scale: model.output_scale,
        };
        run_free(&chip, &run, noise, sampling.until)?
    } else {
        step(&chip, arguments, model, sampling, noise)?
    };
    let report = ChipReport::new(&chip, &design, arguments.mode, free.then_some(ratio));
    Ok((generation, report))
}

fn step(
    chip: &Chip<f32>,
    arguments: &SampleArgs,
    model: &Model<f32>,
    sampling: &SamplingConfig,
    noise: Array2<f32>,
) -> anyhow::Result<Generation> {
    let sampling = SamplingConfig {
        read_out: match arguments.mode {
            ChipMode::Clamped => ReadOut::Clamped,
            ChipMode::Stepped | ChipMode::Free => ReadOut::Spring,
        },
        ..sampling.clone()
    };
    let stiffness = chip.design().spring.stiffness;
    let generator = Generator::new(
        chip,
        stiffness.unwrap_or(model.spring_stiffness),
        model.output_scale,
        &sampling,
    )
    .warm(arguments.warm);
    let extra = u64::from(sampling.extra_step);
    Ok(generator.integrate(noise, &[sampling.until], sampling.step, extra)?)
}

fn run_free(
    chip: &Chip<f32>,
    run: &FreeRun,
    noise: Array2<f32>,
    until: f64,
) -> anyhow::Result<Generation> {
    let trace = chip.run_free(noise.view(), run, until, 1)?;
    let steps = u64::from(trace.steps.iter().copied().max().unwrap_or(0));
    let last = trace.states[0].index_axis(Axis(1), 1).to_owned();
    Ok(Generation {
        samples: last.insert_axis(Axis(0)),
        times: vec![until],
        steps,
        // A free run reads no velocity, and is not to settle: there is nothing to report.
        evaluations: 0,
        sweeps: f64::NAN,
        unsettled: f64::NAN,
    })
}

impl ChipReport {
    fn new(chip: &Chip<f32>, design: &Design, mode: ChipMode, ratio: Option<f64>) -> Self {
        Self {
            chip: design.name.clone(),
            cell: chip.cell(),
            mode,
            tau_s: design.time_constant(),
            ratio,
            clock: chip.clock(),
            ledger: chip.ledger(),
            programming: chip.conductances().and_then(|map| map.writing()),
        }
    }

    /// Writes the report beside the samples.
    pub(super) fn write(&self, samples: Option<&Path>) -> anyhow::Result<()> {
        let Some(samples) = samples else {
            return Ok(());
        };
        let path = samples.with_extension("json");
        write_atomically(&path, |file| {
            serde_json::to_writer_pretty(file, self).map_err(io::Error::from)
        })
        .with_context(|| format!("{}: cannot be written", path.display()))
    }

    pub(super) fn print(&self, out: &mut impl Write) -> io::Result<()> {
        let (clock, ledger) = (&self.clock, &self.ledger);
        writeln!(
            out,
            "on {} ({:?} cells), {:?}: {:.4e} s per sample ({:.1} tau of relaxation, {:.1e} s of overheads)",
            self.chip,
            self.cell,
            self.mode,
            clock.total_s,
            clock.relaxation_tau,
            clock.total_s - clock.relaxation_s
        )?;
        writeln!(
            out,
            "energy per sample {:.3e} J: passive {:.2e}, amplifiers {:.2e}, forced nodes {:.2e}, converters {:.2e}",
            ledger.total_j,
            ledger.leak_j + ledger.spring_j + ledger.crossbar_j + ledger.bias_j,
            ledger.amplifiers_j,
            ledger.forced_nodes_j,
            ledger.dac_j + ledger.adc_j
        )?;
        if let Some(writing) = &self.programming {
            write!(out, "programming, once: ")?;
            print_writing(writing, out)?;
        }
        Ok(())
    }
}
