//! Numbers that no machine can hold: every numeric option of every command with absurd values ends in a word,
//! and neither in a panic, nor in an abort of the allocator, nor in silence.

use analog_substrate::{Layers, chip::Duration};
use clap::{Arg, Command as Parser, CommandFactory as _, builder::ValueParser, error::ErrorKind};
use gradep::cli::Cli;
use gradep_core::{
    Training, config::Config, files::write_npz, run::trained_model, trainer::initial_couplings,
};
use ndarray::Array2;
use ndarray_npy::write_npy;
use std::{
    collections::BTreeSet,
    fs::{self, File},
    num::{NonZeroU32, NonZeroU64, NonZeroUsize},
    path::Path,
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::{Duration as Time, Instant},
};

/// The last two alone are tried by the short form.
const VALUES: [&str; 9] = [
    "0",
    "1e-300",
    "1000000000",
    "1e9",
    "NaN",
    "-1",
    "18446744073709551615",
    "1e300",
    "1000000000000",
];

/// Kilobytes of address space that a command gets.
const ADDRESSES: u32 = 4_000_000;

/// What a command says before work that takes long: then it may go on.
const SAID: &str = "this takes a while";

/// Command lines on tiny inputs; every numeric option fits on at least one of them.
const LINES: &[&str] = &[
    "train --out OUT -s data.source=tiny.csv -s data.shape=[2,2] -s network.layers=[4,2] --epochs 1",
    "train --out OUT -s data.source=tiny.csv -s data.shape=[2,2] -s network.layers=[4,2] --epochs 1 --chip ideal",
    "adapt run --chip D3 --ratio 1 --times 0.1 -n 10 --updates 1 --time-step 1 --free 1tau --nudged 1tau --range 0.1 --out OUT",
    "adapt run --chip D3 -s device=generic --ratio 1 --times 0.1 -n 10 --updates 1 --time-step 1 --free 1tau --nudged 1tau --later 1000s --out OUT",
    "adapt run --chip D3 -s device=generic --ratio 1 --times 0.1 -n 10 --updates 1 --time-step 1 --free 1tau --nudged 1tau --later 1000000s --refresh 1 --population 2 --learning-rate 0.1 --out OUT",
    "sample m.safetensors -n 2 --out OUT.npz --steps 1",
    "sample m.safetensors -n 2 --out OUT.npz --step 0.5",
    "sample m.safetensors -n 2 --out OUT.npz --chip ideal --mode free --ratio 2 --until 0.1",
    "sample m.safetensors -n 2 --out OUT.npz --chip ideal --mode stepped --settle 1tau --steps 1 --until 0.1",
    "sample m.safetensors -n 2 --out OUT.npz --step 0.5 --method euler --temperature 0.1",
    "sample m.safetensors -n 2 --out OUT.npz --chip D3 --mode free --ratio 2 --until 0.1 --noise-gain 2",
    "sample m.safetensors -n 2 --out OUT.npz --step 0.5 --method adaptive --flow-tolerance 0.1",
    "sample labelled.safetensors -n 2 --out OUT.npz --steps 1 --class 1 --class-amplitude 1 --start good.npz --start-time 0.1",
    "evaluate good.npz --track P --low -1 --high 1",
    "report none -o OUT.html --chip ideal",
    "bench baselines --only uniform --count 10 --track P",
    "bench evaluator --out OUT.npz",
    "bench quality --run m.safetensors --mode ideal --times 0.1 -n 10 --track P --out OUT",
    "bench quality --run m.safetensors --chip ideal --mode free --ratio 2 --until 0.1 -n 10 --track P --out OUT",
    "bench inpaint m.safetensors -n 2 --draws 1 --mask upper --steps 1 --until 0.1 --chip ideal --mode stepped --settle 1tau",
    "bench inpaint m.safetensors -n 2 --draws 1 --mask upper --step 0.1 --until 0.1",
    "bench inpaint m.safetensors -n 2 --draws 1 --mask upper --until 0.1 --chip ideal --mode free --ratio 2",
    "bench classes labelled.safetensors -n 10 --steps 1 --until 0.1 --chip ideal --mode stepped --settle 1tau",
    "bench classes labelled.safetensors -n 10 --step 0.1 --until 0.1",
    "bench classes labelled.safetensors -n 10 --until 0.1 --chip ideal --mode free --ratio 2",
    "bench sweep --run m.safetensors --chip D3 -s device=generic --mode stepped --settle 1tau --step 0.1 --until 0.1 -n 10 --chips 1 --track P --only programming_noise --vary array.programming_sigma=0 --out OUT",
    "bench sweep --run m.safetensors --chip D3 -s device=generic --ratio 2 --until 0.1 -n 10 --chips 1 --track P --only programming_noise --vary array.programming_sigma=0 --out OUT",
    "bench sensitivity --run m.safetensors --chip ideal --until 0.1 -n 10 --chips 1 --track P --out OUT",
    "bench tolerance --run m.safetensors --chip D3 -s device=generic --ratio 2 --until 0.1 -n 10 --chips 1 --track P --only programming_noise --key array.programming_sigma --between 0 0.5 --steps-between 1 --out OUT",
    "relax --model m.safetensors --anchor x.npy --solver explicit --steps 1 --out OUT.npz",
    "relax --model m.safetensors --anchor x.npy --chip ideal --duration 1tau --intervals 2 --out OUT.npz --integrator etd2",
    "gradient --model m.safetensors --anchor x.npy --velocity x.npy --solver explicit --steps 1 --out OUT.npz",
    "check gradient --model m.safetensors --samples 2 --betas 1e-3 --precisions f64 --budgets explicit:2",
    "check gradient --model m.safetensors --samples 2 --chip D3 --repeats 2 --ranges 0.1 --free 1tau --nudged 1tau --time-step 1",
    "check gradient --model m.safetensors --samples 2 --chip D3 --repeats 2 --ranges 0.1 --free 1tau --nudged 1tau --time-step 1 --seeds 1 --vary converters.adc_bits=8,off --out OUT",
    "chip measure pcm --kind programming-noise --devices 5 -o OUT.csv",
    "chip fit measured.csv --kind programming-noise --from pcm -o OUT.toml",
    "export netlist --model m.safetensors --anchor x.npy --duration 1tau -o OUT.cir --free --couplings devices --chip D3 -s device=generic",
    "export conductances m.safetensors --chip D3-PCM --out OUT",
    "config show",
];

