//! `gradep chip fit` and `gradep chip measure`.

use super::print_json;
use crate::{
    Exit,
    cli::{ChipFitArgs, ChipMeasureArgs},
    console,
    failure::Result,
    output::{self, Output},
};
use analog_substrate::device::Device;
use device_fit::{Base, Fit, Measurements, Options, Synthetic, fit as fit_law, measure as make_up};
use gradep_core::files::read_file;
use hw_report::figure::{FitResiduals, FittedCurve, MeasuredAxis};
use serde_json::json;
use std::{
    io::{self, Write as _},
    path::Path,
};
use units::{Quantity, Unit, budget::check_trials};

/// Digits that tables show.
const DIGITS: usize = 4;
/// Digits of a hash that are shown to people.
const SHORT_HASH: usize = 12;

/// Fits a law and writes the device.
pub(super) fn fit(arguments: &ChipFitArgs) -> Result<Exit> {
    let path = &arguments.measurements;
    let figure = arguments.figure.as_deref();
    output::claim(Some(&arguments.out), figure, arguments.json)?;
    let bytes = read_file(path)?;
    let measurements = Measurements::read(&bytes, &path.display().to_string())?;
    let base = Base::load(arguments.from.as_deref())?;
    let options = Options {
        min: arguments.min,
        max: arguments.max,
        order: arguments.order,
    };
    let fit = fit_law(arguments.kind, &measurements, &base, &options)?;
    let hash = blake3::hash(&bytes).to_hex().to_string();
    let file = file_name(path);
    let source = format!("{file} (BLAKE3 {hash})");
    // A device that is printed is called after its measurements.
    let stem = arguments.out.file().unwrap_or(path).file_stem();
    let stem = stem.unwrap_or_default().to_string_lossy();
    let device = fit.device_file(&stem, &source, &base)?;
    arguments.out.write(device.as_bytes())?;
    if arguments.json {
        print_json(&json!({
            "schema": 1,
            "measurements": file,
            "blake3": hash,
            "from": arguments.from,
            "device": arguments.out.to_string(),
            "fit": fit,
        }))?;
    } else {
        print(&fit, &file, &hash, &arguments.out)?;
    }
    if let Some(figure) = figure {
        draw(&fit, &file, &hash, figure)?;
    }
    Ok(Exit::Success)
}

/// Makes up measurements of a device.
pub(super) fn measure(arguments: &ChipMeasureArgs) -> Result<Exit> {
    output::claim(Some(&arguments.out), [], false)?;
    let device = Device::load(&arguments.device)?;
    let experiment = Synthetic {
        kind: arguments.kind,
        devices: arguments.devices.get(),
        reading_error: arguments.reading_error,
        seed: arguments.seed,
    };
    check_trials("--devices", arguments.devices.get() as f64, "devices")?;
    let table = make_up(&device, &experiment)?;
    arguments.out.write(table.as_bytes())?;
    Ok(Exit::Success)
}

fn file_name(path: &Path) -> String {
    let name = path.file_name().unwrap_or(path.as_os_str());
    name.to_string_lossy().into_owned()
}

fn show(value: f64, unit: Unit) -> String {
    Quantity { value, unit }.rounded(DIGITS)
}

fn print(fit: &Fit, file: &str, hash: &str, out: &Output) -> io::Result<()> {
    let mut stdout = console::text();
    let devices = fit
        .devices
        .map_or(String::new(), |devices| format!(" of {devices} devices"));
    writeln!(
        stdout,
        "{}: {} measurements{devices}, {file} (BLAKE3 {}…)\n{}\n",
        fit.kind.name(),
        fit.points,
        &hash[..SHORT_HASH],
        fit.law
    )?;
    writeln!(
        stdout,
        "{:<26} {:>14} {:>14}",
        "parameter", "value", "± s.e."
    )?;
    for parameter in &fit.parameters {
        writeln!(
            stdout,
            "{:<26} {:>14} {:>14}",
            parameter.key,
            show(parameter.value, parameter.unit),
            show(parameter.standard_error, parameter.unit)
        )?;
    }
    writeln!(stdout, "\n{:>10} {:>5}  law", "AICc", "par.")?;
    for candidate in &fit.candidates {
        let chosen = if candidate.law == fit.law {
            "  <- taken"
        } else {
            ""
        };
        writeln!(
            stdout,
            "{:>10.1} {:>5}  {}{chosen}",
            candidate.aicc, candidate.parameters, candidate.law
        )?;
    }
    for warning in &fit.warnings {
        writeln!(stdout, "warning: {warning}")?;
    }
    match out.file() {
        Some(file) => writeln!(
            stdout,
            "{0}: written; gradep chip check {0}",
            file.display()
        ),
        None => Ok(()),
    }
}

fn draw(fit: &Fit, file: &str, hash: &str, path: &Path) -> Result<()> {
    let symbol = |unit: Unit| match unit {
        Unit::One => "",
        unit => unit.symbol(),
    };
    let residuals = &fit.residuals;
    let law: Vec<FittedCurve<'_>> = residuals
        .law
        .iter()
        .map(|curve| FittedCurve {
            label: &curve.label,
            points: &curve.points,
        })
        .collect();
    let values: Vec<String> = fit
        .parameters
        .iter()
        .map(|p| {
            let (value, error) = (show(p.value, p.unit), show(p.standard_error, p.unit));
            format!("{} = {value} ± {error}", p.key)
        })
        .collect();
    let devices = fit
        .devices
        .map_or(String::new(), |devices| format!(" of {devices} devices"));
    let caption = format!(
        "{file} (BLAKE3 {}…), {} measurements{devices}. {}. {} (standard errors).",
        &hash[..SHORT_HASH],
        fit.points,
        fit.law,
        values.join(", ")
    );
    let figure = FitResiduals {
        heading: &format!("{} of {file}", fit.kind.name()),
        caption: &caption,
        x: MeasuredAxis {
            quantity: residuals.abscissa,
            unit: symbol(residuals.abscissa_unit),
        },
        y: MeasuredAxis {
            quantity: residuals.ordinate,
            unit: symbol(residuals.ordinate_unit),
        },
        measured: &residuals.measured,
        law: &law,
        standardised: &residuals.standardised,
    };
    Ok(figure.write(path)?)
}
