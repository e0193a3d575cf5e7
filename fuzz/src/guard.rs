//! Time and memory of the inputs.

use std::{
    fs,
    path::Path,
    sync::{Mutex, PoisonError},
    thread,
    time::{Duration, Instant},
};

/// Memory that the process may have held at any time, in KiB: 1 GiB.
const MOST_MEMORY: u64 = 1 << 20;

/// Time that one input may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// What is tried, and since when.
static TRIED: Mutex<Option<(Instant, String, Vec<u8>)>> = Mutex::new(None);

/// Ends the process with the input in the folder of artifacts where an input takes longer than the patience.
pub(crate) fn watch(artifacts: &Path) {
    let artifacts = artifacts.to_owned();
    thread::spawn(move || {
        loop {
            thread::sleep(Duration::from_millis(200));
            let tried = TRIED.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some((since, target, input)) = &*tried
                && since.elapsed() > PATIENCE
            {
                let _ = fs::create_dir_all(&artifacts);
                let _ = fs::write(artifacts.join(format!("{target}-hang")), input);
                eprintln!("{target}: an input takes more than {PATIENCE:?}");
                std::process::exit(1);
            }
        }
    });
}

/// Notes what is tried from now on; nothing if `None`.
pub(crate) fn trying(what: Option<(&str, &[u8])>) {
    let mut tried = TRIED.lock().unwrap_or_else(PoisonError::into_inner);
    *tried = what.map(|(target, input)| (Instant::now(), target.to_owned(), input.to_vec()));
}

/// Most memory that the process has held, in KiB, if it is too much; not known but on Linux.
pub(crate) fn excess() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let peak = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let peak: u64 = peak.split_whitespace().next()?.parse().ok()?;
    (peak > MOST_MEMORY).then_some(peak)
}
