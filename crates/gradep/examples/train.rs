//! Trains a network on handwritten digits and draws new ones at exact equilibria.
//!
//! ```sh
//! cargo run --release -p gradep --example train
//! ```
//!
//! To make it real: leave out the settings that make it small, take 300 epochs (some minutes on two cores), and write the
//! run to a folder with `.folder("runs/mine")`.

#![expect(clippy::print_stdout, reason = "an example shows what it found")]

use gradep::prelude::*;

pub(crate) fn main() -> Result<(), Box<dyn std::error::Error>> {
    let training = Training::preset("track-h")
        .set("network.layers", "[64, 16, 16]") // [64, 128, 128] in the preset
        .epochs(3)
        .seed(0);
    let run = training.run_while(|epoch| {
        println!("epoch {}: loss {:.3}", epoch.epoch, epoch.loss);
        true
    })?;

    // 64 samples of the flow from noise (time 0) to images (time 1) and a little beyond.
    let flow = run.generate(64).until(1.2).seed(0).run()?;
    let cost = flow.costs[0];
    println!(
        "{} samples of {} pixels: {} velocities, {:.1} sweeps each",
        flow.last().nrows(),
        flow.last().ncols(),
        cost.evaluations,
        cost.iterations_per_velocity().unwrap_or_default(),
    );

    // Against the half of the digits that was kept from training.
    let scores = flow.measure(&Reference::of(&Digits::HELD_OUT))?;
    for key in ["fd_features", "precision", "recall"] {
        if let Some(score) = scores.get(key) {
            let shown = |value: Option<f64>| value.map_or("-".to_owned(), |v| format!("{v:.3}"));
            println!(
                "{key}: {} (real digits: {})",
                shown(score.value),
                shown(score.floor)
            );
        }
    }
    Ok(())
}
