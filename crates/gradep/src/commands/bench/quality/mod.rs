//! `gradep bench quality`.

mod table;

use super::{say_interrupted, subject};
use crate::{
    Exit,
    cli::{GenerationArgs, GlobalArgs, OnChipArgs, QualityArgs},
    commands::{
        domain::{Asked, of_model},
        long::announce,
        print_json,
        source::Source,
    },
    failure::{Result, Usage},
    progress::ShareProgress,
    signals::StopFlag,
};
use bench_hw::{
    domain::{Domain, Track},
    generation::Mode,
    metrics::{Reference, headline},
    quality::{
        Axes, BaselineLine, Bench, ChipDesign, Digital, Measured, Pareto, Quality, QualityError,
        Trained, bands, default_times,
    },
    results::{self, ResultFile as _},
    store::Store,
};
use gradep_core::{
    config::{AskedFlow, SamplingConfig},
    files::write_npz,
    objective::ObjectiveKind,
};
use hw_report::figure::{Abscissa, QualityFront, QualityTime};
use std::{
    num::NonZeroUsize,
    path::{Path, PathBuf},
    sync::Arc,
};
use table::print_table;
use units::budget::check_trials;

const SAMPLES: &str = "samples.npz";

/// Measures quality against time and writes numbers and figures.
pub(in crate::commands) fn quality(arguments: &QualityArgs, global: &GlobalArgs) -> Result<Exit> {
    let (runs, domain) = runs(arguments)?;
    let settings = axes(arguments, objective(&runs))?.settings();
    for (setting, run) in settings
        .iter()
        .flat_map(|s| runs.iter().map(move |run| (s, run)))
    {
        setting.condition(&run.sampling, &run.relaxation).check()?;
    }
    let each = arguments.seeds.get() as f64 * arguments.chips_of_each.get() as f64;
    let curves = each * (settings.len() * runs.len()) as f64;
    check_trials("--run, --chip, --seeds, --chips", curves, "curves")?;
    tracing::info!("comparing with {}", domain.about());
    let reference = Reference::of(domain.as_ref());
    let bench = Bench {
        runs: &runs,
        settings: &settings,
        sampling_seeds: seeds(arguments.seed, arguments.seeds),
        chip_seeds: seeds(arguments.chip_seed, arguments.chips_of_each),
        samples: arguments.count.get(),
        reference: &reference,
        domain: domain.as_ref(),
    };
    say_what_takes_long(&bench);
    let id = bench.id();
    let folder = match &arguments.out {
        Some(folder) => folder.clone(),
        None => PathBuf::from("bench").join(format!("quality-{}", &id[..8])),
    };
    let store = Store::open(&folder, &bench.plan())?;
    tracing::info!("{} curves in {}", bench.curves(), folder.display());
    let mut progress = ShareProgress::start(global.quiet);
    let stop = StopFlag::install()?;
    let measured = bench.measure(
        Some(&store),
        || stop.is_set(),
        |share, label| progress.update(share, label),
    );
    progress.finish();
    let measured = match measured {
        Err(QualityError::Interrupted) => {
            say_interrupted(&folder);
            return Ok(Exit::Interrupted);
        }
        measured => measured?,
    };
    let document = document(arguments, &bench, &measured)?;
    write(&folder, &document, &measured)?;
    store.close()?;
    say_out_of_range(&document);
    if arguments.json {
        print_json(&document)?;
    } else {
        print_table(&document, &folder)?;
    }
    Ok(Exit::Success)
}

/// So many seeds from one on.
fn seeds(first: u64, count: NonZeroUsize) -> Vec<u64> {
    let numbers = 0..count.get() as u64;
    numbers.map(|k| first.wrapping_add(k)).collect()
}

/// Says of the longest curve how many steps it has, where that takes long.
fn say_what_takes_long(bench: &Bench<'_>) {
    let curves = (bench.runs.iter()).flat_map(|run| bench.settings.iter().map(move |s| (run, s)));
    let steps = curves.map(|(run, setting)| {
        let condition = setting.condition(&run.sampling, &run.relaxation);
        let design = setting.chip.as_ref().map(|chip| &chip.design);
        (condition.steps(design, run.model.output_scale), run)
    });
    if let Some((steps, run)) = steps.max_by(|a, b| a.0.total_cmp(&b.0)) {
        let layers = run.model.couplings.layers();
        announce(steps, "steps of the longest curve", bench.samples, layers);
    }
}

