//! `gradep sample`.

use super::{
    given::{Given, GivenSummary},
    long::announce,
    print_json,
    sample_chip::{self, ChipReport},
    source::Source,
};
use crate::{
    Exit,
    cli::SampleArgs,
    console,
    failure::{Result, Usage, ensure},
    output::{self, Output},
    progress::Watch,
};
use bench_hw::{
    ClassShare, digit_shares,
    generation::{Condition, Generated, GenerationError, Start, check_size, generate_ideal},
};
use gradep_core::{
    config::AskedFlow,
    data::ImageShape,
    files::Model,
    generate::{Reach, starting_noise},
};
use hw_report::figure::SampleGrid;
use ndarray::{ArrayView1, ArrayView2, Axis, arr0};
use serde::Serialize;
use std::{io::Write as _, num::NonZeroUsize, path::PathBuf, sync::Arc};
use units::{Unit, budget::Tally};

/// Draws samples and writes them as arrays, as a picture, or both.
pub(super) fn sample(arguments: &SampleArgs) -> Result<Exit> {
    let report = report_file(arguments)?;
    let more = arguments.figure.iter().chain(&report);
    output::claim(
        arguments.out.as_ref(),
        more.map(PathBuf::as_path),
        arguments.json,
    )?;
    let source = Source::read(&arguments.source)?;
    let on_chip = &arguments.on_chip;
    source.warn_of_other_chip(on_chip.chip.is_some(), on_chip.conductances.is_some());
    let sampling = source.sampling.asked(&AskedFlow {
        read_out: arguments.read_out,
        ..arguments.generation.asked()?
    })?;
    let model = &source.model;
    let asked = arguments.count.map(NonZeroUsize::get);
    let whole = Condition::new(&sampling, source.relaxation.clone(), vec![sampling.until]);
    check_size(model, &whole, asked.unwrap_or(1))?;
    let given = Given::read(&arguments.given, &source, asked)?;
    let duration = given.duration(sampling.until)?;
    let condition = Condition {
        extra_steps: u64::from(sampling.extra_step),
        times: vec![duration],
        ..whole
    };
    check_size(model, &condition, given.count)?;
    let visible = model.couplings.layers().visible();
    let noise = starting_noise(arguments.seed, given.count, visible);
    let start = given.begin(&source, noise);
    let (flow, chip) = if let Some(reference) = &arguments.on_chip.chip {
        let (flow, report) = sample_chip::flow(arguments, reference, &source, condition, start)?;
        (flow, Some(report))
    } else {
        arguments.generation.without_chip()?;
        (ideal(model, &condition, start, arguments.seed)?, None)
    };
    let samples = flow.samples.index_axis(Axis(0), 0);
    // Whatever fails after this, what took the time is on the disk.
    if let Some(out) = &arguments.out {
        out.write_npz(|arrays| {
            arrays.add("samples", &samples)?;
            arrays.add("time", &arr0(sampling.until))?;
            if let Some(images) = &given.images {
                arrays.add("given", images)?;
            }
            if !given.classes.is_empty() {
                arrays.add("classes", &ArrayView1::from(&given.classes))?;
            }
            arrays.add_shape(model.image_shape())
        })?;
    }
    if let (Some(path), Some(chip)) = (&report, &chip) {
        output::write_json(path, chip)?;
    }
    let summary = Summary {
        until: sampling.until,
        given: given.summary(),
        ..Summary::new(&flow, samples, model.is_of_digits() == Some(true), chip)?
    };
    let picture = Picture {
        samples,
        given: &given,
        shape: model.image_shape(),
        until: sampling.until,
    };
    let drawn = picture.draw(arguments);
    if summary.reach.is_out_of_range() {
        tracing::warn!(
            "at t = {} samples are out of the range of images: {}",
            sampling.until,
            summary.reach
        );
    }
    if let Some(unsettled) = summary.unsettled_share.filter(|share| *share > 0.0) {
        let limit = summary.chip.as_ref().and_then(|chip| chip.settling_limit);
        tracing::warn!(
            "{:.2} % of the relaxations ended unsettled{}",
            100.0 * unsettled,
            limit.map_or_else(String::new, |limit| format!(
                ", with a residual above {}",
                Unit::One.show(limit.residual, 2)
            ))
        );
    }
    if arguments.json {
        print_json(&summary)?;
    } else {
        summary.print(arguments, drawn.is_ok())?;
    }
    drawn.map(|()| Exit::Success)
}

/// Generates at exact equilibria, with a bar where it takes long.
fn ideal(
    model: &Model<f32>,
    condition: &Condition,
    start: Start,
    seed: u64,
) -> Result<Generated, GenerationError> {
    let steps = condition.steps(None, model.output_scale);
    let layers = model.couplings.layers();
    announce(steps, "relaxation sweeps", start.x.nrows(), layers);
    let tally = Arc::new(Tally::default());
    let seen = Arc::clone(&tally);
    let _watch = Watch::begin("drawing samples", move || seen.done());
    generate_ideal(model, condition, start, seed, |share| {
        tally.add(share - tally.done());
        true
    })
}

