//! `gradep bench quality`.

mod table;

use super::{say_interrupted, subject};
use crate::{
    Exit,
    cli::{GlobalArgs, OnChipArgs, QualityArgs},
    commands::{long::announce, print_json, sample::Source},
    exit::Usage,
    progress::ShareProgress,
    signals::StopFlag,
};
use analog_substrate::{budget::check_trials, chip::TransientSettings};
use bench_hw::{
    generation::Mode,
    metrics::Reference,
    quality::{
        Axes, BaselineLine, Bench, ChipDesign, DEFAULT_TIMES, Digital, Measured, Pareto, Quality,
        QualityError, Trained, bands, default_times,
    },
    results::{self, ResultFile as _},
    store::Store,
};
use gradep_core::files::write_npz;
use hw_report::figure::{Abscissa, QualityFront, QualityTime};
use std::path::{Path, PathBuf};
use table::print_table;

const SAMPLES: &str = "samples.npz";

/// Measures quality against time and writes numbers and figures.
pub(in crate::commands) fn quality(
    arguments: &QualityArgs,
    global: &GlobalArgs,
) -> anyhow::Result<Exit> {
    let runs = runs(arguments)?;
    let settings = axes(arguments)?.settings();
    let each = arguments.seeds.get() as f64 * arguments.chips_of_each.get() as f64;
    let curves = each * (settings.len() * runs.len()) as f64;
    check_trials("--run, --chip, --seeds, --chips", (curves, "curves"))?;
    let reference = Reference::of(arguments.track.into());
    let bench = Bench {
        runs: &runs,
        settings: &settings,
        sampling_seeds: (0..arguments.seeds.get() as u64).collect(),
        chip_seeds: (0..arguments.chips_of_each.get() as u64).collect(),
        samples: arguments.count.get(),
        reference: &reference,
        track: arguments.track.name(),
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
    if arguments.json {
        print_json(&document)?;
    } else {
        print_table(&document, &folder)?;
    }
    Ok(Exit::Success)
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

fn runs(arguments: &QualityArgs) -> anyhow::Result<Vec<Trained>> {
    let mut runs: Vec<Trained> = Vec::new();
    for path in &arguments.runs {
        let source = Source::read(path)?;
        let name = path.display().to_string();
        subject::check(
            &name,
            &source,
            arguments.track.into(),
            arguments.count.get(),
        )?;
        if runs.iter().any(|run| run.name == name) {
            return Err(Usage(format!("--run {name}: is given twice")).into());
        }
        let trained_on = source.trained_on().map(str::to_owned);
        runs.push(Trained {
            name,
            id: source.id,
            seed: source.run.as_ref().map(|(seed, _)| *seed),
            trained_on,
            model: source.model,
            sampling: source.sampling,
            relaxation: source.relaxation,
        });
    }
    Ok(runs)
}

fn axes(arguments: &QualityArgs) -> anyhow::Result<Axes> {
    let mut modes: Vec<Mode> = arguments.modes.iter().copied().map(Mode::from).collect();
    if modes.is_empty() && !arguments.chips.is_empty() {
        modes.push(Mode::Free);
    }
    if let Some(mode) = modes.iter().find(|mode| **mode != Mode::Ideal)
        && arguments.chips.is_empty()
    {
        let reason = format!("--mode {}: needs a chip; expected --chip SPEC", mode.name());
        return Err(Usage(reason).into());
    }
    let times = if arguments.times.is_empty() {
        default_times(
            arguments
                .until
                .unwrap_or(DEFAULT_TIMES[DEFAULT_TIMES.len() - 1]),
        )
    } else {
        arguments.times.clone()
    };
    if !times.is_sorted_by(|a, b| a < b) {
        return Err(Usage(format!("--times {times:?}: expected ascending flow times")).into());
    }
    let chips = arguments.chips.iter().map(|reference| {
        let spec = OnChipArgs::spec(reference, &arguments.overrides)?;
        let design = spec.design();
        Ok(ChipDesign {
            name: design.name.clone(),
            overrides: arguments.overrides.clone(),
            design,
        })
    });
    let chips = chips.collect::<anyhow::Result<Vec<_>>>()?;
    if let Some(twice) =
        (1..chips.len()).find(|&i| chips[..i].iter().any(|c| c.name == chips[i].name))
    {
        let reason = format!("--chip {}: two chips of this name", chips[twice].name);
        return Err(Usage(reason).into());
    }
    Ok(Axes {
        chips,
        modes,
        warm: arguments.warm.warm(),
        settle: arguments.settle.clone(),
        steps: arguments.steps.iter().map(|steps| steps.get()).collect(),
        ratios: arguments.ratios.clone(),
        presettle: arguments.presettle,
        transients: TransientSettings {
            step: arguments.time_step,
            ..TransientSettings::default()
        },
        times,
    })
}

fn document(
    arguments: &QualityArgs,
    bench: &Bench<'_>,
    measured: &Measured,
) -> anyhow::Result<Quality> {
    let bands = bands(&measured.curves);
    let ideal = bands.iter().find(|band| band.mode == Mode::Ideal);
    let best = ideal.and_then(|ideal| ideal.best.get("fd_features"));
    let digital = best.map(|best| Digital::measure(&bench.runs[0], best.flow_time));
    Ok(Quality {
        schema: Quality::SCHEMA.to_owned(),
        command: gradep_core::run_dir::command_line(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        track: arguments.track.name().to_owned(),
        n: arguments.count.get(),
        headline: bench_hw::quality::HEADLINE.map(str::to_owned).to_vec(),
        runs: bench.runs.iter().map(Into::into).collect(),
        curves: measured.curves.clone(),
        pareto: Pareto::of(&bands),
        bands,
        baselines: BaselineLine::all(bench.reference, arguments.track.into(), bench.samples)?,
        digital: digital.transpose()?,
        samples: SAMPLES.to_owned(),
    })
}

fn write(folder: &Path, document: &Quality, measured: &Measured) -> anyhow::Result<()> {
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
    if !document.pareto.seconds.is_empty() {
        for ending in ["svg", "png"] {
            let figure = QualityFront { document };
            figure.write(&folder.join("quality-front").with_extension(ending))?;
        }
    }
    Ok(())
}