/// A small model and what else the lines read.
fn write_inputs(folder: &Path) {
    let mut config = Config::preset("best").unwrap();
    config.network.layers = Layers::new(vec![64, 4]).unwrap();
    let couplings = initial_couplings(&config.network, 1);
    let model = trained_model(&config, couplings);
    model.write(&folder.join("m.safetensors")).unwrap();
    config.network.layers = Layers::new(vec![74, 4]).unwrap();
    config.data.label_nodes = 10;
    let couplings = initial_couplings(&config.network, 1);
    let labelled = trained_model(&config, couplings);
    labelled
        .write(&folder.join("labelled.safetensors"))
        .unwrap();
    let settings = ["network.layers=[64,4]", "training.epochs=1"];
    let training = settings
        .iter()
        .fold(Training::preset("track-h"), |training, setting| {
            let (key, value) = setting.split_once('=').unwrap();
            training.set(key, value)
        });
    training.folder(folder.join("run")).run().unwrap();
    let digits = gradep_core::data::Dataset::digits();
    let some = digits.images().slice(ndarray::s![..10, ..]).to_owned();
    write_npz(&folder.join("good.npz"), |npz| npz.add("samples", &some)).unwrap();
    let anchors: Array2<f32> = some.slice(ndarray::s![..2, ..]).to_owned();
    write_npy(folder.join("x.npy"), &anchors).unwrap();
    fs::write(folder.join("tiny.csv"), "0,16,0,16,1\n16,0,16,0,2\n").unwrap();
    let rows: Vec<String> = (1..20).map(|k| format!("{k},{k}.1\n")).collect();
    let table = rows.concat();
    fs::write(
        folder.join("measured.csv"),
        format!("target_uS,achieved_uS\n{table}"),
    )
    .unwrap();
}

fn is_numeric(argument: &Arg) -> bool {
    let parser = argument.get_value_parser().type_id();
    [
        ValueParser::from(clap::value_parser!(f64)),
        clap::value_parser!(u32).into(),
        clap::value_parser!(u64).into(),
        clap::value_parser!(usize).into(),
        clap::value_parser!(NonZeroUsize).into(),
        clap::value_parser!(NonZeroU32).into(),
        clap::value_parser!(NonZeroU64).into(),
        clap::value_parser!(Duration).into(),
    ]
    .iter()
    .any(|known| known.type_id() == parser)
}

/// The numeric options of all commands that do something, as `command --option`.
fn options(command: &Parser, words: &str, found: &mut BTreeSet<(String, String)>) {
    for inner in command.get_subcommands() {
        let words = format!("{words} {}", inner.get_name());
        if inner.get_subcommands().next().is_some() {
            options(inner, &words, found);
        } else {
            let numeric = inner
                .get_arguments()
                .filter(|argument| is_numeric(argument));
            let names = numeric.filter_map(Arg::get_long);
            found.extend(names.map(|name| (words.trim().to_owned(), name.to_owned())));
        }
    }
}

