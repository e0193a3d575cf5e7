//! `gradep relax --chip`.

mod diagnosis;
mod figure;

use super::{
    arrays::{check_folder, read_visible},
    conductances::Replay,
    print_json,
};
use crate::{
    Exit,
    cli::{OnChipArgs, Precision, RelaxArgs, TraceNodes},
};
use analog_substrate::{
    Cell, Drive, Layers, Visible,
    chip::{
        Chip, Clock, Design, Instance, Integrator, Ledger, Trace, TransientSettings,
        diagnose::energy_rises,
    },
    kernels::Real,
};
use anyhow::{Context as _, ensure};
use diagnosis::DiagnosisOfRun;
use gradep_core::{
    files::{Model, WritableElement, write_atomically, write_npz},
    gradep::PhaseStatistics,
};
use ndarray::{Array1, Array2, Array3, ArrayView1, Axis, concatenate};
use serde::Serialize;
use std::{
    io::{self, Write as _},
    path::Path,
};

/// Relaxes in continuous time on a simulated chip, in the precision asked for.
pub(super) fn relax(arguments: &RelaxArgs, reference: &str) -> anyhow::Result<Exit> {
    match arguments.solver.precision {
        Precision::F32 => relax_in::<f32>(arguments, reference),
        Precision::F64 => relax_in::<f64>(arguments, reference),
    }
}

fn relax_in<R: Real + WritableElement>(
    arguments: &RelaxArgs,
    reference: &str,
) -> anyhow::Result<Exit> {
    let ledger_file = arguments.out.with_extension("json");
    ensure!(
        ledger_file != arguments.out,
        "{}: is where the ledger would go; choose another name, such as trace.npz",
        arguments.out.display()
    );
    for output in arguments.figure.iter().chain([&arguments.out]) {
        check_folder(output)?;
    }
    let spec = OnChipArgs::spec(reference, &arguments.on_chip.overrides)?;
    let design = spec.design();
    let model = arguments.model.read::<R>()?;
    let layers = model.couplings.layers();
    check_nodes(&arguments.trace, layers)?;
    let anchor = read_visible::<R>(&arguments.anchor, layers)?;
    let duration = arguments.duration.time_constants(&design);
    let exact = arguments.solver.precision == Precision::F64;
    let settings = arguments.on_chip.settings(&design, duration, exact);
    let replay = Replay::asked(&arguments.on_chip, &spec);
    let relax = |design: &Design| {
        Run::new(
            arguments,
            (design, settings),
            replay.as_ref(),
            &model,
            &anchor,
        )
    };
    let run = relax(&design)?;
    run.write(&arguments.out, &arguments.trace)?;
    let mut summary = run.summary(arguments, &design, model.cell);
    if arguments.diagnose {
        let found = DiagnosisOfRun::of(&run, &model, (&spec, settings), relax)?;
        summary.diagnosis = Some(found);
    }
    write_atomically(&ledger_file, |file| {
        serde_json::to_writer_pretty(file, &summary).map_err(io::Error::from)
    })
    .with_context(|| format!("{}: cannot be written", ledger_file.display()))?;
    summary.print(arguments, &ledger_file)?;
    if !run.is_finite() {
        tracing::error!(
            "the nodes ran away: the energy has no minimum there, or --time-step {} is too long for {:?}",
            arguments.on_chip.time_step,
            summary.integrator
        );
        return Ok(Exit::Numerics);
    }
    if let Some(path) = &arguments.figure {
        figure::draw(path, &run, arguments, (&design, model.cell))?;
    }
    Ok(Exit::Success)
}

fn check_nodes(nodes: &TraceNodes, layers: &Layers) -> anyhow::Result<()> {
    let TraceNodes::Some(nodes) = nodes else {
        return Ok(());
    };
    for &(layer, unit) in nodes {
        let size = layers.sizes().get(layer).copied().unwrap_or(0);
        ensure!(
            unit < size,
            "--trace {}: the model's layers are {:?}",
            name(layer, unit),
            layers.sizes()
        );
    }
    Ok(())
}

fn key(layer: usize) -> String {
    match layer {
        0 => "x".to_owned(),
        hidden => format!("h{hidden}"),
    }
}

