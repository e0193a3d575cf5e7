//! Samples are asked for with the same options everywhere.

use super::*;
use bench_hw::generation::{Condition, Mode};
use clap::Arg;
use gradep_core::config::{Config, DEFAULT_PRESET};

/// The definition of a command by the words that lead to it.
fn command(words: &str) -> clap::Command {
    let found = words.split(' ').fold(Cli::command(), |command, word| {
        command.find_subcommand(word).cloned().expect(words)
    });
    // As it is built where it is used, with what it takes from its parents.
    found.clone()
}

/// What a user meets of an option.
fn face(arg: &Arg) -> (Option<String>, Vec<String>, String, String, String) {
    let names = arg.get_value_names().unwrap_or_default();
    let defaults = arg.get_default_values().iter();
    (
        arg.get_long().map(str::to_owned),
        names.iter().map(ToString::to_string).collect(),
        format!("{:?}", defaults.collect::<Vec<_>>()),
        format!("{:?}", arg.get_possible_values()),
        arg.get_help().map(ToString::to_string).unwrap_or_default(),
    )
}

const GENERATING: &[&str] = &[
    "sample",
    "bench quality",
    "bench sweep",
    "bench sensitivity",
    "bench tolerance",
    "report",
];

#[test]
fn names_values_and_defaults_are_the_same_in_every_command() {
    let group = GenerationArgs::augment_args(clap::Command::new("group"));
    let expected: Vec<_> = group.get_arguments().map(face).collect();
    assert!(expected.len() >= 13, "{}", expected.len());
    for words in GENERATING {
        let command = command(words);
        for face_of_group in &expected {
            let found = command
                .get_arguments()
                .find(|arg| arg.get_long() == face_of_group.0.as_deref())
                .unwrap_or_else(|| panic!("{words} has no --{:?}", face_of_group.0));
            assert_eq!(&face(found), face_of_group, "{words}");
        }
    }
}

/// The generation options of a line, and the condition that they make of a default one.
fn condition(line: &str) -> crate::failure::Result<Condition> {
    let sample: SampleArgs = parse(&format!("m --out a.npz --chip D3 {line}")).expect(line);
    let config = Config::preset(DEFAULT_PRESET)?;
    let sampling = config.sampling.asked(&sample.generation.asked()?)?;
    let base = Condition::new(&sampling, config.relaxation, vec![sampling.until]);
    Ok(base.on_chip(&sample.generation.on_chip()?))
}

#[test]
fn chips_generate_freely_unless_told_otherwise() {
    assert_eq!(condition("").unwrap().mode, Mode::Free);
    let stepped = condition("--mode stepped --settle 3tau --warm --steps 4 --until 2").unwrap();
    assert!(stepped.warm && stepped.mode == Mode::Stepped);
    assert_eq!((stepped.step, stepped.times), (0.5, vec![2.0]));
    let old: SweepArgs = parse("--vary a=1,2 --run m --chip D3 --at 1.5").unwrap();
    assert_eq!(old.study.generation.until, Some(1.5));
}

#[test]
fn combinations_are_refused_where_one_way_is_asked_for() {
    for (line, option) in [
        ("--mode free,stepped", "--mode"),
        ("--ratio 2,3", "--ratio"),
        ("--mode stepped --settle 3tau,4tau", "--settle"),
        ("--mode stepped --warm both", "--warm"),
        ("--mode stepped --steps 3,4", "--steps"),
    ] {
        let refused = condition(line).unwrap_err();
        assert_eq!(refused.fault(), units::fault::Fault::Input);
        let message = refused.message();
        assert!(
            message.starts_with(&format!("{option}: 2 values")),
            "{message}"
        );
    }
    assert!(
        condition("--mode ideal")
            .unwrap_err()
            .message()
            .contains("need no chip")
    );
    let ratio = condition("--mode clamped --ratio 2").unwrap_err();
    assert!(ratio.message().contains("--mode free"));
}

#[test]
fn options_of_chips_need_one() {
    for option in ["--ratio 3", "--settle 3tau", "--warm", "--time-step 0.2"] {
        let line = format!("m --out a.npz {option}");
        assert!(refusal::<SampleArgs>(&line).contains("--chip"), "{line}");
        let line = format!("--run m {option}");
        assert!(refusal::<QualityArgs>(&line).contains("--chip"), "{line}");
    }
    let sample: SampleArgs = parse("m --out a.npz --mode free").unwrap();
    assert!(sample.generation.without_chip().is_err());
}
