//! What help pages name exists, and what they show is taken.

use super::*;
use crate::cli::CheckCommand;
use analog_substrate::hw_spec::{KEYS, Spec};
use bench_hw::sweep::Axis;
use gradep_core::config::{Config, DEFAULT_PRESET};

/// A page: the words that lead to it, and its text without line breaks of its own.
struct Page {
    words: String,
    text: String,
}

/// The pages of all commands that do something.
fn pages() -> Vec<Page> {
    fn visit(command: &clap::Command, words: &str, pages: &mut Vec<Page>) {
        let inner: Vec<_> = command.get_subcommands().collect();
        if inner.is_empty() {
            let text = command.clone().term_width(0).render_long_help().to_string();
            pages.push(Page {
                words: words.trim().to_owned(),
                text,
            });
        }
        for command in inner.iter().filter(|command| command.get_name() != "help") {
            visit(command, &format!("{words} {}", command.get_name()), pages);
        }
    }
    let mut pages = Vec::new();
    visit(&Cli::command(), "", &mut pages);
    pages
}

impl Page {
    /// The command lines under `Example:`, continued lines joined.
    fn examples(&self) -> Vec<String> {
        let (_, after) = self.text.split_once("Example:\n").expect(&self.words);
        let (examples, _) = after.split_once("\n\n").unwrap_or((after, ""));
        let joined = examples.replace("\\\n", " ");
        joined.lines().map(|line| line.trim().to_owned()).collect()
    }
}

/// A line as a shell splits it, without what it redirects.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for letter in line.chars().take_while(|&letter| letter != '>') {
        match letter {
            '"' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            _ => words.last_mut().unwrap().push(letter),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

fn parsed(line: &str) -> Cli {
    Cli::try_parse_from(words(line)).unwrap_or_else(|error| panic!("{line}: {error}"))
}

/// Every key of a configuration.
fn config_keys() -> Vec<String> {
    fn visit(table: &toml::Table, path: &str, keys: &mut Vec<String>) {
        for (name, value) in table {
            let path = format!("{path}{name}");
            if let toml::Value::Table(inner) = value {
                visit(inner, &format!("{path}."), keys);
            }
            keys.push(path);
        }
    }
    let config = Config::preset(DEFAULT_PRESET).unwrap();
    let mut keys = Vec::new();
    visit(&toml::Table::try_from(config).unwrap(), "", &mut keys);
    keys
}

/// Whether a spec has a key, or a field of one.
fn is_spec_key(name: &str) -> bool {
    let has = |name: &str| KEYS.iter().any(|key| key.name == name);
    has(name) || name.rsplit_once('.').is_some_and(|(key, _)| has(key))
}

/// Words such as `node.capacitance` that are neither names of files nor of programs.
fn dotted(text: &str) -> Vec<&str> {
    let is_part =
        |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '.' | '-' | '/');
    let files = [
        "npy",
        "npz",
        "csv",
        "toml",
        "json",
        "png",
        "svg",
        "html",
        "cir",
        "txt",
        "safetensors",
        "tra",
        "gz",
    ];
    text.split(|letter| !is_part(letter))
        .map(|word| word.trim_matches(['.', '-', '/']))
        .filter(|word| !word.contains('/') && word.contains('.'))
        .filter(|word| word.starts_with(|letter: char| letter.is_ascii_lowercase()))
        .filter(|word| !["e.g", "i.e"].contains(word))
        // Names of baselines carry a level behind the point: noise-0.3.
        .filter(|word| !word.ends_with(|letter: char| letter.is_ascii_digit()))
        .filter(|word| !files.iter().any(|end| word.ends_with(&format!(".{end}"))))
        .collect()
}