fn name(layer: usize, unit: usize) -> String {
    format!("{}_{unit}", key(layer))
}

/// Traces of all chips, one chip's samples after the other's.
struct Run<R> {
    trace: Trace<R>,
    /// Co-content in watts, `[batch, T]`.
    energy: Array2<f64>,
    /// Mean over the chips, per sample.
    clock: Clock,
    ledger: Ledger,
    integrator: Integrator,
    tau: f64,
    stops_when_settled: bool,
}

impl<R: Real + WritableElement> Run<R> {
    fn new(
        arguments: &RelaxArgs,
        (design, settings): (&Design, TransientSettings),
        replay: Option<&Replay>,
        model: &Model<R>,
        anchor: &Array2<R>,
    ) -> anyhow::Result<Self> {
        let visible = if arguments.clamped {
            Visible::Clamped
        } else {
            Visible::Spring {
                stiffness: model.spring_stiffness,
            }
        };
        let drive = Drive {
            anchor: anchor.view(),
            visible,
        };
        let mut runs = Vec::new();
        for number in 0..arguments.chips.get() as u64 {
            let layers = model.couplings.layers();
            let mut chip = Chip::new(
                design.clone(),
                Instance::draw(design, layers, arguments.seed, number),
                model.couplings.clone(),
                (model.activation, model.cell),
                settings,
                arguments.seed.wrapping_add(number),
            )?;
            if let Some(replay) = replay {
                replay.onto(&mut chip, number)?;
            }
            let trace = chip.trace(&drive, settings.duration, arguments.intervals.get())?;
            let energy = chip.co_content(&trace, &drive);
            runs.push((trace, energy, chip.clock(), chip.ledger()));
        }
        let ledger = Ledger::mean(runs.iter().map(|run| &run.3));
        let clock = Clock::mean(runs.iter().map(|run| &run.2));
        let views: Vec<_> = runs.iter().map(|run| run.1.view()).collect();
        let energy = concatenate(Axis(0), &views)?;
        let traces = runs.into_iter().map(|run| run.0);
        Ok(Self {
            trace: Trace::join(traces).context("no chip was asked for")?,
            energy,
            clock,
            ledger,
            integrator: settings.integrator,
            tau: design.time_constant(),
            stops_when_settled: settings.stop_when_settled,
        })
    }

    fn write(&self, out: &Path, nodes: &TraceNodes) -> anyhow::Result<()> {
        let trace = &self.trace;
        write_npz(out, |arrays| {
            let seconds = trace.time.iter().map(|t| t * self.tau);
            arrays.add("time_s", &Array1::from_iter(seconds))?;
            for (layer, states) in trace.states.iter().enumerate() {
                match nodes {
                    TraceNodes::All => arrays.add(&key(layer), states)?,
                    TraceNodes::Some(nodes) => {
                        let units: Vec<u64> = nodes
                            .iter()
                            .filter(|node| node.0 == layer)
                            .map(|node| node.1 as u64)
                            .collect();
                        arrays.add(&key(layer), &select(states, &units))?;
                        let index = format!("{}_index", key(layer));
                        arrays.add(&index, &ArrayView1::from(&units))?;
                    }
                }
            }
            if self.stops_when_settled {
                let read = trace.read.iter().map(|t| t * self.tau);
                arrays.add("read_time_s", &Array1::from_iter(read))?;
            }
            arrays.add("energy_w", &self.energy)?;
            arrays.add("residual", &trace.residual)
        })?;
        Ok(())
    }

    fn is_finite(&self) -> bool {
        let mut states = self.trace.states.iter().flatten();
        states.all(|v| v.is_finite())
            && self.energy.iter().all(|e| e.is_finite())
            && self.trace.residual.iter().all(|r| r.is_finite())
    }

    /// When each sample's residual fell to the limit for good, in seconds.
    fn settling(&self) -> Vec<Option<f64>> {
        let settled = self.trace.settled.iter();
        settled.map(|t| t.map(|t| t * self.tau)).collect()
    }

