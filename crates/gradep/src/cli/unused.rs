//! Options that do nothing beside the others that were given.

use super::{BenchCommand, Cli, Command, GenerationArgs, NudgeArgs, SolverArgs, StudyArgs};
use analog_substrate::NudgeKind;
use bench_hw::generation::Mode;
use clap::{ArgMatches, CommandFactory as _, parser::ValueSource};

/// An option by its name among the arguments, and why it does nothing.
type Rule = (&'static str, &'static str);

const NO_SETTLING: &str = "a free run reads no velocities: it is for the modes stepped and clamped";
const NO_PRESETTLING: &str = "only a free run settles before x is let go";
const NO_FLOATING: &str = "visible nodes float in free runs only";
const NO_STEPS: &str = "a free run has no steps of x";

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
        Command::Sample(sample) if sample.on_chip.chip.is_some() => {
            of_generation(&sample.generation, STEPS.to_vec())
        }
        Command::Report(report) if report.chip.is_some() => {
            of_generation(&report.generation, Vec::new())
        }
        // Exact equilibria, which have steps of their own, are measured beside.
        Command::Bench(BenchCommand::Quality(quality)) if !quality.chips.is_empty() => {
            of_generation(&quality.generation, vec!["steps"])
        }
        Command::Bench(BenchCommand::Sweep(sweep)) => in_study(&sweep.study),
        Command::Bench(BenchCommand::Sensitivity(study)) => in_study(&study.study),
        Command::Bench(BenchCommand::Tolerance(study)) => in_study(&study.study),
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

/// Steps of x.
const STEPS: [&str; 5] = ["steps", "step", "method", "stop_below", "flow_tolerance"];

fn in_study(arguments: &StudyArgs) -> Vec<Rule> {
    of_generation(&arguments.generation, STEPS.to_vec())
}

/// On chips, which generate freely unless a mode is given.
fn of_generation(arguments: &GenerationArgs, steps: Vec<&'static str>) -> Vec<Rule> {
    let modes = arguments.modes(true);
    let mut rules = Vec::new();
    if !modes
        .iter()
        .any(|mode| matches!(mode, Mode::Stepped | Mode::Clamped))
    {
        rules.extend([("settle", NO_SETTLING), ("warm", NO_SETTLING)]);
        rules.extend(steps.into_iter().map(|id| (id, NO_STEPS)));
    }
    if !modes.contains(&Mode::Free) {
        rules.push(("presettle", NO_PRESETTLING));
        rules.push(("ratios", NO_FLOATING));
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
