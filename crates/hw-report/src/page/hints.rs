//! Commands that measure what a page does not show yet. Each runs as it stands, with what was given for the
//! page, into a folder that is not there yet; one more makes the page again with all of it.

use super::{Request, source::Results};
use bench_hw::sweep::Sensitivity;
use serde::Serialize;
use std::path::Path;

/// Chips of which something is asked where none was given: one without devices for its time, one with them
/// for what limits it.
const TIMED_CHIP: &str = "D3";
const REAL_CHIP: &str = "D3-PCM";

/// Something that was not measured yet.
#[derive(Clone, Debug, Serialize)]
pub struct Missing {
    /// What.
    pub what: &'static str,
    /// The command line that measures it; none where no command can.
    pub command: Option<String>,
    /// Why no command can.
    pub reason: Option<String>,
}

/// What is missing from a page, and how to have it.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Hints {
    /// What was not measured yet.
    pub missing: Vec<Missing>,
    /// The command that makes the page with it, after those.
    pub then: Option<String>,
}

/// The model that is asked about.
pub(super) struct Subject {
    /// A run or a model file, as it was typed.
    pub(super) path: String,
    /// `H` or `P`.
    pub(super) track: String,
}

pub(super) const TIME_AND_ENERGY: &str = "best time and energy per sample";
pub(super) const WORST: &str = "the worst non-ideality";

impl Subject {
    /// The model of some results, if it is still where it was.
    pub(super) fn of_results(results: &Results) -> Option<Self> {
        let qualities = results.qualities.iter().flat_map(|read| {
            let track = read.document.track.as_str();
            read.document
                .runs
                .iter()
                .map(move |run| (run.name.as_str(), track))
        });
        let sweeps = results.sweeps.iter().map(|read| {
            let question = &read.document.question;
            (question.run.as_str(), question.track.as_str())
        });
        let mut there = qualities
            .chain(sweeps)
            .filter(|(path, _)| Path::new(path).exists());
        let (path, track) = there.next()?;
        Some(Self {
            path: path.to_owned(),
            track: track.to_owned(),
        })
    }
}

/// Commands for what is missing: the best time, the worst non-ideality.
pub(super) fn hints(
    request: &Request<'_>,
    subject: Option<&Subject>,
    (no_time, no_worst): (bool, bool),
) -> Hints {
    let mut hints = Hints::default();
    let mut folders = Vec::new();
    let mut ask = |what, words: &[String], chip: Vec<String>, name: &str| {
        let reason = subject
            .is_none()
            .then(|| "its model is not known here: give the run to `gradep report`".to_owned());
        let command = subject.filter(|_| reason.is_none()).map(|subject| {
            let folder = free_name(name);
            let mut all = words.to_vec();
            all.extend(["--run".to_owned(), subject.path.clone()]);
            all.extend(chip);
            all.extend(["--track".to_owned(), subject.track.clone()]);
            all.extend(["--out".to_owned(), folder.clone()]);
            folders.push(folder);
            line(&all)
        });
        hints.missing.push(Missing {
            what,
            command,
            reason,
        });
    };
    let words = |text: &str| -> Vec<String> { text.split(' ').map(str::to_owned).collect() };
    let given = request.chip_words.to_vec();
    if no_time {
        let chip = if given.is_empty() {
            words(&format!("--chip {TIMED_CHIP}"))
        } else {
            given.clone()
        };
        ask(
            TIME_AND_ENERGY,
            &words("gradep bench quality"),
            chip,
            "quality",
        );
    }
    if no_worst {
        // A chip without imperfections has none to rank.
        let chip = if given.is_empty() || Sensitivity::of(request.chip).is_err() {
            words(&format!("--chip {REAL_CHIP}"))
        } else {
            given
        };
        ask(
            WORST,
            &words("gradep bench sensitivity"),
            chip,
            "sensitivity",
        );
    }
    hints.then = (!folders.is_empty()).then(|| again(request.command, &folders));
    hints
}

/// The command that made this page, with more results.
fn again(command: &[String], folders: &[String]) -> String {
    let mut words = command.to_vec();
    if let Some(program) = words.first_mut() {
        "gradep".clone_into(program);
    }
    let place = words.iter().position(|word| word == "report");
    let place = place.map_or(words.len(), |place| place + 1);
    let more = folders
        .iter()
        .flat_map(|folder| ["--bench".to_owned(), folder.clone()]);
    words.splice(place..place, more);
    line(&words)
}

/// `name`, or the first of `name-2`, `name-3`, … that is not there: a command into a folder that holds
/// something else is refused.
fn free_name(name: &str) -> String {
    let mut numbered = (2..).map(|number| format!("{name}-{number}"));
    let is_free = |name: &String| !Path::new(name).exists();
    let first = Some(name.to_owned()).filter(is_free);
    first.unwrap_or_else(|| numbered.find(is_free).unwrap_or_default())
}

/// A command line of words.
fn line(words: &[String]) -> String {
    let words: Vec<String> = words.iter().map(|word| shell_word(word)).collect();
    words.join(" ")
}

/// One word of a command line, quoted where a shell would take it apart.
fn shell_word(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+=:@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}
