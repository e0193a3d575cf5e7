//! The run directory: one folder that explains itself, and that can be copied anywhere.
//!
//! ```text
//! runs/2026-01-31T12-00-00Z-3f9a1c0b2d4e/   UTC time and configuration hash
//!   config.toml            as given: preset, overrides and flags as comments, then the file
//!   config.resolved.toml   every key
//!   chip.toml              the chip of a run on one: its spec, complete; chip-device.toml, a device of one's own
//!   manifest.json          version, seed, data; command line, threads and processor per session
//!   status.json            running, finished, interrupted or failed; epoch, exit code, times
//!   metrics.csv            one row per epoch
//!   checkpoints/  figures/
//!   model.safetensors      at the end: the couplings to generate with
//!   model-raw.safetensors  at the end, where those are an average: the couplings as trained
//!   samples.npz            at the end: the samples that the summary is about, unclamped, and their shape
//!   conductances/          at the end, of a run on a chip with devices: these, as updates have left them
//!   summary.json           at the end: what came out
//!   files.json             when nothing changes any more: BLAKE3 of all of the above
//!   run.lock               held while a process works in the directory
//! ```
//!
//! Nothing inside refers to the place where the directory lies; the manifest says where the data lay.

mod error;
mod manifest;
mod metrics;
mod status;

pub use error::RunDirError;
pub use manifest::{Amendment, Manifest, Origin, Session, command_line};
pub use metrics::{MetricsTable, MetricsWriter};
pub use status::{RunState, Status};

use crate::{
    config::{Config, Resolved},
    files::{
        FolderLock, INVENTORY, Inventory, make_folder, read_document, sealed_json, sync_folder,
        unsealed, write_atomically,
    },
};
use analog_substrate::hw_spec::Spec;
use jiff::Timestamp;
use serde::{Serialize, de::DeserializeOwned};
use std::{
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

const GIVEN: &str = "config.toml";
const RESOLVED: &str = "config.resolved.toml";
const CHIP: &str = "chip.toml";
const CHIP_DEVICE: &str = "chip-device.toml";
const CONDUCTANCES: &str = "conductances";
/// What a run leaves, but for its inventory and what is in folders.
const FILES: [&str; 11] = [
    GIVEN,
    RESOLVED,
    MANIFEST,
    STATUS,
    METRICS,
    MODEL,
    RAW_MODEL,
    SAMPLES,
    SUMMARY,
    CHIP,
    CHIP_DEVICE,
];
const MANIFEST: &str = "manifest.json";
const STATUS: &str = "status.json";
const METRICS: &str = "metrics.csv";
const MODEL: &str = "model.safetensors";
const RAW_MODEL: &str = "model-raw.safetensors";
const SAMPLES: &str = "samples.npz";
const SUMMARY: &str = "summary.json";
const CHECKPOINTS: &str = "checkpoints";
const FIGURES: &str = "figures";
/// What `figures/` of a finished run holds.
pub const FIGURE_FILES: [&str; 4] = ["loss.svg", "traces.svg", "strip.png", "samples.png"];
/// Marks a folder as a run directory and is locked by the process that works in it.
const LOCK: &str = "run.lock";

/// What can be done about a folder that is not empty and in which a run is to begin.
fn advice(root: &Path) -> &'static str {
    if !root.join(LOCK).is_file() {
        return "it holds other things than a run: name another folder";
    }
    let checkpoints = fs::read_dir(root.join(CHECKPOINTS));
    let has_checkpoint = checkpoints.is_ok_and(|mut entries| entries.next().is_some());
    // What it began from is in no configuration.
    let began_from_model = fs::read(root.join(MANIFEST))
        .ok()
        .and_then(|text| serde_json::from_slice::<Manifest>(&text).ok())
        .is_some_and(|manifest| manifest.from.is_some());
    if root.join(RESOLVED).is_file() && (has_checkpoint || !began_from_model) {
        "name another folder, resume the run with --resume, or replace it with --force"
    } else {
        "its run has saved nothing to go on from: name another folder, or replace it with --force"
    }
}

/// A run directory that this process holds: no other process can open it until this is dropped.
#[derive(Debug)]
pub struct RunDir {
    root: PathBuf,
    /// The operating system releases the lock when the process ends, however it ends.
    _lock: FolderLock,
}

