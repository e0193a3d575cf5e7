//! How far a long command is, on stderr: a bar on a terminal, a line now and then in a batch log.

use indicatif::{HumanDuration, MultiProgress, ProgressBar, ProgressStyle};
use std::{
    io::{self, IsTerminal as _},
    sync::{LazyLock, Mutex, PoisonError},
    time::{Duration, Instant},
};

/// All bars of the process, so that log lines can be printed above them.
static BARS: LazyLock<MultiProgress> = LazyLock::new(MultiProgress::new);

/// Time between two lines where there is no terminal: long runs stay short logs.
const LINE_EVERY: Duration = Duration::from_secs(10);

/// Runs `print` with the bar taken off the screen.
pub(crate) fn suspended<T>(print: impl FnOnce() -> T) -> T {
    BARS.suspend(print)
}

/// Shows epochs done, time left and the latest loss.
#[derive(Debug)]
pub struct Progress(Display);

#[derive(Debug)]
enum Display {
    Bar(ProgressBar),
    Lines(Lines),
    Silent,
}

impl Progress {
    /// Progress from epoch `done` towards `total`: a bar if stderr is a terminal, lines if not,
    /// nothing if `quiet`.
    pub fn start(done: u64, total: u64, quiet: bool) -> Self {
        if quiet {
            return Self(Display::Silent);
        }
        if !io::stderr().is_terminal() {
            let lines = Lines::new("epoch", (done, total), Instant::now());
            return Self(Display::Lines(lines));
        }
        Self(Display::Bar(bar((done, total), EPOCHS)))
    }

    /// `epoch` is done and had this loss.
    pub fn update(&mut self, epoch: u64, loss: f64) {
        match &mut self.0 {
            Display::Bar(bar) => {
                bar.set_message(format!("{loss:.4}"));
                bar.set_position(epoch);
            }
            Display::Lines(lines) => {
                let note = format!("loss {loss:.4}, ");
                if let Some(line) = lines.update(epoch, &note, Instant::now()) {
                    eprintln!("{line}");
                }
            }
            Display::Silent => {}
        }
    }

    /// The last epoch is done: the bar stays as it is.
    pub fn finish(self) {
        if let Display::Bar(bar) = self.0 {
            bar.abandon();
        }
    }
}

const EPOCHS: &str = "{bar:30} {pos}/{len} epochs, loss {msg}, {elapsed} done, {eta} left";
const THINGS: &str = "{bar:30} {pos}/{len} {msg}s, {elapsed} done, {eta} left";

fn bar((done, total): (u64, u64), template: &str) -> ProgressBar {
    let style = ProgressStyle::with_template(template).expect("the template is well formed");
    let bar = BARS.add(ProgressBar::new(total).with_style(style));
    bar.set_position(done);
    bar.reset_eta();
    bar
}

/// Counts things that are done on any thread, and shows the time left.
#[derive(Debug)]
pub struct Counted(Mutex<(u64, Display)>);

impl Counted {
    /// `done` of `total` things, each a `what`, are there.
    pub fn start(what: &'static str, (done, total): (u64, u64), quiet: bool) -> Self {
        let display = if quiet {
            Display::Silent
        } else if io::stderr().is_terminal() {
            Display::Bar(bar((done, total), THINGS).with_message(what))
        } else {
            Display::Lines(Lines::new(what, (done, total), Instant::now()))
        };
        Self(Mutex::new((done, display)))
    }

    /// One more is done.
    pub fn tick(&self) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (done, display) = &mut *state;
        *done += 1;
        match display {
            Display::Bar(bar) => bar.set_position(*done),
            Display::Lines(lines) => {
                if let Some(line) = lines.update(*done, "", Instant::now()) {
                    eprintln!("{line}");
                }
            }
            Display::Silent => {}
        }
    }

    /// There is nothing more to do: the bar stays as it is.
    pub fn finish(self) {
        let (_, display) = self.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        if let Display::Bar(bar) = display {
            bar.abandon();
        }
    }
}

/// Decides when a line is due and what it says; the clock is the caller's.
#[derive(Debug)]
struct Lines {
    what: &'static str,
    first: u64,
    total: u64,
    started: Instant,
    printed: Option<Instant>,
}

impl Lines {
    fn new(what: &'static str, (first, total): (u64, u64), now: Instant) -> Self {
        Self {
            what,
            first,
            total,
            started: now,
            printed: None,
        }
    }

    /// The line to print when `done` are done, if one is due: after the first, the last one, and every
    /// [`LINE_EVERY`] between.
    fn update(&mut self, done: u64, note: &str, now: Instant) -> Option<String> {
        let recent = self
            .printed
            .is_some_and(|printed| now - printed < LINE_EVERY);
        if recent && done < self.total {
            return None;
        }
        self.printed = Some(now);
        let passed = done.saturating_sub(self.first).max(1);
        let each = (now - self.started).as_secs_f64() / passed as f64;
        let left = each * self.total.saturating_sub(done) as f64;
        Some(format!(
            "{what} {done}/{}: {note}{each:.3} s per {what}, {} left",
            self.total,
            HumanDuration(Duration::from_secs_f64(left)),
            what = self.what,
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_log_gets_a_line_every_ten_seconds_and_the_last_epoch() {
        let start = Instant::now();
        let mut lines = Lines::new("epoch", (100, 160), start);
        let printed: Vec<_> = (101..=160)
            .filter_map(|epoch| {
                let now = start + Duration::from_secs(epoch - 100);
                lines.update(epoch, "loss 0.5000, ", now)
            })
            .collect();
        // Epochs 101, 111, … 151 and 160, at one second each.
        assert_eq!(printed.len(), 7);
        assert_eq!(
            printed[1],
            "epoch 111/160: loss 0.5000, 1.000 s per epoch, 49 seconds left"
        );
    }
}
