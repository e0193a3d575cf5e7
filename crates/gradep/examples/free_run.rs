//! Lets a chip generate by itself: visible nodes float on large capacitors and the network relaxes from noise. Time and
//! energy at several moments of one transient, and how good the samples are there.
//!
//! ```sh
//! cargo run --release -p gradep --example free_run
//! ```
//!
//! To make it real: train as long as `train.rs` says, 898 samples, a ratio of 50 to 200.

#![expect(clippy::print_stdout, reason = "an example shows what it found")]

use gradep::prelude::*;

pub(crate) fn main() -> Result<(), Box<dyn std::error::Error>> {
    let run = Training::preset("track-h")
        .set("network.layers", "[64, 16, 16]")
        .epochs(2)
        .run()?;
    let chip = Chip::builder("D3").seed(0).program(run.model())?;

    // Visible nodes with 5 times the capacitance of hidden ones: the larger, the slower and the closer to the exact flow.
    let flow = run
        .generate(40)
        .on(&chip)
        .free(5.0)
        .at(&[0.5, 0.8, 1.0, 1.2])
        .seed(0)
        .run()?;

    let reference = Reference::of(&Digits::HELD_OUT);
    println!("flow time  per sample                 feature distance");
    for (moment, (time, cost)) in flow.times.iter().zip(&flow.costs).enumerate() {
        let samples = flow.samples.index_axis(Axis(0), moment);
        let scores = measure(samples, &reference)?;
        let distance = scores.value("fd_features").unwrap_or(f64::NAN);
        if let (Some(clock), Some(ledger)) = (cost.clock, cost.ledger) {
            println!("{time:>9}  {clock:>10} {ledger:>10}  {distance:>20.1}");
        }
    }
    Ok(())
}