impl RunDir {
    /// Makes `parent/<UTC time>-<config hash>`; a name that is taken gets a number appended.
    ///
    /// # Errors
    /// [`RunDirError::Io`].
    pub fn create_in(parent: &Path, config_hash: &str) -> Result<Self, RunDirError> {
        make_folder(parent).map_err(RunDirError::io(parent))?;
        let name = format!("{}-{config_hash}", file_time(Timestamp::now()));
        let mut root = parent.join(&name);
        let mut copies = 1;
        // Making the folder is what claims the name: two runs may start in the same second.
        while let Err(error) = fs::create_dir(&root) {
            if error.kind() != io::ErrorKind::AlreadyExists {
                return Err(RunDirError::io(&root)(error));
            }
            copies += 1;
            root = parent.join(format!("{name}-{copies}"));
        }
        sync_folder(parent).map_err(RunDirError::io(parent))?;
        Self::prepare(root)
    }

    /// Makes `root`, or takes it if it is empty. With `force`, a run that lies there is removed;
    /// files that are not part of a run stay.
    ///
    /// # Errors
    /// [`RunDirError::NotEmpty`] without `force`; [`RunDirError::NotARun`] where other things than
    /// a run lie there; [`RunDirError::Lock`]; [`RunDirError::Io`].
    pub fn create_at(root: &Path, force: bool) -> Result<Self, RunDirError> {
        make_folder(root).map_err(RunDirError::io(root))?;
        let mut entries = fs::read_dir(root).map_err(RunDirError::io(root))?;
        if entries.next().is_none() {
            return Self::prepare(root.to_owned());
        }
        if !force {
            return Err(RunDirError::NotEmpty {
                path: root.to_owned(),
                advice: advice(root),
            });
        }
        let old = Self::open(root)?;
        for file in std::iter::once(INVENTORY).chain(FILES) {
            absent_is_fine(fs::remove_file(root.join(file))).map_err(RunDirError::io(root))?;
        }
        for folder in [CHECKPOINTS, FIGURES, CONDUCTANCES] {
            absent_is_fine(fs::remove_dir_all(root.join(folder))).map_err(RunDirError::io(root))?;
        }
        drop(old);
        Self::prepare(root.to_owned())
    }

    /// Opens the directory of an earlier run, to resume it.
    ///
    /// # Errors
    /// [`RunDirError::NotARun`], [`RunDirError::Lock`], [`RunDirError::Io`].
    pub fn open(root: &Path) -> Result<Self, RunDirError> {
        if !root.join(LOCK).is_file() {
            return Err(RunDirError::NotARun {
                path: root.to_owned(),
            });
        }
        Ok(Self {
            root: root.to_owned(),
            _lock: FolderLock::take(root, LOCK)?,
        })
    }

    fn prepare(root: PathBuf) -> Result<Self, RunDirError> {
        let lock = FolderLock::take(&root, LOCK)?;
        for folder in [CHECKPOINTS, FIGURES] {
            let path = root.join(folder);
            make_folder(&path).map_err(RunDirError::io(&path))?;
        }
        Ok(Self { root, _lock: lock })
    }

    /// The directory.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// `checkpoints/`.
    pub fn checkpoints(&self) -> PathBuf {
        checkpoints_in(&self.root)
    }

    /// `figures/`.
    pub fn figures(&self) -> PathBuf {
        self.root.join(FIGURES)
    }

    /// `model.safetensors`: the couplings to generate with.
    pub fn model(&self) -> PathBuf {
        model_in(&self.root)
    }

    /// `model-raw.safetensors`: the couplings as trained, where those to generate with are an
    /// average.
    pub fn raw_model(&self) -> PathBuf {
        self.root.join(RAW_MODEL)
    }

    /// `samples.npz`: samples of the trained model.
    pub fn samples(&self) -> PathBuf {
        self.root.join(SAMPLES)
    }

    /// Writes `config.toml` and `config.resolved.toml`.
    ///
    /// # Errors
    /// [`RunDirError::Io`].
    pub fn write_config(&self, resolved: &Resolved) -> Result<(), RunDirError> {
        self.write(GIVEN, resolved.given.as_bytes())?;
        self.write_resolved(&resolved.config)
    }

    /// Writes `config.resolved.toml`.
    ///
    /// # Errors
    /// [`RunDirError::Io`].
    pub fn write_resolved(&self, config: &Config) -> Result<(), RunDirError> {
        self.write(RESOLVED, config.to_toml().as_bytes())
    }

