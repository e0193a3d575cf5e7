//! Mutated files against every reader: `cargo run -p gradep-fuzz -- TARGET|all --seconds 60`.
//!
//! Coverage-guided fuzzers need a nightly compiler (libFuzzer) or a compiler wrapper of their own (AFL); `bolero`
//! on the stable one falls back to what this does: seeds that the program writes itself, changed by bit flips,
//! cuts, splices, repeats, tokens and numbers at the edges of their types, from a fixed seed. A reader may refuse
//! an input, and nothing else: a panic, an input of more than 20 s or more than 1 GiB of memory ends with status 1
//! and the input, shortened, in `fuzz/artifacts`.

mod guard;
mod mutate;
mod seeds;
mod targets;

use anyhow::{bail, ensure};
use clap::Parser;
use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng as _};
use std::{
    fs,
    panic::{self, AssertUnwindSafe},
    path::Path,
    time::{Duration, Instant},
};
use targets::{TARGETS, Target};

/// Mutated files against every reader.
#[derive(Debug, Parser)]
struct Arguments {
    /// A target, or all.
    target: String,
    /// How long each target is tried.
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// Seed of the mutations.
    #[arg(long, default_value_t = 0)]
    seed: u64,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let all = arguments.target == "all";
    let chosen: Vec<&Target> = TARGETS
        .iter()
        .filter(|target| all || target.name == arguments.target)
        .collect();
    if chosen.is_empty() {
        let names: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
        bail!("{}: expected all, {}", arguments.target, names.join(", "));
    }
    let artifacts = Path::new(env!("CARGO_MANIFEST_DIR")).join("artifacts");
    guard::watch(&artifacts);
    panic::set_hook(Box::new(|_| {}));
    let time = Duration::from_secs(arguments.seconds);
    let mut failed = 0;
    for target in chosen {
        let began = Instant::now();
        let tried = explore(target, arguments.seed, |_| began.elapsed() < time);
        match tried {
            Ok(inputs) => eprintln!("{}: {inputs} inputs", target.name),
            Err(failure) => {
                failed += 1;
                fs::create_dir_all(&artifacts)?;
                let path = artifacts.join(target.name);
                fs::write(&path, &failure.input)?;
                eprintln!("{}: {}; {}", target.name, failure.what, path.display());
            }
        }
    }
    ensure!(failed == 0, "{failed} targets failed");
    Ok(())
}

/// An input that does what none may.
#[derive(Debug)]
struct Failure {
    what: String,
    input: Vec<u8>,
}

/// Tries mutated inputs as long as `goes_on` with their number; how many.
fn explore(target: &Target, seed: u64, goes_on: impl Fn(u64) -> bool) -> Result<u64, Failure> {
    let folder = tempfile::tempdir().expect("a folder for the inputs");
    let seeds = (target.seeds)();
    let mut draw = ChaCha8Rng::seed_from_u64(seed);
    let panics = |input: &[u8]| {
        let run = AssertUnwindSafe(|| (target.read)(folder.path(), input));
        panic::catch_unwind(run).is_err()
    };
    let mut number = 0;
    while goes_on(number) {
        // The seeds themselves come first.
        let input = match seeds.get(usize::try_from(number).unwrap_or(usize::MAX)) {
            Some(seed) => seed.clone(),
            None => mutate::mutated(&seeds, &mut draw),
        };
        guard::trying(Some((target.name, &input)));
        if panics(&input) {
            guard::trying(None);
            let input = mutate::shrunk(&input, panics);
            let what = "a panic".to_owned();
            return Err(Failure { what, input });
        }
        guard::trying(None);
        if let Some(peak) = guard::excess() {
            let what = format!("{peak} KiB of memory");
            return Err(Failure { what, input });
        }
        number += 1;
    }
    Ok(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The short form of every target.
    #[test]
    fn readers_refuse_and_do_nothing_else() {
        for target in TARGETS {
            if let Err(failure) = explore(target, 1, |number| number < 200) {
                let text = String::from_utf8_lossy(&failure.input).into_owned();
                panic!("{}: {}: {text:?}", target.name, failure.what);
            }
        }
    }

    #[test]
    fn seeds_are_what_readers_take() {
        for target in TARGETS {
            let folder = tempfile::tempdir().unwrap();
            let taken = (target.seeds)()
                .iter()
                .any(|seed| (target.read)(folder.path(), seed));
            assert!(taken, "{}", target.name);
        }
    }

    #[test]
    fn what_fails_is_made_short() {
        let input = b"some text with an x in it".to_vec();
        assert_eq!(mutate::shrunk(&input, |bytes| bytes.contains(&b'x')), b"x");
    }
}
