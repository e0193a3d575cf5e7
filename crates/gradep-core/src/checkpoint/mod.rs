//! The project's own resumable state, on disk.
//!
//! A checkpoint must never be half read: a run that resumes from it must give the same bits as one
//! that was not interrupted. Every byte of the file is therefore under a check (see
//! [`write_checkpoint`]), and a [`CheckpointStore`] keeps a few older files to fall back on.

mod container;
mod store;

pub use container::{
    CheckpointError, CheckpointHeader, is_whole_checkpoint, read_checkpoint, write_checkpoint,
};
pub use store::{CheckpointStore, Latest, SavedCheckpoint};