    /// Removes what is written at the end of a run, which goes on: models, samples, summary and figures. The newest
    /// checkpoint holds what they were made of.
    ///
    /// # Errors
    /// [`RunDirError::Io`].
    pub fn remove_results(&self) -> Result<(), RunDirError> {
        self.open_inventory()?;
        let files = [MODEL, RAW_MODEL, SAMPLES, SUMMARY].map(|file| self.root.join(file));
        let figures = FIGURE_FILES.map(|file| self.figures().join(file));
        for path in files.into_iter().chain(figures) {
            absent_is_fine(fs::remove_file(&path)).map_err(RunDirError::io(&path))?;
        }
        let map = self.conductances();
        absent_is_fine(fs::remove_dir_all(&map)).map_err(RunDirError::io(&map))
    }

    /// `conductances/`: the devices of the chip that the run was trained on.
    pub fn conductances(&self) -> PathBuf {
        conductances_in(&self.root)
    }

    /// `chip.toml`: the spec of the chip that the run is trained on.
    pub fn chip(&self) -> PathBuf {
        chip_in(&self.root)
    }

    /// Writes `chip.toml`, and `chip-device.toml` where the device does not come with the crate.
    ///
    /// # Errors
    /// [`RunDirError::Io`].
    pub fn write_chip(&self, spec: &Spec) -> Result<(), RunDirError> {
        let written = spec.written(CHIP_DEVICE);
        if let Some(device) = &written.device {
            self.write(CHIP_DEVICE, device.as_bytes())?;
        }
        self.write(CHIP, written.spec.as_bytes())
    }

    /// Writes `files.json`, what the run holds: done last, when nothing changes any more for now.
    ///
    /// # Errors
    /// [`RunDirError::Io`].
    pub fn close_inventory(&self) -> Result<(), RunDirError> {
        let figures = FIGURE_FILES.map(|name| format!("{FIGURES}/{name}"));
        let names = FILES.map(str::to_owned).into_iter().chain(figures);
        let there = names.filter(|name| self.root.join(name).is_file());
        Inventory::write(&self.root, there).map_err(RunDirError::io(&self.root.join(INVENTORY)))
    }

    /// Whether `files.json` is there.
    pub fn is_closed(&self) -> bool {
        self.root.join(INVENTORY).is_file()
    }

    /// Removes `files.json`: from now on the run changes.
    ///
    /// # Errors
    /// [`RunDirError::Io`].
    pub fn open_inventory(&self) -> Result<(), RunDirError> {
        Inventory::remove(&self.root).map_err(RunDirError::io(&self.root.join(INVENTORY)))
    }

    /// The configuration of the run, from `config.resolved.toml`.
    ///
    /// # Errors
    /// [`RunDirError::Config`].
    pub fn config(&self) -> Result<Config, RunDirError> {
        config_of(&self.root)
    }

    /// Writes `manifest.json`.
    ///
    /// # Errors
    /// [`RunDirError::Io`].
    pub fn write_manifest(&self, manifest: &Manifest) -> Result<(), RunDirError> {
        self.write_json(MANIFEST, manifest)
    }

    /// Reads `manifest.json`.
    ///
    /// # Errors
    /// [`RunDirError::Io`], [`RunDirError::Json`].
    pub fn manifest(&self) -> Result<Manifest, RunDirError> {
        manifest_of(&self.root)
    }

    /// Replaces `status.json`.
    ///
    /// # Errors
    /// [`RunDirError::Io`].
    pub fn write_status(&self, status: &Status) -> Result<(), RunDirError> {
        self.write_json(STATUS, status)
    }

    /// Reads `status.json`.
    ///
    /// # Errors
    /// [`RunDirError::Io`], [`RunDirError::Json`].
    pub fn status(&self) -> Result<Status, RunDirError> {
        read_json(&self.root.join(STATUS))
    }

    /// Starts `metrics.csv` with these columns, the first of which is `epoch`.
    ///
    /// # Errors
    /// [`RunDirError::Io`], [`RunDirError::Metrics`].
    pub fn start_metrics(&self, columns: &[String]) -> Result<MetricsWriter, RunDirError> {
        MetricsWriter::start(&self.root.join(METRICS), columns)
    }

    /// Continues `metrics.csv`, if it is what was written, where `epochs` epochs were done: the rows of later ones are dropped,
    /// so that no epoch that is run again appears twice.
    ///
    /// # Errors
    /// [`RunDirError::Io`], [`RunDirError::Metrics`], [`RunDirError::MetricsGap`],
    /// [`RunDirError::MetricsColumns`].
    pub fn resume_metrics(
        &self,
        columns: &[String],
        epochs: u64,
    ) -> Result<MetricsWriter, RunDirError> {
        let path = self.root.join(METRICS);
        let bytes = fs::read(&path).map_err(RunDirError::io(&path))?;
        Inventory::check(&path, &bytes)?;
        MetricsWriter::resume(&self.root.join(METRICS), columns, epochs)
    }

