//! What the commands over arrays share.

use crate::failure::{Result, Usage, ensure};
use analog_substrate::{Layers, kernels::Real};
use gradep_core::files::{read_array, read_given};
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

/// A flag for each visible node from a file, not 0 where it is set; none without a file.
pub(super) fn read_flags(path: Option<&Path>, layers: &Layers) -> Result<Vec<bool>> {
    let Some(path) = path else {
        return Ok(Vec::new());
    };
    let array = read_given(path, None)?;
    let (found, visible) = (array.shape().to_vec(), layers.visible());
    let axes = array.ndim() == 1 || found[..found.len() - 1].iter().all(|&axis| axis == 1);
    ensure!(
        axes && array.len() == visible,
        Usage(format!(
            "{}: has shape {found:?}, expected [{visible}]: one flag per visible node of the model",
            path.display()
        ))
    );
    ensure!(
        array.iter().all(|flag| !flag.is_nan()),
        Usage(format!(
            "{}: a flag is NaN; expected 0 or 1",
            path.display()
        ))
    );
    Ok(array.iter().map(|&flag| flag != 0.0).collect())
}