/// Chip and overrides of a command line.
fn spec_of(command: &Command) -> Option<(Vec<String>, Vec<String>)> {
    Some(match command {
        Command::Sample(args) => (
            args.on_chip.chip.clone().into_iter().collect(),
            args.on_chip.overrides.clone(),
        ),
        Command::Relax(args) => (
            args.on_chip.chip.clone().into_iter().collect(),
            args.on_chip.overrides.clone(),
        ),
        Command::Report(args) => (
            args.chip.clone().into_iter().collect(),
            args.overrides.clone(),
        ),
        Command::Bench(BenchCommand::Quality(args)) => (args.chips.clone(), args.overrides.clone()),
        Command::Bench(BenchCommand::Sweep(args)) => {
            (vec![args.study.chip.clone()], args.study.overrides.clone())
        }
        Command::Bench(BenchCommand::Sensitivity(args)) => {
            (vec![args.study.chip.clone()], args.study.overrides.clone())
        }
        Command::Bench(BenchCommand::Tolerance(args)) => {
            (vec![args.study.chip.clone()], args.study.overrides.clone())
        }
        Command::Chip(ChipCommand::Show(args)) => {
            (vec![args.spec.spec.clone()], args.spec.overrides.clone())
        }
        Command::Chip(ChipCommand::Explain(args)) => {
            let is_spec = |name: &&String| Spec::load(name).is_ok();
            let specs = args.topics.iter().filter(is_spec);
            (specs.cloned().collect(), args.overrides.clone())
        }
        Command::Export(ExportCommand::Netlist(args)) => {
            (vec![args.chip.clone()], args.overrides.clone())
        }
        Command::Adapt(args) => (vec![args.chip.clone()], args.overrides.clone()),
        Command::Check(CheckCommand::Gradient(args)) => (
            args.chip.iter().cloned().collect(),
            args.on_chip.overrides.clone(),
        ),
        Command::Export(ExportCommand::Conductances(args)) => {
            (vec![args.chip.clone()], args.overrides.clone())
        }
        Command::Import(ImportCommand::Conductances(args)) => {
            (vec![args.chip.clone()], args.overrides.clone())
        }
        _ => return None,
    })
}

/// Parses a line and loads every chip, device, key and configuration that it names.
pub(super) fn taken(line: &str) {
    let cli = parsed(line);
    let named = spec_of(&cli.command);
    // The chip of a run that a reader has made is not here.
    let is_here = |chip: &&String| !chip.starts_with("runs/");
    for chip in named.iter().flat_map(|(chips, _)| chips).filter(is_here) {
        let mut spec = Spec::load(chip).expect(line);
        let (_, overrides) = named.as_ref().expect(line);
        spec.override_with(overrides).expect(line);
        if let Command::Bench(BenchCommand::Sweep(args)) = &cli.command {
            for axis in &args.vary {
                Axis::parse(axis, &spec).expect(line);
            }
        }
        if let Command::Bench(BenchCommand::Tolerance(args)) = &cli.command {
            assert!(is_spec_key(&args.key), "{line}");
        }
    }
    match &cli.command {
        // The data of a reader are not here.
        Command::Train(args) if args.config.data.is_none() => {
            args.config.request().resolve().expect(line);
        }
        Command::Config(ConfigCommand::Show(args)) if args.config.data.is_none() => {
            args.config.request().resolve().expect(line);
        }
        Command::Chip(ChipCommand::Fit(args)) => {
            device_fit::Base::load(args.from.as_deref()).expect(line);
        }
        Command::Chip(ChipCommand::Measure(args)) => {
            analog_substrate::device::Device::load(&args.device).expect(line);
        }
        _ => {}
    }
}

#[test]
fn every_example_is_taken_with_the_chips_devices_and_keys_that_it_names() {
    let pages = pages();
    assert!(pages.len() >= 24, "{}", pages.len());
    for page in &pages {
        let examples = page.examples();
        let of_page = format!("gradep {}", page.words);
        assert!(examples[0].starts_with(&of_page), "{of_page}: {examples:?}");
        for line in examples.iter().filter(|line| line.starts_with("gradep ")) {
            taken(line);
        }
    }
}

#[test]
fn every_key_in_a_help_page_exists() {
    let config = config_keys();
    let mut found = 0;
    for page in pages() {
        for word in dotted(&page.text) {
            let exists = is_spec_key(word) || config.iter().any(|key| key == word);
            assert!(exists, "gradep {} --help: no key `{word}`", page.words);
            found += 1;
        }
    }
    assert!(found > 20, "{found}");
}

#[test]
fn every_example_can_be_copied_at_the_usual_width() {
    for page in pages() {
        let (_, after) = page.text.split_once("Example:\n").unwrap();
        let examples = after.lines().take_while(|line| !line.is_empty());
        for line in examples {
            assert!(line.chars().count() <= 100, "gradep {}: {line}", page.words);
        }
    }
}