/// Where a chip's clock and ledger go: beside the samples.
fn report_file(arguments: &SampleArgs) -> Result<Option<PathBuf>> {
    let out = arguments.out.as_ref();
    let Some(out) = out.filter(|_| arguments.on_chip.chip.is_some()) else {
        return Ok(None);
    };
    let report = out.beside("json");
    ensure!(
        report.is_none() || report.as_deref() != out.file(),
        Usage(format!(
            "{out}: is where clock and ledger would go; choose another name, such as samples.npz"
        ))
    );
    Ok(report)
}

/// What is drawn.
struct Picture<'a> {
    samples: ArrayView2<'a, f32>,
    given: &'a Given,
    shape: ImageShape,
    until: f64,
}

impl Picture<'_> {
    fn draw(&self, arguments: &SampleArgs) -> Result<()> {
        if let Some(path) = &arguments.figure {
            let grid = SampleGrid {
                run: &self.given.title(&arguments.source.to_string()),
                images: self.samples,
                given: self.given.shown().map(|images| images.view()),
                shape: self.shape,
                seed: arguments.seed,
                flow_time: self.until,
            };
            grid.write(path)?;
        }
        Ok(())
    }
}

#[derive(Serialize)]
struct Summary {
    schema: u32,
    samples: usize,
    until: f64,
    steps: u64,
    /// Velocities read, each one relaxation; of adaptive steps those of the sample that took most.
    evaluations: u64,
    /// The same, in the mean over samples.
    mean_evaluations: f64,
    /// Relaxation sweeps (or steps) per velocity and sample.
    /// Not of a free run, which reads none and is not to settle.
    sweeps_per_velocity: Option<f64>,
    unsettled_share: Option<f64>,
    /// Root mean square of the last velocity over that of the first; `null` of a free run.
    speed_share: Option<f64>,
    /// How far the samples have gone.
    reach: Reach,
    /// `null` where classes are not known.
    classes: Option<Vec<ClassShare>>,
    smallest_class: Option<ClassShare>,
    /// `null` without a chip.
    chip: Option<ChipReport>,
    #[serde(skip_serializing_if = "Option::is_none")]
    given: Option<GivenSummary>,
}

impl Summary {
    fn new(
        flow: &Generated,
        samples: ArrayView2<'_, f32>,
        of_digits: bool,
        chip: Option<ChipReport>,
    ) -> Result<Self> {
        let cost = flow.costs[0];
        let shares = of_digits.then(|| digit_shares(samples)).transpose()?;
        Ok(Self {
            schema: 1,
            samples: samples.nrows(),
            until: flow.times[0],
            steps: cost.steps,
            evaluations: cost.evaluations,
            mean_evaluations: cost.mean_evaluations,
            sweeps_per_velocity: cost.iterations_per_velocity(),
            unsettled_share: cost.unsettled_share,
            speed_share: cost.speed_share,
            reach: Reach::of(samples),
            smallest_class: shares.as_ref().map(bench_hw::ClassShares::smallest),
            classes: shares.map(|shares| shares.classes),
            chip,
            given: None,
        })
    }

    fn print(&self, arguments: &SampleArgs, drawn: bool) -> Result<()> {
        let mut out = console::text();
        if let Some(per_velocity) = self.sweeps_per_velocity {
            // Where samples take steps of their own, the most of any and the mean.
            let mean = if self.mean_evaluations < self.evaluations as f64 {
                format!(" at most ({:.1} in the mean)", self.mean_evaluations)
            } else {
                String::new()
            };
            writeln!(
                out,
                "{} samples at t = {}: {} steps, {} velocities{mean}, {:.1} {} each",
                self.samples,
                self.until,
                self.steps,
                self.evaluations,
                per_velocity,
                if self.chip.is_some() {
                    "integrator steps"
                } else {
                    "sweeps"
                }
            )?;
        } else {
            writeln!(
                out,
                "{} samples at t = {}: one transient of {} integrator steps",
                self.samples, self.until, self.steps
            )?;
        }
        if let Some(given) = &self.given {
            writeln!(out, "given           {}", given.text())?;
        }
        if let Some(share) = self.speed_share {
            writeln!(out, "speed           {share:.3} of that at the start")?;
        }
        if let Some(chip) = &self.chip {
            chip.print(&mut out)?;
        }
        if let Some(classes) = &self.classes {
            let counts: Vec<String> = classes
                .iter()
                .map(|class| format!("{}: {}", class.class, class.count))
                .collect();
            writeln!(out, "nearest digits  {}", counts.join("  "))?;
        }
        let outputs = arguments.out.iter().filter_map(Output::file);
        for output in outputs.chain(arguments.figure.as_deref().filter(|_| drawn)) {
            writeln!(out, "written         {}", output.display())?;
        }
        Ok(())
    }
}
