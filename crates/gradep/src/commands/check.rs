//! `gradep check`.

use super::print_json;
use crate::{
    Exit,
    cli::{CheckGradientArgs, Precision},
};
use gradep_core::{
    config::{Config, DEFAULT_PRESET},
    data::Dataset,
    files::Model,
    oracle::{self, AsTrained, CheckPlan, GradientTable, check_batch, gradient_table},
    run::{read_model, trained_model},
    trainer::initial_couplings,
};
use std::io::{self, Write as _};

/// Prints the table of estimates against the exact gradient.
pub(super) fn gradient(arguments: &CheckGradientArgs) -> anyhow::Result<Exit> {
    let Subject {
        model,
        images,
        as_trained,
    } = Subject::read(arguments)?;
    let batch = check_batch(images, arguments.samples.get(), arguments.seed)?;
    let plan = CheckPlan {
        as_trained,
        nudges: arguments.nudges.clone(),
        phases: vec![arguments.phases],
        budgets: arguments.budgets.clone(),
        precisions: arguments
            .precisions
            .iter()
            .map(|&precision| of(precision))
            .collect(),
        betas: arguments.betas.clone(),
        linear_range: (arguments.linear_range > 0.0).then_some(arguments.linear_range),
        ..CheckPlan::default()
    };
    let table = gradient_table(&model, &batch, &plan)?;
    if arguments.json {
        print_json(&table)?;
    } else {
        print(&table)?;
    }
    Ok(Exit::Success)
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
    fn read(arguments: &CheckGradientArgs) -> anyhow::Result<Self> {
        let default = Config::preset(DEFAULT_PRESET)?;
        let (config, model) = match (&arguments.model, &arguments.run) {
            (Some(path), _) => (default, Model::<f64>::read(path)?),
            (None, Some(root)) => {
                let (config, model) = read_model(root)?;
                (config, in_double(&model))
            }
            (None, None) => {
                let couplings = initial_couplings(&default.network, arguments.seed);
                let model = trained_model(&default, couplings);
                (default, in_double(&model))
            }
        };
        let images = Dataset::load(&config.data)?.images().clone();
        let (pixels, visible) = (images.ncols(), model.couplings.layers().visible());
        anyhow::ensure!(
            pixels == visible,
            "the model has {visible} visible nodes, the images {pixels} pixels; name its run with --run"
        );
        Ok(Self {
            model,
            images,
            as_trained: arguments.model.is_none().then(|| AsTrained::of(&config)),
        })
    }
}

fn in_double(model: &Model<f32>) -> Model<f64> {
    Model {
        couplings: model.couplings.cast(),
        activation: model.activation,
        cell: model.cell,
        spring_stiffness: model.spring_stiffness,
        output_scale: model.output_scale,
    }
}

fn of(precision: Precision) -> oracle::Precision {
    match precision {
        Precision::F32 => oracle::Precision::F32,
        Precision::F64 => oracle::Precision::F64,
    }
}

fn print(table: &GradientTable) -> io::Result<()> {
    let mut out = io::stdout();
    writeln!(
        out,
        "{} samples, loss {:.4}, |gradient| {:.4}, smallest curvature {:.4}; {} left out (no minimum found)",
        table.samples, table.loss, table.gradient_norm, table.smallest_curvature, table.left_out
    )?;
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
    for row in &table.rows {
        let predicted = row
            .predicted_norm_ratio
            .map_or("-".to_owned(), |p| format!("{p:.5}"));
        writeln!(
            out,
            "{:<10} {:<11} {:<20} {:<4} {:>8e} {:>9.1e} {:>11.7} {:>11.6} {predicted:>10} {:>9.1}%{}{}",
            name(&row.nudge),
            name(&row.phases),
            row.budget.to_string(),
            name(&row.precision),
            row.beta,
            row.beta * row.nudge_share,
            row.agreement.cosine,
            row.agreement.norm_ratio,
            100.0 * row.unsettled,
            if row.as_trained { "  as trained" } else { "" },
            row.refusal
                .as_ref()
                .map(|why| format!("  refused: {why}"))
                .unwrap_or_default(),
        )?;
    }
    Ok(())
}

/// The name of an enum's value in files.
fn name(value: &impl serde::Serialize) -> String {
    serde_json::to_value(value)
        .ok()
        .and_then(|value| value.as_str().map(str::to_owned))
        .unwrap_or_default()
}
