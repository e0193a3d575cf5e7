mod book;
mod generation;
mod help;
mod reference;
mod unused;

use super::*;
use clap::{CommandFactory as _, FromArgMatches};
use gradep_core::oracle::Budget;

/// The arguments of a subcommand on their own.
fn parse<T: Args + FromArgMatches>(line: &str) -> Result<T, clap::Error> {
    let words = std::iter::once("gradep").chain(line.split_whitespace());
    let matches = T::augment_args(clap::Command::new("gradep")).try_get_matches_from(words)?;
    T::from_arg_matches(&matches)
}

fn refusal<T: Args + FromArgMatches>(line: &str) -> String {
    parse::<T>(line).err().expect(line).to_string()
}

#[test]
fn the_definition_is_consistent() {
    Cli::command().debug_assert();
    let definitions: [fn(clap::Command) -> clap::Command; 9] = [
        TrainArgs::augment_args,
        SampleArgs::augment_args,
        RelaxArgs::augment_args,
        GradientArgs::augment_args,
        CheckGradientArgs::augment_args,
        ChipShowArgs::augment_args,
        ChipCheckArgs::augment_args,
        ChipExplainArgs::augment_args,
        ExportNetlistArgs::augment_args,
    ];
    for define in definitions {
        define(clap::Command::new("gradep")).debug_assert();
    }
}

#[test]
fn flags_become_the_top_layer_of_the_configuration() {
    let arguments: TrainArgs =
        parse("--preset best -s seed=1 -s nudge.beta=2e-3 --seed 7 --epochs 3").unwrap();
    let config = arguments.config.request().resolve().unwrap().config;
    assert_eq!((config.seed, config.training.epochs), (7, 3));
    assert_eq!(config.nudge.beta.to_bits(), 2e-3_f64.to_bits());
}

#[test]
fn a_resumed_run_keeps_its_configuration() {
    parse::<TrainArgs>("--resume runs/a").unwrap();
    // Longer, or drawn otherwise: which keys may change is for the run to say.
    parse::<TrainArgs>("--resume runs/a --epochs 9 -s sampling.step=0.1").unwrap();
    for changed in ["--seed 1", "--preset best", "--out b", "--from c"] {
        let message = refusal::<TrainArgs>(&format!("--resume runs/a {changed}"));
        assert!(message.contains("cannot be used with"), "{message}");
    }
}

#[test]
fn samples_have_to_go_somewhere() {
    assert!(refusal::<SampleArgs>("model.safetensors").contains("--out"));
    let arguments: SampleArgs =
        parse("model.safetensors --method heun --steps 20 --figure a.svg").unwrap();
    assert_eq!(arguments.count, None);
    assert_eq!(
        arguments.generation.method,
        Some(gradep_core::config::FlowMethod::Heun)
    );
    assert!(refusal::<SampleArgs>("m --out a.npz --steps 2 --step 0.1").contains("--step"));
    assert!(refusal::<SampleArgs>("m --out a.npz --until 0").contains("above 0"));
}

#[test]
fn names_of_enums_are_those_of_the_files() {
    let message = refusal::<RelaxArgs>("--model m --anchor x --out o --solver newton");
    assert!(message.contains("explicit, block, anderson"), "{message}");
}

#[test]
fn tolerances_default_to_the_precision() {
    let relax = |line: &str| {
        parse::<RelaxArgs>(&format!("--model m --anchor x --out o {line}"))
            .unwrap()
            .solver
            .tolerance()
    };
    assert!(relax("") < relax("--precision f32"));
    assert_eq!(relax("--tolerance 1e-3").to_bits(), 1e-3_f64.to_bits());
}

#[test]
fn budgets_say_what_they_limit() {
    let budgets = |list: &str| {
        parse::<CheckGradientArgs>(&format!("--budgets {list}")).map(|arguments| arguments.budgets)
    };
    let parsed = budgets("explicit:300,block:1e-3,anderson:1e-6").unwrap();
    assert_eq!(parsed[0], Budget::Explicit { steps: 300 });
    let nudged_tolerance = 1e-4;
    assert_eq!(
        parsed[1],
        Budget::Block {
            tolerance: 1e-3,
            nudged_tolerance
        }
    );
    assert!(
        matches!(parsed[2], Budget::Anderson { nudged_tolerance, .. } if nudged_tolerance < 1e-4)
    );
    for wrong in [
        "explicit",
        "explicit:0",
        "explicit:1e-6",
        "block:-1",
        "newton:3",
    ] {
        assert!(budgets(wrong).is_err(), "{wrong}");
    }
    let arguments: CheckGradientArgs = parse("--model m --betas 1e-3,1e-2").unwrap();
    assert_eq!((arguments.betas.len(), arguments.budgets.len()), (2, 2));
    assert!(refusal::<CheckGradientArgs>("--model m --run r").contains("--run"));
}