    /// Reads `metrics.csv`.
    ///
    /// # Errors
    /// [`RunDirError::Metrics`].
    pub fn metrics(&self) -> Result<MetricsTable, RunDirError> {
        metrics_of(&self.root)
    }

    /// Replaces `summary.json`; numbers that are not finite become `null`.
    ///
    /// # Errors
    /// [`RunDirError::Io`].
    pub fn write_summary(&self, summary: &impl Serialize) -> Result<(), RunDirError> {
        self.write_json(SUMMARY, summary)
    }

    /// Reads `summary.json`.
    ///
    /// # Errors
    /// [`RunDirError::Io`], [`RunDirError::Json`].
    pub fn summary(&self) -> Result<serde_json::Value, RunDirError> {
        read_json(&self.root.join(SUMMARY))
    }

    fn write(&self, name: &str, bytes: &[u8]) -> Result<(), RunDirError> {
        let path = self.root.join(name);
        write_atomically(&path, |file| file.write_all(bytes)).map_err(RunDirError::io(&path))
    }

    fn write_json(&self, name: &str, value: &impl Serialize) -> Result<(), RunDirError> {
        let bytes = sealed_json(value)
            .expect("manifest, status and summary are objects of plain data with text keys");
        self.write(name, &bytes)
    }
}

fn read_json<T: DeserializeOwned>(path: &Path) -> Result<T, RunDirError> {
    let bytes = read_document(path).map_err(RunDirError::io(path))?;
    let plain = unsealed(path, &bytes)?;
    serde_json::from_slice(&plain).map_err(|source| RunDirError::Json {
        path: path.to_owned(),
        source,
    })
}

/// The configuration of the run in `root`, whether or not another process works there.
///
/// # Errors
/// [`RunDirError::Config`].
pub fn config_of(root: &Path) -> Result<Config, RunDirError> {
    Ok(Config::read(&root.join(RESOLVED))?)
}

/// Warns where the configuration that a finished run says it had is not the one that was written: it may be edited
/// to go on, but what was made before was made with another.
pub fn warn_of_changed_config(root: &Path) {
    let path = root.join(RESOLVED);
    let changed = read_document(&path).map(|bytes| Inventory::check(&path, &bytes));
    if let Ok(Err(changed)) = changed {
        tracing::warn!("{changed}");
    }
}

/// Whether a folder is a run directory.
pub fn is_run(root: &Path) -> bool {
    root.join(RESOLVED).is_file()
}

/// The manifest of the run in `root`, whether or not another process works there.
///
/// # Errors
/// [`RunDirError::Io`], [`RunDirError::Json`].
pub fn manifest_of(root: &Path) -> Result<Manifest, RunDirError> {
    read_json(&root.join(MANIFEST))
}

/// `metrics.csv` of the run in `root`, whether or not another process works there.
///
/// # Errors
/// [`RunDirError::Metrics`].
pub fn metrics_of(root: &Path) -> Result<MetricsTable, RunDirError> {
    let path = root.join(METRICS);
    let bytes = read_document(&path).map_err(RunDirError::io(&path))?;
    Inventory::check(&path, &bytes)?;
    MetricsTable::read(&path)
}

/// Where the model of the run in `root` lies, once the run is finished.
pub fn model_in(root: &Path) -> PathBuf {
    root.join(MODEL)
}

/// Where the spec of the chip of the run in `root` lies, if it is on one.
pub fn chip_in(root: &Path) -> PathBuf {
    root.join(CHIP)
}

/// Where the devices of the chip of the run in `root` are described, once the run is finished.
pub fn conductances_in(root: &Path) -> PathBuf {
    root.join(CONDUCTANCES)
}

/// Where the checkpoints of the run in `root` lie.
pub fn checkpoints_in(root: &Path) -> PathBuf {
    root.join(CHECKPOINTS)
}

fn absent_is_fine(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

/// UTC to the second, in the form that a file name may have everywhere: `2026-01-31T12-00-00Z`.
fn file_time(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H-%M-%SZ").to_string()
}

/// The present, UTC to the second, RFC 3339: `2026-01-31T12:00:00Z`.
fn utc_now() -> String {
    Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

#[cfg(test)]
mod tests;