/// The models, and the images by which all of them are judged.
fn runs(arguments: &QualityArgs) -> Result<(Vec<Trained>, Arc<dyn Domain>)> {
    let mut runs: Vec<Trained> = Vec::new();
    let mut domain: Option<Arc<dyn Domain>> = None;
    let asked = Asked {
        data: arguments.data.as_deref(),
        track: arguments.track,
        digits: Some(Track::HeldOut),
    };
    for given in &arguments.runs {
        let source = Source::read(given)?;
        source.warn_of_other_chip(true, false);
        let name = given.to_string();
        let own = of_model(&name, &source, &asked)?;
        let domain = domain.get_or_insert_with(|| Arc::clone(&own));
        if own.id() != domain.id() {
            return Err(Usage(format!(
                "--run {name}: was trained on {}, and the first run on {}; expected runs on the same data, or --data",
                own.name(),
                domain.name()
            ))
            .into());
        }
        subject::check(&name, &source, domain.as_ref(), arguments.count.get())?;
        if runs.iter().any(|run| run.name == name) {
            return Err(Usage(format!("--run {name}: is given twice")).into());
        }
        let trained_on = source.trained_on().map(str::to_owned);
        let objective = source.objective();
        runs.push(Trained {
            name,
            id: source.id,
            seed: source.run.as_ref().map(|run| run.config.seed),
            trained_on,
            objective,
            model: source.model,
            sampling: sampling(arguments, &source.sampling)?,
            relaxation: source.relaxation,
        });
    }
    let domain = domain.ok_or_else(|| Usage("--run: expected a run or a model".to_owned()))?;
    Ok((runs, domain))
}

/// How exact equilibria are sampled: as the run does, but for what is asked for.
///
/// # Errors
/// Where that makes no flow.
fn sampling(arguments: &QualityArgs, run: &SamplingConfig) -> Result<SamplingConfig> {
    let generation = &arguments.generation;
    let asked = AskedFlow {
        // Where neither is given, times are those of the objective, beyond the end of the run's flow.
        until: (arguments.times.last().copied()).or(generation.until),
        // Of chips; the flow beside has steps of its own.
        steps: None,
        ..generation.asked_of_several()
    };
    Ok(run.asked(&asked)?)
}

/// What decides how long flows are: of models with several objectives the one that takes longest.
fn objective(runs: &[Trained]) -> ObjectiveKind {
    let objectives = runs.iter().map(|run| run.objective);
    let mut late = objectives.filter(|objective| objective.rest().is_some());
    late.next().unwrap_or_default()
}

fn axes(arguments: &QualityArgs, objective: ObjectiveKind) -> Result<Axes> {
    let generation = &arguments.generation;
    if arguments.chips.is_empty() {
        generation.without_chip()?;
    }
    let modes = generation.modes(!arguments.chips.is_empty());
    generation.check_noise_gain(&modes)?;
    let times = if arguments.times.is_empty() {
        default_times(generation.until, objective)
    } else {
        arguments.times.clone()
    };
    if !times.is_sorted_by(|a, b| a < b) {
        return Err(Usage(format!("--times {times:?}: expected ascending flow times")).into());
    }
    let until = times.last().copied().unwrap_or_default();
    let chips = arguments.chips.iter().map(|reference| {
        let spec = OnChipArgs::spec(reference, &arguments.overrides)?;
        let design = spec.design();
        generation.noise_ramp().check(&design)?;
        Ok(ChipDesign {
            name: design.name.clone(),
            overrides: arguments.overrides.clone(),
            design,
        })
    });
    let chips = chips.collect::<Result<Vec<_>>>()?;
    if let Some(twice) =
        (1..chips.len()).find(|&i| chips[..i].iter().any(|c| c.name == chips[i].name))
    {
        let reason = format!("--chip {}: two chips of this name", chips[twice].name);
        return Err(Usage(reason).into());
    }
    Ok(Axes {
        chips,
        modes,
        warm: generation.warm.warm(),
        settle: generation.settle.clone(),
        steps: steps(generation, until),
        ratios: generation.ratios.clone(),
        presettle: generation.presettle,
        noise: generation.noise_ramp(),
        transients: generation.transients.generating(),
        times,
    })
}

