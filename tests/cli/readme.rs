//! The example of the README, as it stands there: that this file compiles is the test of its names and types, and the
//! test below that it is the same. It takes minutes and is not run; the examples of the crate are.

#![expect(
    dead_code,
    clippy::print_stdout,
    reason = "an example that is compiled, not run"
)]

use gradep::prelude::*;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let run = Training::preset("track-h").epochs(300).run()?; // learns half of the built-in digits
    let chip = Chip::builder("D3")
        .set("device", "pcm")
        .seed(0)
        .program(run.model())?;
    let flow = run
        .generate(64)
        .on(&chip)
        .free(200.0)
        .until(1.3)
        .seed(0)
        .run()?;
    println!(
        "{} and {} per sample",
        flow.clock().unwrap(),
        flow.ledger().unwrap()
    );
    let scores = flow.measure(&Reference::of(&Digits::HELD_OUT))?; // against the other half
    println!(
        "feature distance {:.1}",
        scores.value("fd_features").unwrap()
    );
    Ok(())
}

#[test]
fn the_example_of_the_readme_compiles() {
    let readme = include_str!("../../README.md");
    let (_, rest) = readme.split_once("```rust\n").unwrap();
    let (code, _) = rest.split_once("```").unwrap();
    let lines = |text: &str| -> Vec<String> {
        let lines = text.lines().map(|line| line.trim().to_owned());
        lines.filter(|line| !line.is_empty()).collect()
    };
    let (code, here) = (lines(code), lines(include_str!("readme.rs")));
    assert!(code.len() > 8, "{code:?}");
    let is_here = here.windows(code.len()).any(|lines| lines == code);
    assert!(
        is_here,
        "the README has another example than tests/cli/readme.rs"
    );
}
