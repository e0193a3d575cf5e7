//! `gradep check gradient --chip`.

mod table;

use super::or_default;
use crate::{
    Exit,
    cli::{CheckGradientArgs, OnChipArgs},
    commands::{bench::say_interrupted, long::announce, print_json},
    console,
    failure::{Failure, Result, Usage, ensure},
    progress::ShareProgress,
    signals::StopFlag,
};
use analog_substrate::{
    NudgeKind,
    chip::{Die, TransientSettings},
    hw_spec::{Spec, VisibleNodes},
};
use bench_hw::{
    gradients::{GradientAxis, GradientCell, GradientGrid, GradientStudy, Gradients, Ways},
    results::{self, ResultFile as _},
    store::Store,
    sweep::SweepError,
};
use gradep_core::{
    files::{Model, spec_hash},
    oracle::check_batch,
};
use hw_report::gradients::GradientFigures;
use ndarray::Array2;
use serde_json::json;
use std::io::Write as _;
use units::budget::check_trials;

/// Residual of the exact gradient's free phase, in g_unit·V_unit, above which a sample still moves: a hundredth of that at which a
/// noiseless chip's samples count as settled.
const MOST_RESIDUAL: f64 = 0.01 * TransientSettings::SETTLED_BELOW;
/// Strengths of a quadratic nudge on a chip, unless told otherwise: below them noise drowns it on D3, above them it bends what it measures.
const BETAS: [f64; 4] = [3e-4, 1e-3, 3e-3, 1e-2];

/// What is asked of which chip.
struct Asked<'a> {
    arguments: &'a CheckGradientArgs,
    spec: Spec,
    grid: GradientGrid,
    model: &'a Model<f32>,
}

/// Prints what estimates of a chip are worth, in every way and cell asked for.
pub(super) fn gradient(
    arguments: &CheckGradientArgs,
    reference: &str,
    model: &Model<f32>,
    images: &Array2<f32>,
    quiet: bool,
) -> Result<Exit> {
    let asked = Asked::read(arguments, reference, model)?;
    asked.announce(arguments.samples.get().min(images.nrows()));
    let seeds = asked.seeds();
    let batches = seeds.map(|seed| check_batch(images.clone(), arguments.samples.get(), seed));
    let batches = batches.collect::<Result<Vec<_>, _>>()?;
    let options = &arguments.on_chip;
    let store = options.out.as_ref();
    let store = store
        .map(|root| Store::open(root, &asked.plan()?).map_err(Failure::from))
        .transpose()?;
    let stop = StopFlag::install()?;
    let mut progress = ShareProgress::start(quiet);
    let observe = |share| {
        progress.update(share, "estimating");
        !stop.is_set()
    };
    let found = (asked.grid).run(&asked.study(), &batches, store.as_ref(), observe);
    progress.finish();
    let cells = match found {
        Err(SweepError::Interrupted) => {
            if let Some(store) = &store {
                say_interrupted(store.root());
            }
            return Ok(Exit::Interrupted);
        }
        found => found?,
    };
    warn_of_residuals(&cells);
    let document = asked.document(cells, batches.first().map_or(0, |b| b.anchor.nrows()));
    let mut written = Vec::new();
    if let Some(store) = store {
        results::write(&document, store.root())?;
        written.push(store.root().join(Gradients::NAME));
        written.extend(
            GradientFigures {
                document: &document,
            }
            .write(store.root())?,
        );
        store.close()?;
    }
    if arguments.json {
        print_json(&document)?;
        return Ok(Exit::Success);
    }
    let mut out = console::text();
    table::print(&document, &mut out)?;
    for path in written {
        writeln!(out, "written  {}", path.display())?;
    }
    Ok(Exit::Success)
}

