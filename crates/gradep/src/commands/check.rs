//! `gradep check`.

mod on_chip;

use super::print_json;
use crate::{
    Exit,
    cli::{CheckGradientArgs, GlobalArgs, Precision, RunOrModel},
    console,
    failure::{Result, Usage, ensure},
};
use analog_substrate::NudgeKind;
use gradep_core::{
    config::{Config, DEFAULT_PRESET},
    data::Dataset,
    files::{Model, Stated},
    oracle::{self, AsTrained, CheckPlan, GradientRow, GradientTable, check_batch, gradient_table},
    run::{read_data, read_model, trained_model},
    trainer::initial_couplings,
};
use std::io::{self, Write as _};
use units::words::counted;

/// Prints the table of estimates against the exact gradient.
pub(super) fn gradient(arguments: &CheckGradientArgs, global: &GlobalArgs) -> Result<Exit> {
    let Subject {
        model,
        images,
        as_trained,
    } = Subject::read(arguments)?;
    if let Some(reference) = &arguments.chip {
        return on_chip::gradient(arguments, reference, &model.cast(), &images, global.quiet);
    }
    let batch = check_batch(images, arguments.samples.get(), arguments.seed)?;
    let plan = CheckPlan {
        as_trained,
        nudges: or_default(&arguments.nudges, &NUDGES),
        phases: vec![arguments.phases],
        budgets: arguments.budgets.clone(),
        precisions: arguments
            .precisions
            .iter()
            .map(|&precision| of(precision))
            .collect(),
        betas: or_default(&arguments.betas, &BETAS),
        linear_range: (arguments.linear_range > 0.0).then_some(arguments.linear_range),
        ..CheckPlan::default()
    };
    let table = gradient_table(&model, &batch, &plan)?;
    if arguments.json {
        print_json(&table)?;
    } else {
        print(&table, arguments.all)?;
    }
    Ok(Exit::Success)
}

/// Kinds of nudge, unless told otherwise.
const NUDGES: [NudgeKind; 2] = [NudgeKind::Quadratic, NudgeKind::Tilt];
/// Strengths of a nudge at exact equilibria, unless told otherwise.
const BETAS: [f64; 5] = [1e-5, 1e-4, 1e-3, 1e-2, 1e-1];

/// What was given, or what stands for nothing.
fn or_default<T: Copy>(given: &[T], default: &[T]) -> Vec<T> {
    if given.is_empty() { default } else { given }.to_vec()
}

/// What is checked.
struct Subject {
    model: Model<f64>,
    /// The images of its training.
    images: ndarray::Array2<f32>,
    /// How it is trained, as far as is known: a model file does not say.
    as_trained: Option<AsTrained>,
}

impl Subject {
    fn read(arguments: &CheckGradientArgs) -> Result<Self> {
        let default = Config::preset(DEFAULT_PRESET)?;
        let mut images = None;
        let source = arguments.model.as_ref().or(arguments.run.as_ref());
        let (config, model) = match source {
            Some(source) if source.is_directory() => {
                let (config, model) = read_model(source.path())?;
                images = Some(read_data(source.path(), &config)?);
                (config, model.cast())
            }
            Some(source) => (default, source.read(&Stated::default())?),
            None => {
                let couplings = initial_couplings(&default.network, arguments.seed);
                let model = trained_model(&default, couplings);
                (default, model.cast())
            }
        };
        let images = match images {
            Some(images) => images,
            None => Dataset::load(&config.data)?,
        };
        let images = images.visible_nodes(model.beside_pixels())?;
        let (pixels, visible) = (images.ncols(), model.couplings.layers().visible());
        ensure!(
            pixels == visible,
            Usage(format!(
                "the model has {visible} visible nodes, the images have {pixels}; name its run with --run"
            ))
        );
        Ok(Self {
            model,
            images,
            as_trained: source
                .is_none_or(RunOrModel::is_directory)
                .then(|| AsTrained::of(&config)),
        })
    }
}

fn of(precision: Precision) -> oracle::Precision {
    match precision {
        Precision::F32 => oracle::Precision::F32,
        Precision::F64 => oracle::Precision::F64,
    }
}

/// |estimate − exact|/|exact| up to which an estimate is said to agree: a choice, printed beside the
/// numbers that it judges.
const AGREES: f64 = 0.01;
/// And up to which it is said to be near: in direction within 6 degrees.
const IS_NEAR: f64 = 0.1;