/// The line with a value for an option in the place of its own, if the parser takes it.
fn with_value(line: &str, option: &str, value: &str) -> Result<Vec<String>, ErrorKind> {
    let mut words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
    let short = if option == "count" { "-n" } else { "" };
    let long = format!("--{option}");
    if let Some(at) = words.iter().position(|word| *word == long || word == short) {
        words.drain(at..at + 2);
    }
    words.push(format!("{long}={value}"));
    let typed = std::iter::once("gradep").chain(words.iter().map(String::as_str));
    match Cli::command().try_get_matches_from(typed) {
        Ok(_) => Ok(words),
        Err(error) => Err(error.kind()),
    }
}

/// How a command ends in little memory; stopped where it says that it takes long.
fn outcome(folder: &Path, words: &[String], number: usize) -> Result<(), String> {
    let place = format!("out_{number}");
    let words = words.iter().map(|word| word.replace("OUT", &place));
    let said = folder.join(format!("said_{number}"));
    let mut child = Command::new("sh")
        .args(["-c", &format!("ulimit -v {ADDRESSES}; exec \"$0\" \"$@\"")])
        .arg(assert_cmd::cargo::cargo_bin!("gradep"))
        .args(words)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(File::create(&said).unwrap())
        .spawn()
        .unwrap();
    let status = wait(&mut child, &said);
    let text = fs::read_to_string(&said).unwrap_or_default();
    match status {
        Ended::Code(Some(0 | 2 | 4 | 75)) | Ended::Announced => Ok(()),
        Ended::Code(code) => Err(format!("status {code:?}: {text}")),
        Ended::Silent => Err(format!("still at work, and says nothing of it: {text}")),
    }
}

enum Ended {
    Code(Option<i32>),
    Announced,
    Silent,
}

fn wait(child: &mut Child, said: &Path) -> Ended {
    let began = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return Ended::Code(status.code());
        }
        let announced = fs::read_to_string(said).is_ok_and(|text| text.contains(SAID));
        // A guard, not a bound: none of these takes a second.
        if announced || began.elapsed() > Time::from_secs(60) {
            child.kill().unwrap();
            child.wait().unwrap();
            return if announced {
                Ended::Announced
            } else {
                Ended::Silent
            };
        }
        thread::sleep(Time::from_millis(10));
    }
}

/// The commands to run: every value that the parser takes for every option, on the first line that takes the
/// option or on all.
fn tasks(values: &[&str], on_all: bool) -> Vec<Vec<String>> {
    let mut all = BTreeSet::new();
    options(&Cli::command(), "", &mut all);
    assert!(all.len() > 60, "{all:?}");
    let mut tasks = Vec::new();
    for (command, option) in all {
        let lines = LINES.iter().filter(|line| line.starts_with(&command));
        let fits = lines.flat_map(|line| ["", "tau", "S", "s"].map(|unit| (line, unit)));
        let fits =
            fits.filter(|(line, unit)| with_value(line, &option, &format!("1{unit}")).is_ok());
        let fits: Vec<_> = fits.take(if on_all { usize::MAX } else { 1 }).collect();
        assert!(!fits.is_empty(), "no line takes {command} --{option}");
        for (line, unit) in fits {
            let with = values
                .iter()
                .map(|value| with_value(line, &option, &format!("{value}{unit}")));
            // What the parser refuses ends with 2 before anything is done.
            tasks.extend(with.flatten());
        }
    }
    tasks
}

#[test]
fn absurd_numbers_are_refused_in_words() {
    let folder = tempfile::tempdir().unwrap();
    write_inputs(folder.path());
    run_all(folder.path(), &tasks(&VALUES[VALUES.len() - 2..], false));
}

#[test]
#[ignore = "minutes: cargo test --workspace --test cli -- --ignored every_absurd_number"]
fn every_absurd_number_is_refused_on_every_line() {
    let folder = tempfile::tempdir().unwrap();
    write_inputs(folder.path());
    run_all(folder.path(), &tasks(&VALUES, true));
}

/// Runs every task, two at a time.
fn run_all(folder: &Path, tasks: &[Vec<String>]) {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut failures = Vec::new();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(words) = tasks.get(number) else {
                return failures;
            };
            if let Err(problem) = outcome(folder, words, number) {
                failures.push(format!("{}: {problem}", words.join(" ")));
            }
        }
    };
    let failures: Vec<String> = thread::scope(|scope| {
        let workers: Vec<_> = (0..2).map(|_| scope.spawn(work)).collect();
        let ended = workers.into_iter().map(|worker| worker.join().unwrap());
        ended.flatten().collect()
    });
    assert!(
        failures.is_empty(),
        "{} of {}:\n{}",
        failures.len(),
        tasks.len(),
        failures.join("\n")
    );
}
