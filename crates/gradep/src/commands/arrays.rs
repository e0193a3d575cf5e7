//! What the commands over arrays share.

use crate::exit::Usage;
use analog_substrate::{Layers, kernels::Real};
use anyhow::{Context as _, ensure};
use gradep_core::files::read_array;
use ndarray::Array2;
use std::path::{Path, PathBuf};

/// A batch of visible states `[batch, n_0]` from a file.
pub(super) fn read_visible<R: Real>(path: &Path, layers: &Layers) -> anyhow::Result<Array2<R>> {
    let array = read_array::<R>(path, None)?;
    let (batch, columns) = array.dim();
    ensure!(
        columns == layers.visible() && batch > 0,
        Usage(format!(
            "{}: has shape [{batch}, {columns}], expected [batch, {}]: one column per visible node of \
             the model",
            path.display(),
            layers.visible()
        ))
    );
    Ok(array)
}

/// Refuses an output whose folder is not there, before the work and not after it.
pub(super) fn check_folder(output: &Path) -> anyhow::Result<()> {
    let folder = match output.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => PathBuf::from("."),
    };
    let metadata = std::fs::metadata(&folder)
        .with_context(|| format!("{}: the folder of {}", folder.display(), output.display()))?;
    ensure!(
        metadata.is_dir(),
        "{}: is not a folder, so {} cannot be written",
        folder.display(),
        output.display()
    );
    Ok(())
}