/// Numbers of steps of x up to the last time, of stepped and clamped chips.
fn steps(generation: &GenerationArgs, until: f64) -> Vec<usize> {
    if let Some(step) = generation.step {
        #[expect(clippy::cast_sign_loss, reason = "times and steps are above 0")]
        return vec![(until / step).ceil() as usize];
    }
    generation.steps.iter().map(|steps| steps.get()).collect()
}

/// Says of every setting from when on its samples are out of the range of images: neither loss nor residuals show it.
fn say_out_of_range(document: &Quality) {
    for band in &document.bands {
        // Before the data are reached, samples are noise for a part.
        let arrived = band.points.iter().filter(|point| point.flow_time >= 1.0);
        let mut out =
            arrived.filter(|point| point.reach.is_some_and(|reach| reach.is_out_of_range()));
        let Some(first) = out.next() else {
            continue;
        };
        if let Some(reach) = out.next_back().unwrap_or(first).reach {
            tracing::warn!(
                "{}: samples leave the range of images from t = {} on; in the end {reach}",
                band.label,
                first.flow_time
            );
        }
    }
}

fn document(arguments: &QualityArgs, bench: &Bench<'_>, measured: &Measured) -> Result<Quality> {
    let bands = bands(&measured.curves);
    let decisive = bench.reference.decisive();
    let judged = bench.domain.classes().is_some();
    let ideal = bands.iter().find(|band| band.mode == Mode::Ideal);
    let best = ideal.and_then(|ideal| ideal.best.get(decisive));
    let digital = best.map(|best| Digital::measure(&bench.runs[0], best.flow_time));
    Ok(Quality {
        schema: Quality::SCHEMA.to_owned(),
        command: gradep_core::run_dir::command_line(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        track: bench.domain.track().name().to_owned(),
        n: arguments.count.get(),
        headline: headline(judged).into_iter().map(str::to_owned).collect(),
        domain: bench.domain.id().map(|_| bench.domain.about()),
        runs: bench.runs.iter().map(Into::into).collect(),
        curves: measured.curves.clone(),
        pareto: Pareto::of(&bands),
        bands,
        baselines: BaselineLine::all(bench.reference, bench.domain, bench.samples)?,
        digital: digital.transpose()?,
        samples: SAMPLES.to_owned(),
    })
}

fn write(folder: &Path, document: &Quality, measured: &Measured) -> Result<()> {
    results::write(document, folder)?;
    write_npz(&folder.join(SAMPLES), |arrays| {
        for (index, samples) in measured.samples.iter().enumerate() {
            arrays.add(&index.to_string(), samples)?;
        }
        Ok(())
    })?;
    for (name, abscissa) in [
        ("quality", Abscissa::Seconds),
        ("quality-flow", Abscissa::FlowTime),
        ("quality-tau", Abscissa::Relaxation),
        ("quality-joules", Abscissa::Joules),
    ] {
        let figure = QualityTime { document, abscissa };
        if figure.is_drawable() {
            for ending in ["svg", "png"] {
                figure.write(&folder.join(name).with_extension(ending))?;
            }
        }
    }
    let flow = QualityTime {
        document,
        abscissa: Abscissa::FlowTime,
    };
    for ending in ["svg", "png"] {
        let path = folder.join("quality-distance").with_extension(ending);
        flow.write_decisive(&path)?;
    }
    if !document.pareto.seconds.is_empty() {
        for ending in ["svg", "png"] {
            let figure = QualityFront { document };
            figure.write(&folder.join("quality-front").with_extension(ending))?;
        }
    }
    Ok(())
}
