//! `gradep check gradient --chip`.

use crate::{
    Exit,
    cli::{CheckGradientArgs, OnChipArgs},
    commands::{long::announce, print_json},
    console,
    failure::{Result, Usage, ensure},
    progress::ShareProgress,
};
use analog_substrate::{
    chip::{Die, TransientSettings},
    hw_spec::VisibleNodes,
};
use gradep_core::{
    files::Model,
    objective::Examples,
    oracle::{ChipCheck, ChipTable, ChipWay},
};
use std::io::{self, Write as _};
use units::Unit;

/// Residual of the exact gradient's free phase, in g_unit·V_unit, above which a sample still moves: a hundredth of that at which a
/// noiseless chip's samples count as settled.
const MOST_RESIDUAL: f64 = 0.01 * TransientSettings::SETTLED_BELOW;

/// Prints what single estimates of a chip are worth, in every way asked for.
pub(super) fn gradient(
    arguments: &CheckGradientArgs,
    reference: &str,
    model: &Model<f32>,
    batch: &Examples,
    quiet: bool,
) -> Result<Exit> {
    let asked = &arguments.on_chip;
    ensure!(
        asked.repeats >= 2,
        Usage(format!(
            "--repeats {}: one estimate has no variance; expected 2 or more",
            asked.repeats
        ))
    );
    let spec = OnChipArgs::spec_with(reference, &asked.overrides, Some(VisibleNodes::Springs))?;
    let design = spec.design();
    let mut ways = Vec::new();
    for free in &asked.free {
        for nudged in &asked.nudged {
            ways.extend(asked.ranges.iter().map(|&range| ChipWay {
                range,
                free: free.time_constants(&design),
                nudged: nudged.time_constants(&design),
            }));
        }
    }
    let check = ChipCheck {
        model,
        design: &design,
        die: Die {
            seed: asked.chip_seed,
            number: asked.chip_number,
        },
        batch,
        step: asked.time_step,
        repeats: asked.repeats as usize,
        seed: arguments.seed,
    };
    let tau: f64 = ways.iter().map(|way| way.free + 2.0 * way.nudged).sum();
    let steps = f64::from(asked.repeats) * tau / asked.time_step;
    let (samples, layers) = (batch.anchor.nrows(), model.couplings.layers());
    announce(steps, "integrator steps", samples, layers);
    let mut progress = ShareProgress::start(quiet);
    let table = check.table(&ways, |share| progress.update(share, "estimating"));
    progress.finish();
    let table = table?;
    if table.residual > MOST_RESIDUAL {
        tracing::warn!(
            "the gradient that estimates are held against is not exact: a sample is {:.1e} g_unit V_unit from its equilibrium after \
             400 tau",
            table.residual
        );
    }
    if arguments.json {
        print_json(&table)?;
    } else {
        print(&table)?;
    }
    Ok(Exit::Success)
}

fn print(table: &ChipTable) -> io::Result<()> {
    let mut out = console::text();
    writeln!(
        out,
        "{}: {} estimates of {} samples in each way; exact gradient of this chip without noise: norm {:.4}, residual {:.1e}",
        table.chip, table.repeats, table.samples, table.gradient_norm, table.residual
    )?;
    writeln!(
        out,
        "{:>8} {:>12} {:>18} {:>8} {:>10} {:>8} {:>8} {:>8} {:>10} {:>10} {:>8}",
        "range",
        "free:nudged",
        "cosine",
        "norm",
        "of mean",
        "noise",
        "bias",
        "signs",
        "time",
        "energy",
        "refused"
    )?;
    for row in &table.rows {
        writeln!(
            out,
            "{:>8} {:>12} {:>18} {:>8.4} {:>10.5} {:>8.4} {:>8.4} {:>8.4} {:>10} {:>10} {:>8}",
            row.way.range,
            format!("{}:{}", row.way.free, row.way.nudged),
            format!("{:.5} +- {:.5}", row.single.cosine, row.cosine_error),
            row.single.norm_ratio,
            row.mean.cosine,
            row.noise,
            row.bias,
            row.right_signs,
            Unit::Second.show(row.seconds, 3),
            Unit::Joule.show(row.joules, 3),
            row.refused
        )?;
    }
    for row in table.rows.iter().filter(|row| row.refused > 0) {
        let why = row.refusal.as_deref().unwrap_or_default();
        writeln!(
            out,
            "range {}: {} of {} would be refused: {why}",
            row.way.range, row.refused, table.repeats
        )?;
    }
    Ok(())
}
