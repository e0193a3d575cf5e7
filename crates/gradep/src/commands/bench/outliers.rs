//! `gradep bench outliers`.

use crate::{
    Exit,
    cli::OutliersArgs,
    commands::{
        domain::{Asked, of_model},
        given::numbers,
        print_json,
        source::Source,
    },
    console,
    failure::{Result, Usage, ensure},
    output,
};
use bench_hw::{
    domain::Domain,
    outliers::{Outliers, Unlike, told_apart},
};
use ndarray::Array2;
use serde::Serialize;
use std::io::Write as _;

#[derive(Serialize)]
struct Document {
    schema: &'static str,
    model: String,
    against: String,
    sets: Vec<Row>,
}

/// A set of images.
#[derive(Serialize)]
struct Row {
    name: String,
    images: usize,
    mean_energy: f64,
    mean_speed: f64,
    /// Shares of pairs with a real image in which this one scores higher.
    told_by_energy: f64,
    told_by_speed: f64,
}

/// Scores images and prints how well they are told from real ones.
pub(in crate::commands) fn outliers(arguments: &OutliersArgs) -> Result<Exit> {
    output::claim(arguments.out.as_ref(), [], arguments.json)?;
    let source = Source::read(&arguments.source)?;
    source.warn_of_other_chip(false, false);
    let name = arguments.source.to_string();
    let asked = Asked {
        data: None,
        track: None,
        digits: None,
    };
    let domain = of_model(&name, &source, &asked)?;
    let (pixels, expected) = (source.model.pixels(), domain.shape().pixels());
    ensure!(
        pixels == expected,
        Usage(format!(
            "{name}: generates {pixels} pixels; expected {expected} ({} of {})",
            domain.shape(),
            domain.name()
        ))
    );
    let score =
        |images: &Array2<f32>| Outliers::of(&source.model, &source.relaxation, images.view());
    let real = domain.real().mapv(|value| value as f32);
    let usual = score(&real)?;
    let mut sets = vec![Row::new("real images", &usual, &usual)];
    for (number, path) in arguments.images.iter().enumerate() {
        let images = numbers(path, source.model.image_shape())?;
        let scores = score(&images)?;
        sets.push(Row::new(&path.display().to_string(), &scores, &usual));
        if let Some(out) = arguments.out.as_ref().filter(|_| number == 0) {
            out.write_npz(|arrays| {
                arrays.add("energy", &scores.energy)?;
                arrays.add("speed", &scores.speed)
            })?;
        }
    }
    for unlike in Unlike::ALL {
        let scores = score(&unlike.of(&real))?;
        sets.push(Row::new(unlike.text(), &scores, &usual));
    }
    let document = Document {
        schema: "gradep-outliers-1",
        model: name,
        against: about(domain.as_ref()),
        sets,
    };
    if arguments.json {
        print_json(&document)?;
    } else {
        document.print()?;
    }
    Ok(Exit::Success)
}

fn about(domain: &dyn Domain) -> String {
    domain.about()
}

impl Row {
    fn new(name: &str, scores: &Outliers, usual: &Outliers) -> Self {
        let mean = |values: &ndarray::Array1<f64>| values.mean().unwrap_or_default();
        Self {
            name: name.to_owned(),
            images: scores.energy.len(),
            mean_energy: mean(&scores.energy),
            mean_speed: mean(&scores.speed),
            told_by_energy: told_apart(&scores.energy, &usual.energy),
            told_by_speed: told_apart(&scores.speed, &usual.speed),
        }
    }
}

impl Document {
    fn print(&self) -> Result<()> {
        let mut out = console::text();
        writeln!(out, "{} against {}\n", self.model, self.against)?;
        writeln!(
            out,
            "{:<24} {:>7} {:>10} {:>8} {:>10} {:>8}",
            "images", "number", "energy", "told", "|v|", "told"
        )?;
        for row in &self.sets {
            writeln!(
                out,
                "{:<24} {:>7} {:>10.3} {:>8.3} {:>10.4} {:>8.3}",
                row.name,
                row.images,
                row.mean_energy,
                row.told_by_energy,
                row.mean_speed,
                row.told_by_speed
            )?;
        }
        Ok(())
    }
}
