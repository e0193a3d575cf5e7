//! From measurements of a memory device to a chip that is built of it.
//!
//! ```sh
//! cargo run --release -p gradep --example own_device
//! ```
//!
//! To make it real: read your own table in place of the made-up one, `Measurements::read(&std::fs::read("mine.csv")?, "mine.csv")`,
//! with the columns `target_uS` and `achieved_uS`, and a trained model.

#![expect(clippy::print_stdout, reason = "an example shows what it found")]

use gradep::device_fit::{Base, Kind, Measurements, Options, Synthetic, fit, measure};
use gradep::prelude::*;

pub(crate) fn main() -> Result<(), Box<dyn std::error::Error>> {
    // What a laboratory would write down: conductances that were asked for, and what 500 devices came to.
    let experiment = Synthetic {
        kind: Kind::ProgrammingNoise,
        devices: 500,
        reading_error: 0.002,
        seed: 0,
    };
    let table = measure(&Device::load("pcm")?, &experiment)?;

    // The law of their programming noise; what was not measured is that of the device `pcm`.
    let measurements = Measurements::read(table.as_bytes(), "mine.csv")?;
    let base = Base::load(Some("pcm"))?;
    let found = fit(
        Kind::ProgrammingNoise,
        &measurements,
        &base,
        &Options::default(),
    )?;
    println!("{} measurements: {}", found.points, found.law);
    for parameter in &found.parameters {
        let shown = |value| parameter.unit.show(value, 4);
        println!(
            "  {} = {} ± {}",
            parameter.key,
            shown(parameter.value),
            shown(parameter.standard_error)
        );
    }

    // A device file, which a chip takes by its path.
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("mine.toml");
    std::fs::write(&path, found.device_file("mine", "mine.csv", &base)?)?;
    let run = Training::preset("best")
        .set("network.layers", "[64, 16, 16]")
        .epochs(1)
        .run()?;
    let chip = Chip::builder("D3")
        .set("device", &path.display().to_string())
        .program(run.model())?;
    let map = chip.conductances().ok_or("the chip has no devices")?;
    println!(
        "programmed: {} devices",
        map.writing().map_or(0, |w| w.devices)
    );
    let flow = run.generate(4).on(&chip).free(2.0).until(1.0).run()?;
    if let (Some(clock), Some(ledger)) = (flow.clock(), flow.ledger()) {
        println!("{clock} and {ledger} per sample");
    }
    Ok(())
}
