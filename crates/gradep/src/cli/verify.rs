//! Arguments of `gradep verify`.

use super::values::input;
use clap::{Args, ValueHint};
use std::path::PathBuf;

/// `gradep verify`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  gradep verify runs/best\n  gradep verify maps runs/best/model.safetensors --json\n\n\
        Documents and models have a seal, tables of conductances a checksum in their sidecar, checkpoints one\n\
        of their own, and finished folders a list, files.json. They tell accidents from what was written; they\n\
        are no signature. The status is 0 where all is as it was written, 2 where something is changed or\n\
        missing, or where nothing says what was written.\n\n\
        The BLAKE3 of a model file names the model everywhere; b3sum prints it, too."
)]
pub struct VerifyArgs {
    /// Folders of runs, maps and studies, or single files.
    #[arg(required = true, value_name = "PATH", value_hint = ValueHint::AnyPath, value_parser = input())]
    pub paths: Vec<PathBuf>,
    /// Print one JSON document: every file and how it is found.
    #[arg(long)]
    pub json: bool,
}
