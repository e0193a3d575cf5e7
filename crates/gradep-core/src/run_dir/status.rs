//! `status.json`: how far the run is.

use super::utc_now;
use serde::{Deserialize, Serialize};

/// How far a run is. Written at every checkpoint and at the end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Status {
    /// Version of this document's layout.
    pub schema: u32,
    /// What the run does.
    pub state: RunState,
    /// Epochs done.
    pub epoch: u64,
    /// Seconds of wall clock that all processes have worked on the run, up to the last checkpoint
    /// of each.
    pub seconds: f64,
    /// Exit code of the process, once it has ended by itself.
    pub exit_code: Option<u8>,
    /// When the run began, UTC, RFC 3339.
    pub started: String,
    /// When this was written, UTC, RFC 3339.
    pub updated: String,
}

/// What a run does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RunState {
    /// A process trains, or was killed while it did: then the lock is free.
    Running,
    /// All epochs are done.
    Finished,
    /// A signal ended it after a checkpoint; it can be resumed.
    Interrupted,
    /// An error ended it.
    Failed,
}

impl Status {
    /// A run that begins now.
    pub fn begun() -> Self {
        let now = utc_now();
        Self {
            schema: 1,
            state: RunState::Running,
            epoch: 0,
            seconds: 0.0,
            exit_code: None,
            started: now.clone(),
            updated: now,
        }
    }

    /// The same run, running, after `epoch` epochs and `seconds` of work.
    #[must_use]
    pub fn at(&self, epoch: u64, seconds: f64) -> Self {
        Self {
            state: RunState::Running,
            epoch,
            seconds,
            exit_code: None,
            updated: utc_now(),
            ..self.clone()
        }
    }

    /// The same run after its process has ended in `state` with `exit_code`.
    #[must_use]
    pub fn ended(&self, state: RunState, exit_code: u8) -> Self {
        Self {
            state,
            exit_code: Some(exit_code),
            updated: utc_now(),
            ..self.clone()
        }
    }
}
