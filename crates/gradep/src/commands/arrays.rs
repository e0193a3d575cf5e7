//! What the commands over arrays share.

use crate::failure::{Result, Usage, ensure};
use analog_substrate::{Layers, kernels::Real};
use gradep_core::files::read_array;
use ndarray::Array2;
use std::path::Path;

/// A batch of visible states `[batch, n_0]` from a file.
pub(super) fn read_visible<R: Real>(path: &Path, layers: &Layers) -> Result<Array2<R>> {
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
