//! `gradep bench inpaint`.

use super::conditional::Subject;
use crate::{
    Exit,
    cli::{GlobalArgs, InpaintArgs},
    commands::{long::announce, print_json},
    console,
    failure::{Result, Usage, ensure},
    progress::ShareProgress,
    signals::StopFlag,
};
use bench_hw::{
    conditional::{ConditionalNormal, FillScore, Inpainting, Mask, nearest_fills, normal_fills},
    generation::check_size,
};
use ndarray::s;
use serde::Serialize;
use std::{io::Write as _, num::NonZeroUsize};
use units::budget::check_memory;

/// Images of a task unless told otherwise: as many as the half of the digits has.
const MOST_IMAGES: usize = 898;

/// Copies of all draws that are in the memory at once: four ways to fill in have as many, and one is being clamped.
const KEPT: f64 = 5.0;

#[derive(Serialize)]
struct Document {
    schema: &'static str,
    model: String,
    on: String,
    flow_time: f64,
    images: usize,
    of: String,
    draws: usize,
    seed: u64,
    /// Names of the columns of every `accuracy`.
    classifiers: Vec<&'static str>,
    masks: Vec<OfMask>,
}

#[derive(Serialize)]
struct OfMask {
    mask: Mask,
    fills: Vec<FillScore>,
}

/// Fills in images that were kept from training and prints what that is worth.
pub(in crate::commands) fn inpaint(arguments: &InpaintArgs, global: &GlobalArgs) -> Result<Exit> {
    let subject = Subject::read(&arguments.common)?;
    let (training, others) = subject.images()?;
    let model = &subject.source.model;
    let (pixels, found) = (model.pixels(), others.images().ncols());
    ensure!(
        pixels == found,
        Usage(format!(
            "{}: generates {pixels} pixels, and {} has {found}; expected a model of these images",
            subject.name,
            others.name()
        ))
    );
    let all = others.images().nrows();
    let count = arguments
        .count
        .map_or(MOST_IMAGES.min(all), NonZeroUsize::get);
    ensure!(
        count <= all,
        Usage(format!(
            "--count {count}: {} has {all} images",
            others.name()
        ))
    );
    check_size(model, &subject.condition, count)?;
    let draws = arguments.draws.get();
    check_memory(
        || format!("{draws} draws of {count} images of {pixels} pixels"),
        KEPT * (draws as f64) * (count * pixels * size_of::<f64>()) as f64,
        "draw fewer (--draws)",
    )?;
    let truth = others.images().slice(s![..count, ..]).mapv(f64::from);
    let labels = others.labels().map(|labels| &labels[..count]);
    let train = training.images().mapv(f64::from);
    let fit = ConditionalNormal::fit(train.view());
    let (classifiers, judges) = subject.judges();
    let chip = subject.chip();
    let design = chip.as_ref().map(|chip| chip.design);
    let steps = subject.condition.steps(design, model.output_scale);
    let relaxed = count * draws * arguments.masks.len();
    announce(
        steps,
        "steps of each draw",
        relaxed,
        model.couplings.layers(),
    );
    let mut progress = ShareProgress::start(global.quiet);
    let stop = StopFlag::install()?;
    let mut masks = Vec::new();
    for (number, &mask) in arguments.masks.iter().enumerate() {
        let known = mask.known(others.shape(), count, arguments.common.seed);
        let task = Inpainting {
            truth: &truth,
            known: &known,
            draws,
            seed: arguments.common.seed,
        };
        let by_model = task.by_model(model, chip.as_ref(), &subject.condition, |share| {
            let share = (number as f64 + share) / arguments.masks.len() as f64;
            progress.update(share, mask.name());
            !stop.is_set()
        })?;
        let Some(by_model) = by_model else {
            progress.finish();
            console::note("interrupted; nothing was written");
            return Ok(Exit::Interrupted);
        };
        let [mean, centre, drawn] = normal_fills(&task, &fit);
        let fills = [by_model, mean, centre, drawn, nearest_fills(&task, &train)];
        let fills = fills
            .iter()
            .map(|fill| fill.score(&truth, &known, labels, &judges));
        masks.push(OfMask {
            mask,
            fills: fills.collect(),
        });
    }
    progress.finish();
    let document = Document {
        schema: "gradep-inpaint-1",
        model: subject.name.clone(),
        on: subject.place(),
        flow_time: subject.condition.times[0],
        images: count,
        of: others.name().to_owned(),
        draws,
        seed: arguments.common.seed,
        classifiers,
        masks,
    };
    if arguments.common.json {
        print_json(&document)?;
    } else {
        document.print()?;
    }
    Ok(Exit::Success)
}

impl Document {
    fn print(&self) -> Result<()> {
        let mut out = console::text();
        writeln!(
            out,
            "{} images of {} filled in by {} ({}) at t = {}, {} draws each",
            self.images, self.of, self.model, self.on, self.flow_time, self.draws
        )?;
        for OfMask { mask, fills } in &self.masks {
            writeln!(out, "\n{}", mask.text())?;
            write!(out, "{:<16}", "")?;
            let columns = ["rmse", "of mean", "energy", "± s.e."];
            for column in self.classifiers.iter().chain(&columns) {
                write!(out, " {column:>9}")?;
            }
            writeln!(out)?;
            for fill in fills {
                write!(out, "{:<16}", fill.name)?;
                let numbers = [
                    fill.rmse,
                    fill.rmse_of_mean,
                    fill.energy_score,
                    fill.energy_score_error,
                ];
                for value in fill.accuracy.iter().chain(&numbers) {
                    write!(out, " {value:>9.3}")?;
                }
                writeln!(out)?;
            }
        }
        Ok(())
    }
}
