//! Options that do nothing beside the others that were given.

use super::{
    BenchCommand, ChipMode, Cli, Command, NudgeArgs, QualityArgs, QualityMode, SolverArgs,
};
use analog_substrate::NudgeKind;
use clap::{ArgMatches, CommandFactory as _, parser::ValueSource};

/// An option by its name among the arguments, and why it does nothing.
type Rule = (&'static str, &'static str);

const NO_SETTLING: &str = "a free run reads no velocities: it is for the modes stepped and clamped";
const NO_PRESETTLING: &str = "only a free run settles before x is let go";
const NO_CHIP: &str = "it is for chips, and none is given";

/// What was typed and does nothing, a sentence each. Defaults are nobody's wish and are not told of.
pub fn unused_options(matches: &ArgMatches, command: &Command) -> Vec<String> {
    let mut leaf = matches;
    let mut definition = Cli::command();
    while let Some((name, inner)) = leaf.subcommand() {
        leaf = inner;
        definition = definition
            .find_subcommand(name)
            .cloned()
            .unwrap_or_default();
    }
    let typed = |id: &str| {
        let argument = definition.get_arguments().find(|arg| arg.get_id() == id);
        let long = argument.and_then(|arg| arg.get_long());
        long.unwrap_or(id).to_owned()
    };
    let is_given = |id: &str| {
        leaf.try_contains_id(id).is_ok() && leaf.value_source(id) == Some(ValueSource::CommandLine)
    };
    let rules = rules(command).into_iter().filter(|(id, _)| is_given(id));
    rules
        .map(|(id, reason)| format!("--{} does nothing: {reason}", typed(id)))
        .collect()
}

/// The options that do nothing in a command as it was given.
fn rules(command: &Command) -> Vec<Rule> {
    match command {
        Command::Sample(sample) if sample.on_chip.chip.is_some() => in_mode(sample.mode),
        Command::Bench(BenchCommand::Quality(quality)) => of_quality(quality),
        Command::Bench(BenchCommand::Sweep(sweep)) => in_mode(sweep.study.mode),
        Command::Bench(BenchCommand::Sensitivity(study)) => in_mode(study.study.mode),
        Command::Bench(BenchCommand::Tolerance(study)) => in_mode(study.study.mode),
        Command::Relax(relax) if relax.on_chip.chip.is_some() => {
            let reason = "a chip relaxes in time: see --integrator, --time-step and --duration";
            let mut rules: Vec<Rule> = ALL_SOLVING.map(|id| (id, reason)).to_vec();
            rules.push(("output_scale", "a trace on a chip holds no velocities"));
            if relax.clamped {
                rules.push(("spring", "visible nodes are held, not tied by springs"));
            }
            rules
        }
        Command::Relax(relax) => {
            let mut rules = of_solver(&relax.solver);
            rules.push(("nudged_tolerance", "nothing is nudged"));
            rules
        }
        Command::Gradient(gradient) => {
            let mut rules = of_solver(&gradient.solver);
            rules.extend(of_nudge(&gradient.nudge));
            rules
        }
        _ => Vec::new(),
    }
}

/// Options of the solvers of the ideal substrate.
const ALL_SOLVING: [&str; 6] = [
    "solver",
    "steps",
    "step_size",
    "tolerance",
    "nudged_tolerance",
    "max_sweeps",
];

fn in_mode(mode: ChipMode) -> Vec<Rule> {
    match mode {
        ChipMode::Free => vec![("settle", NO_SETTLING), ("warm", NO_SETTLING)],
        ChipMode::Stepped | ChipMode::Clamped => vec![("presettle", NO_PRESETTLING)],
    }
}

/// Chips generate freely unless a mode is given.
fn of_quality(arguments: &QualityArgs) -> Vec<Rule> {
    if arguments.chips.is_empty() {
        let ids = ["settle", "warm", "ratios", "presettle", "time_step"];
        return ids.map(|id| (id, NO_CHIP)).to_vec();
    }
    let modes = &arguments.modes;
    let settles = modes
        .iter()
        .any(|mode| matches!(mode, QualityMode::Stepped | QualityMode::Clamped));
    let is_free = modes.is_empty() || modes.contains(&QualityMode::Free);
    let mut rules = Vec::new();
    if !settles {
        rules.extend([("settle", NO_SETTLING), ("warm", NO_SETTLING)]);
    }
    if !is_free {
        rules.push(("presettle", NO_PRESETTLING));
        rules.push(("ratios", "visible nodes float in free runs only"));
    }
    rules
}

fn of_solver(arguments: &SolverArgs) -> Vec<Rule> {
    if arguments.solver.iterates_until_settled() {
        let reason = "only the explicit solver takes steps";
        ["steps", "step_size"].map(|id| (id, reason)).to_vec()
    } else {
        vec![("max_sweeps", "the explicit solver takes --steps")]
    }
}

fn of_nudge(arguments: &NudgeArgs) -> Vec<Rule> {
    match arguments.nudge {
        NudgeKind::Tilt => Vec::new(),
        NudgeKind::Quadratic => vec![("linear_range", "it is for --nudge tilt")],
    }
}
