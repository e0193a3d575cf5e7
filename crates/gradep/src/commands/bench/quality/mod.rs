//! `gradep bench quality`.

mod table;

use super::{say_interrupted, subject};
use crate::{
    Exit,
    cli::{GlobalArgs, OnChipArgs, QualityArgs},
    commands::{long::announce, print_json, sample::Source},
    failure::{Context as _, Failure, Result, Usage},
    progress::ShareProgress,
    signals::StopFlag,
};
use analog_substrate::chip::TransientSettings;
use bench_hw::{
    domain::Digits,
    generation::Mode,
    metrics::{Reference, headline},
    quality::{
        Axes, BaselineLine, Bench, ChipDesign, DEFAULT_TIMES, Digital, Document, Measured, Pareto,
        QualityError, SCHEMA, Store, Trained, bands, default_times,
    },
    sweep::LOCK,
};
use gradep_core::files::{
    FolderLock, Inventory, first_entry, make_folder, read_document, sealed_json, unsealed,
    write_atomically, write_npz,
};
use hw_report::figure::{Abscissa, QualityFront, QualityTime};
use std::{
    io::Write as _,
    path::{Path, PathBuf},
};
use table::print_table;
use units::budget::check_trials;

/// The file that says what a folder is the result of.
const PLAN: &str = "plan.json";
const SAMPLES: &str = "samples.npz";

/// Measures quality against time and writes numbers and figures.
pub(in crate::commands) fn quality(arguments: &QualityArgs, global: &GlobalArgs) -> Result<Exit> {
    let runs = runs(arguments)?;
    let settings = axes(arguments)?.settings();
    let each = arguments.seeds.get() as f64 * arguments.chips_of_each.get() as f64;
    let curves = each * (settings.len() * runs.len()) as f64;
    check_trials("--run, --chip, --seeds, --chips", (curves, "curves"))?;
    let domain = Digits {
        track: arguments.track.into(),
    };
    let reference = Reference::of(&domain);
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
    let _held = claim(&folder, &id, &runs)?;
    let store = Store::open(&folder.join("cells"))?;
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
    Inventory::write_all(&folder, LOCK)
        .with_context(|| format!("{}: cannot be written", folder.display()))?;
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

fn runs(arguments: &QualityArgs) -> Result<Vec<Trained>> {
    let mut runs: Vec<Trained> = Vec::new();
    for path in &arguments.runs {
        let source = Source::read(path)?;
        let name = path.display().to_string();
        subject::check(
            &name,
            &source,
            &Digits {
                track: arguments.track.into(),
            },
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

fn axes(arguments: &QualityArgs) -> Result<Axes> {
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

/// Makes the folder and holds it, or checks that what is in it is an earlier part of the same result.
fn claim(folder: &Path, id: &str, runs: &[Trained]) -> Result<FolderLock> {
    let plan = folder.join(PLAN);
    let models: Vec<&str> = runs.iter().map(|run| run.id.as_str()).collect();
    let document = serde_json::json!({"schema": SCHEMA, "id": id, "models": models});
    let text = sealed_json(&document).map_err(Failure::of_the_machine)?;
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |cause| QualityError::File { path, cause }
    };
    let vacant = first_entry(folder, LOCK).map_err(failed(folder))?.is_none();
    let found = read_document(&plan).ok();
    if !vacant && found.as_ref() != Some(&text) {
        let found = found.unwrap_or_default();
        let found: serde_json::Value =
            serde_json::from_slice(&unsealed(&plan, &found)?).unwrap_or_default();
        let other = if found["models"].is_array() && found["models"] != document["models"] {
            format!(
                " (of the models {}, these are {})",
                found["models"], document["models"]
            )
        } else {
            String::new()
        };
        let reason = format!(
            "{}: holds something else than an earlier part of this result{other}; expected another --out, \
             or the command that began it",
            folder.display()
        );
        return Err(Usage(reason).into());
    }
    make_folder(folder).map_err(failed(folder))?;
    let held = FolderLock::take(folder, LOCK)?;
    Inventory::remove(folder).map_err(failed(folder))?;
    write_atomically(&plan, |file| file.write_all(&text)).map_err(failed(&plan))?;
    Ok(held)
}

fn document(arguments: &QualityArgs, bench: &Bench<'_>, measured: &Measured) -> Result<Document> {
    let bands = bands(&measured.curves);
    let ideal = bands.iter().find(|band| band.mode == Mode::Ideal);
    let best = ideal.and_then(|ideal| ideal.best.get("fd_features"));
    let digital = best.map(|best| Digital::measure(&bench.runs[0], best.flow_time));
    Ok(Document {
        schema: SCHEMA,
        command: gradep_core::run_dir::command_line(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        track: arguments.track.name().to_owned(),
        n: arguments.count.get(),
        headline: headline(true),
        domain: None,
        runs: bench.runs.iter().map(Into::into).collect(),
        curves: measured.curves.clone(),
        pareto: Pareto::of(&bands),
        bands,
        baselines: BaselineLine::all(
            bench.reference,
            &Digits {
                track: arguments.track.into(),
            },
            bench.samples,
        )?,
        digital: digital.transpose()?,
        samples: SAMPLES,
    })
}

fn write(folder: &Path, document: &Document, measured: &Measured) -> Result<()> {
    document.write_json(&folder.join("quality.json"))?;
    document.write_csv(&folder.join("quality.csv"))?;
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
