//! What survives a process that is killed, and a disk that is full: every command that writes is stopped before
//! each of its file-changing system calls, does then what its own words say, and has to end in the bytes
//! of a run that nothing stopped.
//!
//! System calls are stopped by `strace`. The default test takes every 19th point of every third command; all of them, with the table
//! of `docs/faults.md`: `cargo test --workspace --test kill -- --ignored --nocapture every_point`.

mod disk;
mod scenario;
mod strace;
mod tree;

use scenario::{SCENARIOS, Scenario, fixture};
use std::path::{Path, PathBuf};
use strace::{Fault, Point};

/// What became of the points of a command.
#[derive(Debug, Default)]
struct Tally {
    points: usize,
    /// Ended in the same bytes after the first thing that a person would do: the command again.
    again: usize,
    /// Ended in the same bytes after what the message of that said.
    told: usize,
    failed: Vec<String>,
}

/// The folder of a scenario at its beginning, and at its end where nothing went wrong.
struct Prepared {
    _room: tempfile::TempDir,
    before: PathBuf,
    after: PathBuf,
    points: Vec<Point>,
}

fn prepare(scenario: &Scenario) -> Prepared {
    let room = tempfile::tempdir().unwrap();
    let at = |name: &str| room.path().join(name);
    tree::copy(fixture(), &at("before"));
    scenario.set_up(&at("before"));
    tree::copy(&at("before"), &at("traced"));
    let points = strace::points(&at("traced"), &scenario.command());
    tree::copy(&at("before"), &at("after"));
    let done = strace::gradep(&at("after"), &scenario.command());
    assert!(done.status.success(), "{}: {done:?}", scenario.name);
    let (before, after) = (at("before"), at("after"));
    assert_eq!(
        tree::differences(&at("traced"), &after),
        Vec::<String>::new(),
        "{}: not reproducible",
        scenario.name
    );
    Prepared {
        _room: room,
        before,
        after,
        points,
    }
}

/// Stops the command at a point and goes on as its words say. `Ok(true)` where more than the command itself was
/// needed.
fn stop_and_go_on(
    scenario: &Scenario,
    prepared: &Prepared,
    point: &Point,
    fault: Fault,
) -> Result<bool, String> {
    let room = tempfile::tempdir().unwrap();
    let place = room.path().join("place");
    tree::copy(&prepared.before, &place);
    let stopped = strace::stop(&place, &scenario.command(), point, fault);
    fault.check(&stopped, &place)?;
    tree::is_whole(&place, &prepared.before, &prepared.after)?;
    let more = go_on(scenario, &place)?;
    let differences = tree::differences(&place, &prepared.after);
    if differences.is_empty() {
        Ok(more)
    } else {
        Err(format!("other bytes than uninterrupted: {differences:?}"))
    }
}

/// The same command again and, as long as it refuses, what it says.
fn go_on(scenario: &Scenario, place: &Path) -> Result<bool, String> {
    let mut said = String::new();
    let mut line = scenario.command();
    for attempt in 0..4 {
        let output = strace::gradep(place, &line);
        if output.status.success() {
            return Ok(attempt > 0);
        }
        let words = String::from_utf8_lossy(&output.stderr).into_owned();
        if !words.contains("error: ") {
            return Err(format!("no word: {output:?}"));
        }
        let next = scenario.advice(&words, &line);
        said = format!("{said}{line:?}: {words}");
        match next {
            Some(next) => line = next,
            None => return Err(format!("no way on: {said}")),
        }
    }
    Err(format!("goes in a circle: {said}"))
}

fn try_points(scenario: &Scenario, prepared: &Prepared, fault: Fault, every: usize) -> Tally {
    let mut tally = Tally::default();
    for point in prepared.points.iter().step_by(every) {
        if !fault.applies(point) {
            continue;
        }
        tally.points += 1;
        match stop_and_go_on(scenario, prepared, point, fault) {
            Ok(false) => tally.again += 1,
            Ok(true) => tally.told += 1,
            Err(why) => tally.failed.push(format!("{point}: {why}")),
        }
    }
    tally
}

#[expect(clippy::print_stdout, reason = "the table is what it is run for")]
fn try_all(scenarios: impl Iterator<Item = &'static Scenario>, every: usize) -> usize {
    if !gradep_tests::live::has_strace() {
        return usize::MAX;
    }
    println!(
        "| command | fault | points | same bytes after the command again | after what it said |"
    );
    println!("|---|---|---|---|---|");
    let mut failed = Vec::new();
    let mut sum = 0;
    for scenario in scenarios {
        let prepared = prepare(scenario);
        for fault in Fault::ALL {
            let tally = try_points(scenario, &prepared, fault, every);
            println!(
                "| {} | {fault} | {} | {} | {} |",
                scenario.name, tally.points, tally.again, tally.told
            );
            sum += tally.points;
            let name = scenario.name;
            failed.extend(
                tally
                    .failed
                    .into_iter()
                    .map(|why| format!("{name}, {fault}, {why}")),
            );
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    sum
}

#[test]
fn some_points_of_some_commands() {
    let tried = try_all(SCENARIOS.iter().step_by(3), 19);
    assert!(tried >= 20, "{tried} points");
}

#[test]
#[ignore = "minutes: cargo test --workspace --test kill -- --ignored --nocapture every_point"]
fn every_point_of_every_command() {
    let tried = try_all(SCENARIOS.iter(), 1);
    assert!(tried >= 500, "{tried} points");
}
