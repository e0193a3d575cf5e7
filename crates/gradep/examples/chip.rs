//! Puts a trained network on a chip with memory devices, and generates with it in every way that a chip has.
//!
//! ```sh
//! cargo run --release -p gradep --example chip
//! ```
//!
//! To make it real: train as long as `train.rs` says, and draw some hundred samples.

#![expect(clippy::print_stdout, reason = "an example shows what it found")]

use gradep::prelude::*;

pub(crate) fn main() -> Result<(), Box<dyn std::error::Error>> {
    let run = Training::preset("best")
        .set("network.layers", "[64, 16, 16]")
        .epochs(2)
        .run()?;

    // The reference chip, couplings in phase-change memory that was programmed a day ago.
    let chip = Chip::builder("D3")
        .set("device", "pcm")
        .set("array.age", "86400 s")
        .seed(0)
        .program(run.model())?;
    let tau = chip.design().time_constant();
    println!("{}: tau = {:.0} ns", chip.design().name, 1e9 * tau);

    let exact = run.generate(8).until(1.0).steps(10).run()?;
    for mode in [Mode::Stepped, Mode::Clamped, Mode::Free] {
        let flow = run.generate(8).on(&chip).mode(mode).until(1.0).steps(10);
        let flow = flow.run()?;
        if let (Some(clock), Some(ledger)) = (flow.clock(), flow.ledger()) {
            let moved = (&flow.last() - &exact.last()).mapv(|d| d * d).mean();
            println!(
                "{:<8} {clock} and {ledger} per sample, {:.3} rms from exact equilibria",
                mode.name(),
                moved.unwrap_or_default().sqrt(),
            );
        }
    }

    // A chip is a substrate: it can be trained on as well, with every nudge a transient of its own.
    let on_chip = Training::preset("paper")
        .set("network.layers", "[64, 16, 16]")
        .set("nudge.kind", "tilt")
        .set("nudge.beta", "0.1")
        .set("nudge.linear_range", "0.1")
        .set("flow.batch", "20")
        .set("training.invalid_samples", "include")
        .set("training.max_unsettled", "1")
        .epochs(1)
        .on_images(Dataset::digits().images().slice(s![..40, ..]).to_owned());
    let described = Described {
        description: format!("{}, chip 0", chip.design().name),
        substrate: chip,
    };
    let learned = on_chip.run_on(described, |_| true)?;
    println!(
        "trained on the chip: loss {:.3} in the first epoch, {} updates of it refused",
        learned.epochs()[0].loss,
        learned.epochs()[0].refused,
    );
    Ok(())
}
