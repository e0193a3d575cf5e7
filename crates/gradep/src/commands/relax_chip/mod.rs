//! `gradep relax --chip`.

mod diagnosis;
mod figure;
mod summary;

use super::{
    arrays::read_visible, long::announce, replay::Replay, resolved::ResolvedChip,
    settling::warn_of_noise,
};
use crate::{
    Exit,
    cli::{OnChipArgs, Precision, RelaxArgs, TraceNodes},
    failure::{Context as _, Failure, Result, Usage, ensure},
    output::{self, Output},
    progress::Watch,
};
use analog_substrate::{
    Drive, Layers, Scalar, Visible,
    chip::{
        Chip, ChipParts, Clock, Design, Die, Instance, Integrator, Ledger, SettlingLimit, Trace,
        TransientSettings,
    },
    estimates::traces,
};
use diagnosis::DiagnosisOfRun;
use gradep_core::files::{Model, WritableElement};
use ndarray::{Array1, Array2, Array3, ArrayView1, Axis, arr0, concatenate};
use std::{path::PathBuf, sync::Arc};
use summary::Summary;
use units::budget::{BudgetError, Tally, check_memory, check_trials};

/// Relaxes in continuous time on a simulated chip, in the precision asked for.
pub(super) fn relax(arguments: &RelaxArgs, reference: &str) -> Result<Exit> {
    match arguments.solver.precision {
        Precision::F32 => relax_in::<f32>(arguments, reference),
        Precision::F64 => relax_in::<f64>(arguments, reference),
    }
}

fn relax_in<R: Scalar + WritableElement>(arguments: &RelaxArgs, reference: &str) -> Result<Exit> {
    let out = &arguments.out;
    let ledger_file = out.beside("json");
    ensure!(
        ledger_file.is_none() || ledger_file.as_deref() != out.file(),
        Usage(format!(
            "{out}: is where the ledger would go; choose another name, such as trace.npz"
        ))
    );
    let more = arguments.figure.iter().chain(&ledger_file);
    output::claim(Some(out), more.map(PathBuf::as_path), arguments.json)?;
    let visible = arguments.visible_nodes();
    let spec = OnChipArgs::spec_with(reference, &arguments.on_chip.overrides, Some(visible))?;
    let design = spec.design();
    let model = arguments.model.read::<R>()?;
    let layers = model.couplings.layers();
    check_nodes(&arguments.trace, layers)?;
    let anchor = read_visible::<R>(&arguments.anchor, layers)?;
    let duration = arguments.duration.time_constants(&design);
    let exact = arguments.solver.precision == Precision::F64;
    let settings = arguments.transients.relaxing(&design, duration, exact);
    let replay = Replay::asked(&arguments.on_chip, &spec, || arguments.model.model.id())?;
    let chips = arguments.chips.get();
    check_traces(&model, anchor.nrows(), arguments, size_of::<R>())?;
    let samples = chips.saturating_mul(anchor.nrows());
    announce(
        duration / settings.step,
        "integrator steps",
        samples,
        layers,
    );
    let tally = Arc::new(Tally::default());
    let (seen, whole) = (Arc::clone(&tally), duration * samples as f64);
    let watch = Watch::begin("relaxing", move || seen.done() / whole);
    let relax = |design: &Design| {
        let transients = Transients {
            design,
            settings,
            tally: &tally,
            replay: replay.as_ref(),
        };
        Run::new(arguments, &transients, &model, &anchor)
    };
    let run = relax(&design)?;
    drop(watch);
    warn_of_noise(&design.name, &run.limit);
    let resolved = ResolvedChip::of(&spec);
    run.write(out, &arguments.trace, &resolved)?;
    let mut summary = Summary::new(&run, arguments, &design, model.cell, &resolved);
    if arguments.diagnose {
        let found = DiagnosisOfRun::of(&run, &model, &spec, settings, relax)?;
        summary.diagnosis = Some(found);
    }
    if let Some(path) = &ledger_file {
        output::write_json(path, &summary)?;
    }
    summary.print(arguments, ledger_file.as_deref())?;
    if !run.is_finite() {
        tracing::error!(
            "the nodes ran away: the energy has no minimum there, or --time-step {} is too long for {}",
            arguments.transients.time_step,
            summary.integrator.name()
        );
        return Ok(Exit::Numerics);
    }
    if let Some(path) = &arguments.figure {
        figure::draw(path, &run, arguments, &design, model.cell)?;
    }
    Ok(Exit::Success)
}