    fn summary(&self, arguments: &RelaxArgs, design: &Design, cell: Cell) -> Summary {
        let limit = arguments.on_chip.settled_below;
        let samples = self.trace.residual.nrows();
        let settling = self.settling();
        let reached: Vec<f64> = settling.iter().copied().flatten().collect();
        let last = self
            .trace
            .residual
            .index_axis(Axis(1), self.trace.time.len() - 1);
        let rises = self.energy.rows().into_iter();
        Summary {
            schema: 1,
            chip: design.name.clone(),
            cell,
            seed: arguments.seed,
            chips: arguments.chips.get(),
            samples,
            integrator: self.integrator,
            time_step_tau: self.trace.step,
            tau_s: self.tau,
            settled: reached.len(),
            settled_below: limit,
            settling_s: (!reached.is_empty()).then(|| PhaseStatistics::of(reached)),
            settling_per_sample_s: settling,
            residual: PhaseStatistics::of(last.to_vec()),
            energy_rises: rises.map(|row| energy_rises(row).0).sum(),
            diagnosis: None,
            clock: self.clock,
            ledger: self.ledger,
        }
    }
}

/// Some units of a layer's states.
fn select<R: Real>(states: &Array3<R>, units: &[u64]) -> Array3<R> {
    let units: Vec<usize> = units.iter().map(|&unit| unit as usize).collect();
    states.select(Axis(2), &units)
}

#[derive(Serialize)]
struct Summary {
    schema: u32,
    chip: String,
    cell: Cell,
    seed: u64,
    chips: usize,
    samples: usize,
    integrator: Integrator,
    /// The step that was taken; none where each sample took its own.
    time_step_tau: Option<f64>,
    tau_s: f64,
    /// Samples whose residual fell below the limit and stayed there.
    settled: usize,
    settled_below: f64,
    settling_s: Option<PhaseStatistics>,
    settling_per_sample_s: Vec<Option<f64>>,
    /// At the end.
    residual: PhaseStatistics,
    /// Recorded intervals in which the energy of the nominal network rose.
    energy_rises: usize,
    /// Per sample.
    clock: Clock,
    /// Per sample.
    ledger: Ledger,
    #[serde(skip_serializing_if = "Option::is_none")]
    diagnosis: Option<DiagnosisOfRun>,
}

impl Summary {
    fn print(&self, arguments: &RelaxArgs, ledger_file: &Path) -> anyhow::Result<()> {
        if arguments.json {
            return print_json(self);
        }
        let mut out = io::stdout();
        writeln!(
            out,
            "{} ({:?} cells), {} samples on {} chip(s), {}",
            self.chip,
            self.cell,
            self.samples,
            self.chips,
            match self.time_step_tau {
                Some(step) => format!("{} steps of {step:.4} tau", self.integrator.name()),
                None => format!("{} steps", self.integrator.name()),
            }
        )?;
        writeln!(
            out,
            "time      {:.4e} s = {:.2} tau of relaxation, {:.4e} s with overheads",
            self.clock.relaxation_s, self.clock.relaxation_tau, self.clock.total_s
        )?;
        match &self.settling_s {
            Some(settling) => writeln!(
                out,
                "settled   {} of {} below {:.1e}; median after {:.3e} s, last after {:.3e} s",
                self.settled, self.samples, self.settled_below, settling.median, settling.largest
            )?,
            None => writeln!(
                out,
                "settled   none of {} below {:.1e}; residual {:.1e} in the median at the end",
                self.samples, self.settled_below, self.residual.median
            )?,
        }
        let ledger = &self.ledger;
        writeln!(
            out,
            "energy    {:.3e} J per sample: leaks {:.2e}, springs {:.2e}, couplings {:.2e}, biases \
             {:.2e}, amplifiers {:.2e}, forced nodes {:.2e}, converters {:.2e}",
            ledger.total_j,
            ledger.leak_j,
            ledger.spring_j,
            ledger.crossbar_j,
            ledger.bias_j,
            ledger.amplifiers_j,
            ledger.forced_nodes_j,
            ledger.dac_j + ledger.adc_j
        )?;
        writeln!(
            out,
            "balance   closes to {:.1e}; the energy rose in {} recorded intervals",
            ledger.balance_error, self.energy_rises
        )?;
        if let Some(diagnosis) = &self.diagnosis {
            diagnosis.print(&mut out)?;
        }
        writeln!(
            out,
            "written   {}  {}",
            arguments.out.display(),
            ledger_file.display()
        )?;
        Ok(())
    }
}
