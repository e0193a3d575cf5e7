//! `manifest.json`: what made the run.

use super::utc_now;
use crate::config::{Change, Config};
use serde::{Deserialize, Serialize, Serializer};
use std::path::{Path, PathBuf};

/// What made a run: enough to make it again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// Version of this document's layout.
    pub schema: u32,
    /// [`Config::hash`].
    pub config_hash: String,
    /// Seed of every random draw.
    pub seed: u64,
    /// Hash of the training data, hexadecimal.
    pub data_hash: String,
    /// Height, width and channels of an image, as in `28x28` or `32x32x3`; runs from before it was kept lack it.
    #[serde(default)]
    pub image_shape: Option<String>,
    /// Where the file of the data lay when the run began, absolute; none of built-in data and of earlier versions.
    #[serde(default)]
    pub data_path: Option<PathBuf>,
    /// The configuration that `config_hash` is of; runs of earlier versions lack it.
    #[serde(default)]
    pub config: Option<Config>,
    /// The model that the run began from, if it did not begin from random couplings.
    #[serde(default)]
    pub from: Option<Origin>,
    /// What it is trained on, in words, where that is not exact equilibria.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub substrate: Option<String>,
    /// Hash of the design of the chip that it is trained on, where its configuration names one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chip: Option<String>,
    /// What it learns, by name, where that is not flow matching.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub objective: Option<String>,
    /// What was changed when the run was gone on with, in order.
    #[serde(default)]
    pub amendments: Vec<Amendment>,
    /// The processes that worked on the run, in order: the first began it, the others resumed it.
    pub sessions: Vec<Session>,
}

/// A model that a run began from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// The run directory or the file, absolute.
    #[serde(serialize_with = "lossy")]
    pub path: PathBuf,
    /// Which model it is: the BLAKE3 of its file.
    pub model: String,
    /// `data.source` of what it was trained on, where that is known.
    pub trained_on: Option<String>,
}

/// What was changed in a run's configuration when it was gone on with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Amendment {
    /// Epochs that were done before.
    pub epoch: u64,
    /// [`Config::hash`] before.
    pub config_hash: String,
    /// The keys.
    pub changes: Vec<Change>,
}

/// One process that worked on a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// When it began, UTC, RFC 3339.
    pub started: String,
    /// Version of gradep.
    pub version: String,
    /// Git id of the source, if the build recorded one (`GRADEP_GIT_ID`).
    pub git: Option<String>,
    /// The command line.
    pub argv: Vec<String>,
    /// Worker threads. They do not change results.
    pub threads: usize,
    /// Architecture, and the vector extensions of the processor that kernels choose by.
    pub cpu: Vec<String>,
}

impl Manifest {
    /// The manifest of a run that begins now.
    pub fn new(config: &Config, data_hash: String, session: Session) -> Self {
        Self {
            schema: 1,
            config_hash: config.hash(),
            seed: config.seed,
            data_hash,
            image_shape: None,
            data_path: None,
            config: Some(config.clone()),
            from: None,
            substrate: None,
            chip: None,
            objective: None,
            amendments: Vec::new(),
            sessions: vec![session],
        }
    }
}

impl Session {
    /// This process, beginning now.
    pub fn current(threads: usize) -> Self {
        Self {
            started: utc_now(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            git: option_env!("GRADEP_GIT_ID").map(str::to_owned),
            argv: command_line(),
            threads,
            cpu: cpu(),
        }
    }
}

/// What was typed, the program first; bytes that are no UTF-8 as U+FFFD.
pub fn command_line() -> Vec<String> {
    std::env::args_os()
        .map(|argument| argument.to_string_lossy().into_owned())
        .collect()
}

/// A path as text; documents have no other.
fn lossy<S: Serializer>(path: &Path, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&path.to_string_lossy())
}

/// The architecture, then each vector extension that this processor has.
fn cpu() -> Vec<String> {
    let mut features = vec![std::env::consts::ARCH.to_owned()];
    #[cfg(target_arch = "x86_64")]
    {
        let extensions = [
            ("avx2", std::is_x86_feature_detected!("avx2")),
            ("fma", std::is_x86_feature_detected!("fma")),
            ("avx512f", std::is_x86_feature_detected!("avx512f")),
        ];
        features.extend(
            extensions
                .iter()
                .filter(|(_, present)| *present)
                .map(|(name, _)| (*name).to_owned()),
        );
    }
    features
}