impl<'a> Asked<'a> {
    fn read(
        arguments: &'a CheckGradientArgs,
        reference: &str,
        model: &'a Model<f32>,
    ) -> Result<Self> {
        let options = &arguments.on_chip;
        ensure!(
            options.repeats >= 2,
            Usage(format!(
                "--repeats {}: one estimate has no variance; expected 2 or more",
                options.repeats
            ))
        );
        ensure!(
            options.vary.len() <= 2,
            Usage("--vary: given more than twice; a map has one or two keys".to_owned())
        );
        check_trials("--seeds", options.seeds.get() as f64, "batches")?;
        ensure!(
            (arguments.seed)
                .checked_add(options.seeds.get() as u64 - 1)
                .is_some(),
            Usage(format!(
                "--seed {}: there are no seeds after it for {} batches; expected a smaller one",
                arguments.seed, options.seeds
            ))
        );
        let nudges = or_default(&arguments.nudges, &[NudgeKind::Tilt]);
        let is_quadratic = nudges.contains(&NudgeKind::Quadratic);
        ensure!(
            is_quadratic || arguments.betas.is_empty(),
            Usage(
                "--betas: a tilt on a chip is set by --ranges; expected --betas with --nudges quadratic"
                    .to_owned()
            )
        );
        let ways = Ways {
            ranges: if nudges.contains(&NudgeKind::Tilt) {
                options.ranges.clone()
            } else {
                Vec::new()
            },
            betas: if is_quadratic {
                or_default(&arguments.betas, &BETAS)
            } else {
                Vec::new()
            },
            phases: arguments.phases,
            free: options.free.clone(),
            nudged: options.nudged.clone(),
        };
        let spec =
            OnChipArgs::spec_with(reference, &options.overrides, Some(VisibleNodes::Springs))?;
        let axes = options.vary.iter();
        let axes = axes
            .map(|text| GradientAxis::parse(text, &spec))
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Self {
            arguments,
            grid: GradientGrid::new(&spec, &ways, &axes)?,
            spec,
            model,
        })
    }

    fn seeds(&self) -> impl Iterator<Item = u64> + use<> {
        let first = self.arguments.seed;
        (0..self.arguments.on_chip.seeds.get() as u64).map(move |number| first + number)
    }

    fn announce(&self, samples: usize) {
        let options = &self.arguments.on_chip;
        let estimates = f64::from(options.repeats) * options.seeds.get() as f64;
        let steps = estimates * self.grid.tau() / options.time_step;
        let layers = self.model.couplings.layers();
        announce(steps, "integrator steps", samples, layers);
    }

    fn study(&self) -> GradientStudy<'_> {
        let options = &self.arguments.on_chip;
        GradientStudy {
            model: self.model,
            die: Die {
                seed: options.chip_seed,
                number: options.chip_number,
            },
            step: options.time_step,
            repeats: options.repeats as usize,
            seed: self.arguments.seed,
            wanted: options.cosine,
        }
    }

    /// What the folder is the result of. The number of batches is not in it: with more of them only new ones are tried.
    fn plan(&self) -> Result<serde_json::Value> {
        let options = &self.arguments.on_chip;
        Ok(json!({
            "kind": Gradients::SCHEMA,
            "chip": self.spec.name(),
            "overrides": options.overrides,
            "spec_hash": spec_hash(&self.spec),
            "model_blake3": self.model.id(),
            "axes": serde_json::to_value(&self.grid.axes).map_err(Failure::of_the_machine)?,
            "ways": serde_json::to_value(self.grid.ways()).map_err(Failure::of_the_machine)?,
            "samples": self.arguments.samples,
            "repeats": options.repeats,
            "time_step_tau": options.time_step,
            "seed": self.arguments.seed,
            "chip_seed": options.chip_seed,
            "chip_number": options.chip_number,
        }))
    }

    fn document(&self, cells: Vec<GradientCell>, samples: usize) -> Gradients {
        let options = &self.arguments.on_chip;
        Gradients {
            schema: Gradients::SCHEMA.to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            model: self.model.id(),
            chip: self.spec.name().to_owned(),
            set: options.overrides.clone(),
            chip_seed: options.chip_seed,
            chip_number: options.chip_number,
            seed: self.arguments.seed,
            batches: options.seeds.get(),
            samples,
            repeats: options.repeats as usize,
            time_step: options.time_step,
            wanted_cosine: options.cosine,
            axes: self.grid.axes.clone(),
            cells,
        }
    }
}

fn warn_of_residuals(cells: &[GradientCell]) {
    let residual = cells.iter().map(GradientCell::residual).fold(0.0, f64::max);
    if residual > MOST_RESIDUAL {
        tracing::warn!(
            "the gradient that estimates are held against is not exact: a sample is {residual:.1e} g_unit V_unit from its equilibrium after \
             400 tau"
        );
    }
}
