//! System calls of a command: listed, and stopped one by one.

use assert_cmd::cargo::cargo_bin;
use std::{
    collections::HashMap,
    fmt, fs,
    path::Path,
    process::{Command, Output},
};

/// Calls that can change what is on a disk.
const CALLS: &str = "openat,creat,write,pwrite64,writev,ftruncate,fallocate,fsync,fdatasync,fchmod,rename,\
     renameat,renameat2,unlink,unlinkat,mkdir,mkdirat,rmdir,link,linkat,symlink,symlinkat,copy_file_range";

/// A file-changing call of a command: the `ordinal`-th of its name in its thread.
#[derive(Clone, Debug)]
pub(super) struct Point {
    call: String,
    ordinal: usize,
    /// As strace prints it, cut short.
    text: String,
}

impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} ({})", self.call, self.ordinal, self.text)
    }
}

/// What happens at a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// The process is killed before the call.
    Kill,
    /// The call fails: the disk is full.
    FullDisk,
}

impl Fault {
    pub(super) const ALL: [Self; 2] = [Self::Kill, Self::FullDisk];

    /// A full disk says so where something is added to it.
    pub(super) fn applies(self, point: &Point) -> bool {
        self == Self::Kill
            || ["openat", "write", "fsync", "mkdir", "fdatasync"].contains(&point.call.as_str())
    }

    fn injection(self, point: &Point) -> String {
        let Point { call, ordinal, .. } = point;
        match self {
            Self::Kill => format!("{call}:error=EIO:signal=SIGKILL:when={ordinal}"),
            Self::FullDisk => format!("{call}:error=ENOSPC:when={ordinal}"),
        }
    }

    /// Whether a stopped command ended as it should have.
    pub(super) fn check(self, stopped: &Output, place: &Path) -> Result<(), String> {
        use std::os::unix::process::ExitStatusExt as _;
        let words = String::from_utf8_lossy(&stopped.stderr);
        match self {
            Self::Kill if stopped.status.signal() == Some(9) => Ok(()),
            Self::Kill => Err(format!("was not reached: {stopped:?}")),
            Self::FullDisk => {
                let code = stopped.status.code();
                // Where threads write as well, the message itself can meet the fault.
                let said = words.contains("No space left") || words.is_empty();
                if code != Some(1) || !said {
                    return Err(format!("a full disk ended with {code:?}: {words}"));
                }
                if words.contains("panicked") || words.contains("drop failed") {
                    return Err(format!("a library's words: {words}"));
                }
                let left = super::tree::leftovers(place);
                if left.is_empty() {
                    Ok(())
                } else {
                    Err(format!("left behind: {left:?}"))
                }
            }
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Kill => "killed",
            Self::FullDisk => "full disk",
        })
    }
}

fn traced(place: &Path, options: &[&str], line: &[String]) -> Command {
    let mut command = Command::new("strace");
    command
        .args(["-f", "-qq", "-y", "-e", "signal=none"])
        .args(options)
        .arg(cargo_bin("gradep"))
        .args(line)
        .env("NO_COLOR", "1")
        .current_dir(place);
    command
}

/// Runs a command as a person does.
pub(super) fn gradep(place: &Path, line: &[String]) -> Output {
    Command::new(cargo_bin("gradep"))
        .args(line)
        .env("NO_COLOR", "1")
        .current_dir(place)
        .output()
        .unwrap()
}

/// The file-changing calls of the command's first thread, in their order.
pub(super) fn points(place: &Path, line: &[String]) -> Vec<Point> {
    let log = place.with_extension("strace");
    let path = log.display().to_string();
    let output = traced(place, &["-e", &format!("trace={CALLS}"), "-o", &path], line)
        .output()
        .unwrap();
    assert!(output.status.success(), "{line:?}: {output:?}");
    let text = fs::read_to_string(&log).unwrap();
    let first = text
        .split_whitespace()
        .next()
        .unwrap_or_default()
        .to_owned();
    let mut counts = HashMap::<String, usize>::new();
    let mut points = Vec::new();
    for entry in text.lines() {
        let Some((thread, call)) = entry.split_once(char::is_whitespace) else {
            continue;
        };
        let call = call.trim_start();
        let Some((name, arguments)) = call.split_once('(') else {
            continue;
        };
        if thread != first || call.starts_with('<') {
            continue;
        }
        let ordinal = counts.entry(name.to_owned()).or_default();
        *ordinal += 1;
        if changes_files(name, arguments, place) {
            points.push(Point {
                call: name.to_owned(),
                ordinal: *ordinal,
                text: arguments.chars().take(100).collect(),
            });
        }
    }
    fs::remove_file(log).unwrap();
    points
}

/// Calls that name a file change it; those that have it open do so where it lies in the folder.
fn changes_files(name: &str, arguments: &str, place: &Path) -> bool {
    match name {
        "openat" => arguments.contains("O_CREAT") || arguments.contains("O_TRUNC"),
        "write" | "pwrite64" | "writev" | "ftruncate" | "fallocate" | "fsync" | "fdatasync"
        | "fchmod" | "copy_file_range" => {
            let opened = format!("<{}", place.display());
            arguments
                .split(',')
                .next()
                .is_some_and(|first| first.contains(&opened))
        }
        _ => true,
    }
}

/// Runs a command that meets a fault at a point.
pub(super) fn stop(place: &Path, line: &[String], point: &Point, fault: Fault) -> Output {
    let trace = format!("trace={}", point.call);
    let inject = format!("inject={}", fault.injection(point));
    traced(
        place,
        &["-e", &trace, "-e", &inject, "-o", "/dev/null"],
        line,
    )
    .output()
    .unwrap()
}
