//! How far a training run or a bench is, on stderr: a bar on a terminal, a line now and then in a batch log.

use crate::console;
use indicatif::{HumanDuration, MultiProgress, ProgressBar, ProgressStyle};
use std::{
    io::{self, IsTerminal as _},
    sync::{
        LazyLock,
        mpsc::{RecvTimeoutError, Sender, channel},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};
use units::printable::printable;

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
            return Self(Display::Lines(Lines::new(done, total, Instant::now())));
        }
        let bar = BARS.add(ProgressBar::new(total).with_style(bar_style()));
        bar.set_position(done);
        bar.reset_eta();
        Self(Display::Bar(bar))
    }

    /// `epoch` is done and had this loss.
    pub fn update(&mut self, epoch: u64, loss: f64) {
        match &mut self.0 {
            Display::Bar(bar) => {
                bar.set_message(format!("{loss:.4}"));
                bar.set_position(epoch);
            }
            Display::Lines(lines) => {
                if let Some(line) = lines.update(epoch, loss, Instant::now()) {
                    console::say(&line);
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

/// Shows which share of some work is done, what was done last, and the time left.
#[derive(Debug)]
pub struct ShareProgress {
    bar: Option<ProgressBar>,
    lines: bool,
    started: Instant,
    printed: Instant,
}

/// Parts that a bar of shares has.
const PARTS: u64 = 1000;

impl ShareProgress {
    /// Nothing is done yet: a bar if stderr is a terminal, lines if not, nothing if `quiet`.
    pub fn start(quiet: bool) -> Self {
        Self::since(Instant::now(), quiet)
    }

    /// As [`start`](Self::start), of work that began earlier.
    fn since(started: Instant, quiet: bool) -> Self {
        let terminal = io::stderr().is_terminal();
        let bar = (terminal && !quiet)
            .then(|| BARS.add(ProgressBar::new(PARTS).with_style(share_style())))
            .map(|bar| bar.with_elapsed(started.elapsed()));
        Self {
            bar,
            lines: !terminal && !quiet,
            started,
            printed: started,
        }
    }

    /// A share of the work is done, at last that of `label`.
    #[expect(clippy::cast_sign_loss, reason = "shares are positive")]
    pub fn update(&mut self, share: f64, label: &str) {
        if let Some(bar) = &self.bar {
            bar.set_message(printable(label).into_owned());
            bar.set_position((share * PARTS as f64) as u64);
        } else if self.lines && self.printed.elapsed() >= LINE_EVERY {
            self.printed = Instant::now();
            // Of what has not moved yet nothing can be said.
            let share = share.max(f64::EPSILON);
            let left = self.started.elapsed().as_secs_f64() * (1.0 / share - 1.0);
            console::say(&format!(
                "{:.0} %: {label}, {} left",
                100.0 * share,
                HumanDuration(duration(left))
            ));
        }
    }

    /// All is done: the bar goes.
    pub fn finish(self) {
        if let Some(bar) = self.bar {
            bar.finish_and_clear();
        }
    }
}

/// Shows how far one piece of work is that tells it nobody, once it has taken longer than people wait for.
#[derive(Debug)]
pub(crate) struct Watch {
    /// Closed when the work is over.
    over: Option<Sender<()>>,
    display: Option<JoinHandle<()>>,
}

/// Work that is over by then is shown no bar.
const PATIENCE: Duration = Duration::from_secs(2);
/// Time between two looks.
const LOOK_EVERY: Duration = Duration::from_millis(200);

impl Watch {
    /// Looks at the share that is done from now on until the watch is dropped; not with `--quiet`.
    pub(crate) fn begin(label: &'static str, share: impl Fn() -> f64 + Send + 'static) -> Self {
        let (over, is_over) = channel();
        let started = Instant::now();
        let goes_on = move |time| is_over.recv_timeout(time) == Err(RecvTimeoutError::Timeout);
        let show = move || {
            if !goes_on(PATIENCE) {
                return;
            }
            let mut progress = ShareProgress::since(started, false);
            while goes_on(LOOK_EVERY) {
                progress.update(share().clamp(0.0, 1.0), label);
            }
            progress.finish();
        };
        let display = (!console::is_quiet()).then(|| thread::spawn(show));
        Self {
            over: Some(over),
            display,
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        drop(self.over.take());
        if let Some(display) = self.display.take() {
            // The display has no result.
            let _ = display.join();
        }
    }
}

/// How many of some like pieces of work are done: a bar on a terminal, nothing in a batch log.
#[derive(Debug)]
pub struct Count(Option<ProgressBar>);

impl Count {
    /// Before the first of `total`.
    pub fn start(total: u64, quiet: bool) -> Self {
        if quiet || !io::stderr().is_terminal() {
            return Self(None);
        }
        let bar = ProgressBar::new(total).with_style(count_style());
        Self(Some(BARS.add(bar)))
    }

    /// One more is done.
    pub fn one(&self) {
        if let Some(bar) = &self.0 {
            bar.inc(1);
        }
    }

    /// All are done: the bar goes.
    pub fn finish(self) {
        if let Some(bar) = self.0 {
            bar.finish_and_clear();
        }
    }
}

/// A number of seconds; what is too long to be told is the longest duration.
fn duration(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds.max(0.0)).unwrap_or(Duration::MAX)
}

fn share_style() -> ProgressStyle {
    ProgressStyle::with_template("{bar:30} {percent} %, {msg}, {elapsed} done, {eta} left")
        .expect("the template is well formed")
}

fn count_style() -> ProgressStyle {
    ProgressStyle::with_template("{bar:30} {pos}/{len}, {elapsed} done, {eta} left")
        .expect("the template is well formed")
}

fn bar_style() -> ProgressStyle {
    ProgressStyle::with_template(
        "{bar:30} {pos}/{len} epochs, loss {msg}, {elapsed} done, {eta} left",
    )
    .expect("the template is well formed")
}

/// Decides when a line is due and what it says; the clock is the caller's.
#[derive(Debug)]
struct Lines {
    first: u64,
    total: u64,
    started: Instant,
    printed: Option<Instant>,
}

impl Lines {
    fn new(first: u64, total: u64, now: Instant) -> Self {
        Self {
            first,
            total,
            started: now,
            printed: None,
        }
    }

    /// The line to print after `epoch`, if one is due: after the first epoch, the last one, and
    /// every [`LINE_EVERY`] between.
    fn update(&mut self, epoch: u64, loss: f64, now: Instant) -> Option<String> {
        let recent = self
            .printed
            .is_some_and(|printed| now - printed < LINE_EVERY);
        if recent && epoch < self.total {
            return None;
        }
        self.printed = Some(now);
        let done = epoch.saturating_sub(self.first).max(1);
        let per_epoch = (now - self.started).as_secs_f64() / done as f64;
        let left = per_epoch * self.total.saturating_sub(epoch) as f64;
        Some(format!(
            "epoch {epoch}/{}: loss {loss:.4}, {per_epoch:.3} s per epoch, {} left",
            self.total,
            HumanDuration(duration(left)),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_log_gets_a_line_every_ten_seconds_and_the_last_epoch() {
        let start = Instant::now();
        let mut lines = Lines::new(100, 160, start);
        let printed: Vec<_> = (101..=160)
            .filter_map(|epoch| {
                let now = start + Duration::from_secs(epoch - 100);
                lines.update(epoch, 0.5, now)
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
