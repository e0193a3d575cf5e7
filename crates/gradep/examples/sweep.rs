//! What an imperfection costs: chips with more and more programming noise, each held against the same chip without any.
//!
//! ```sh
//! cargo run --release -p gradep --example sweep
//! ```
//!
//! To make it real: train as long as `train.rs` says, 898 samples, ten chips and more, transients in steps of 0.1 τ, and
//! `.folder("bench/mine")`, from which an interrupted sweep goes on.

#![expect(clippy::print_stdout, reason = "an example shows what it found")]

use gradep::prelude::*;

pub(crate) fn main() -> Result<(), Box<dyn std::error::Error>> {
    let run = Training::preset("track-h")
        .set("network.layers", "[64, 8, 8]")
        .epochs(2)
        .run()?;
    let coarse = TransientSettings {
        step: 0.5,
        ..TransientSettings::default()
    };
    let samples = run.generate(30).free(2.0).until(1.0).transients(coarse);
    let swept = Sweep::of(samples, "D3")
        .set("device", "generic")
        .only("programming_noise")
        .vary("array.programming_sigma", &["0 %", "2 %", "10 %"])
        .chips(2)
        .run()?;

    println!("programming noise  excess of the feature distance  chips within 10 %");
    for cell in &swept.cells {
        println!(
            "{:>17}  {:>27.1} %  {:>15.0} %",
            cell.values[0],
            100.0 * cell.excess.mean.unwrap_or(f64::NAN),
            100.0 * cell.yielded.share.share,
        );
    }
    Ok(())
}