/// Refuses traces of so many chips that they do not fit into the memory.
fn check_traces<R: Scalar>(
    model: &Model<R>,
    samples: usize,
    arguments: &RelaxArgs,
    size: usize,
) -> Result<(), BudgetError> {
    let (chips, intervals) = (arguments.chips.get(), arguments.intervals.get());
    check_trials("--chips", chips as f64, "chips")?;
    let all = chips as f64 * samples as f64;
    check_memory(
        || format!("--chips {chips}, --intervals {intervals}: {all:.3e} traces"),
        traces(model.couplings.layers(), all, intervals, size),
        "ask for fewer chips, intervals or anchors",
    )
}

fn check_nodes(nodes: &TraceNodes, layers: &Layers) -> Result<()> {
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
    /// Of the noisiest chip.
    limit: SettlingLimit,
    tau: f64,
    stops_when_settled: bool,
}

/// On which design and how chips relax.
struct Transients<'a> {
    design: &'a Design,
    settings: TransientSettings,
    /// What is done, of all samples.
    tally: &'a Arc<Tally>,
    /// Maps in place of programming.
    replay: Option<&'a Replay>,
}

impl<R: Scalar + WritableElement> Run<R> {
    fn new(
        arguments: &RelaxArgs,
        transients: &Transients<'_>,
        model: &Model<R>,
        anchor: &Array2<R>,
    ) -> Result<Self> {
        let Transients {
            design,
            settings,
            tally,
            replay,
        } = *transients;
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
            held: None,
        };
        let (mut runs, mut limits) = (Vec::new(), Vec::new());
        for number in 0..arguments.chips.get() as u64 {
            let layers = model.couplings.layers();
            let seed = arguments.seed;
            let die = match replay {
                Some(replay) => replay.die(number, seed)?,
                None => Die { seed, number },
            };
            let mut chip = Chip::new(ChipParts {
                design: design.clone(),
                instance: Instance::draw(design, layers, die),
                network: model.into(),
                settings,
                noise_seed: arguments.seed.wrapping_add(number),
            })?;
            chip.set_tally(tally);
            if let Some(replay) = replay {
                replay.onto(&mut chip, number)?;
            }
            let trace = chip.trace(&drive, settings.duration, arguments.intervals.get())?;
            let energy = chip.co_content(&trace, &drive);
            limits.push(chip.settling_limit(visible)?);
            runs.push((trace, energy, chip.clock(), chip.ledger()));
        }
        let limit = limits
            .into_iter()
            .max_by(|a, b| a.noise_floor.total_cmp(&b.noise_floor))
            .context("no chip was asked for")?;
        let ledger = Ledger::mean(runs.iter().map(|run| &run.3));
        let clock = Clock::mean(runs.iter().map(|run| &run.2));
        let views: Vec<_> = runs.iter().map(|run| run.1.view()).collect();
        let energy = concatenate(Axis(0), &views).map_err(Failure::of_the_machine)?;
        let traces = runs.into_iter().map(|run| run.0);
        Ok(Self {
            trace: Trace::join(traces).context("no chip was asked for")?,
            energy,
            clock,
            ledger,
            integrator: settings.integrator,
            limit,
            tau: design.time_constant(),
            stops_when_settled: settings.stop_when_settled,
        })
    }

    fn write(&self, out: &Output, nodes: &TraceNodes, resolved: &ResolvedChip) -> Result<()> {
        let trace = &self.trace;
        let volt = R::from_f64(resolved.v_unit_v);
        out.write_npz(|arrays| {
            let seconds = trace.time.iter().map(|t| t * self.tau);
            arrays.add("time_s", &Array1::from_iter(seconds))?;
            arrays.add("tau_s", &arr0(self.tau))?;
            arrays.add("v_unit_v", &arr0(resolved.v_unit_v))?;
            let spec = resolved.text();
            arrays.add("spec_json", &ArrayView1::from(spec.as_bytes()))?;
            for (layer, states) in trace.states.iter().enumerate() {
                let in_volts = format!("{}_volt", key(layer));
                match nodes {
                    TraceNodes::All => {
                        arrays.add(&key(layer), states)?;
                        arrays.add(&in_volts, &(states * volt))?;
                    }
                    TraceNodes::Some(nodes) => {
                        let units: Vec<u64> = nodes
                            .iter()
                            .filter(|node| node.0 == layer)
                            .map(|node| node.1 as u64)
                            .collect();
                        let states = select(states, &units);
                        arrays.add(&key(layer), &states)?;
                        arrays.add(&in_volts, &(states * volt))?;
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
        })
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
}

/// Some units of a layer's states.
fn select<R: Scalar>(states: &Array3<R>, units: &[u64]) -> Array3<R> {
    let units: Vec<usize> = units.iter().map(|&unit| unit as usize).collect();
    states.select(Axis(2), &units)
}