fn print(table: &GradientTable, all: bool) -> io::Result<()> {
    let mut out = console::text();
    writeln!(out, "{}", verdict(table))?;
    writeln!(
        out,
        "{}, loss {:.4}, |gradient| {:.4}, smallest curvature {:.4}; {} left out (no minimum found)",
        counted(table.samples, "sample"),
        table.loss,
        table.gradient_norm,
        table.smallest_curvature,
        table.left_out
    )?;
    let is_shown = |row: &&GradientRow| all || row.as_trained || row.refusal.is_none();
    let shown: Vec<&GradientRow> = table.rows.iter().filter(is_shown).collect();
    if !shown.is_empty() {
        writeln!(
            out,
            "{:<10} {:<11} {:<20} {:<4} {:>8} {:>9} {:>11} {:>11} {:>10} {:>10}",
            "nudge",
            "phases",
            "solver",
            "type",
            "beta",
            "mean used",
            "cosine",
            "norm ratio",
            "predicted",
            "unsettled"
        )?;
    }
    for row in &shown {
        print_row(row, &mut out)?;
    }
    let hidden = table.rows.len() - shown.len();
    if hidden > 0 {
        writeln!(
            out,
            "{} of {} estimates would be refused in training and are not shown; --all shows them",
            hidden,
            table.rows.len()
        )?;
    }
    Ok(())
}

/// Whether an estimate agrees, and which one comes nearest: that of training where there is one.
fn verdict(table: &GradientTable) -> String {
    let usable = table.rows.iter().filter(|row| row.refusal.is_none());
    let error = |row: &GradientRow| row.agreement.relative_error();
    let known = usable.filter(|row| error(row).is_finite());
    let best = known.min_by(|a, b| error(a).total_cmp(&error(b)));
    let trained = table.rows.iter().find(|row| row.as_trained);
    let nearest = best.map_or_else(String::new, |row| format!("nearest {}", place(row)));
    match (trained, best) {
        (Some(row), _) if row.refusal.is_none() => {
            format!(
                "as trained, {}: {}; {nearest}",
                grade(error(row)),
                figures(row)
            )
        }
        (Some(row), Some(_)) => format!(
            "as trained, refused: {}; {nearest}",
            row.refusal.as_deref().unwrap_or_default()
        ),
        (None, Some(row)) => format!("{}: {nearest}", grade(error(row))),
        (_, None) => format!(
            "no estimate can be used: all {} would be refused in training",
            table.rows.len()
        ),
    }
}

fn grade(error: f64) -> &'static str {
    if error <= AGREES {
        "the estimate agrees with the exact gradient"
    } else if error <= IS_NEAR {
        "the estimate is near the exact gradient"
    } else {
        "the estimate does not agree with the exact gradient"
    }
}

/// Which estimate it is, and how near.
fn place(row: &GradientRow) -> String {
    format!(
        "at beta {:e} ({}, {}, {}, {}): {}",
        row.beta,
        name(&row.nudge),
        name(&row.phases),
        row.budget,
        name(&row.precision),
        figures(row)
    )
}

fn figures(row: &GradientRow) -> String {
    let agreement = &row.agreement;
    let norm = if agreement.norm_ratio < 10.0 {
        format!("off by {:+.2} %", 100.0 * (agreement.norm_ratio - 1.0))
    } else {
        format!("{:.1e} times as long", agreement.norm_ratio)
    };
    format!("cosine {:.6}, norm {norm}", agreement.cosine)
}

fn print_row(row: &GradientRow, out: &mut impl io::Write) -> io::Result<()> {
    let predicted = row
        .predicted_norm_ratio
        .map_or("-".to_owned(), |p| format!("{p:.5}"));
    writeln!(
        out,
        "{:<10} {:<11} {:<20} {:<4} {:>8e} {:>9.1e} {:>11.7} {:>11} {predicted:>10} {:>9.1}%{}{}",
        name(&row.nudge),
        name(&row.phases),
        row.budget.to_string(),
        name(&row.precision),
        row.beta,
        row.beta * row.nudge_share,
        row.agreement.cosine,
        ratio(row.agreement.norm_ratio),
        100.0 * row.unsettled,
        if row.as_trained { "  as trained" } else { "" },
        row.refusal
            .as_ref()
            .map(|why| format!("  refused: {why}"))
            .unwrap_or_default(),
    )
}

/// A ratio near 1 with six decimals; one that a phase which ran away has made huge by its size alone.
fn ratio(value: f64) -> String {
    if value < 1e4 {
        format!("{value:.6}")
    } else {
        format!("{value:.2e}")
    }
}

/// The name of an enum's value in files.
fn name(value: &impl serde::Serialize) -> String {
    serde_json::to_value(value)
        .ok()
        .and_then(|value| value.as_str().map(str::to_owned))
        .unwrap_or_default()
}
