//! The tensors of a model file, checked against one another.

use super::{LEAK, ModelFileError, tensor_shapes};
use analog_substrate::kernels::Real;
use analog_substrate::{Couplings, Layers, Topology};
use safetensors::{Dtype, SafeTensors};
use std::path::Path;

/// All tensors, with shapes that agree and nothing else in the file.
pub(super) fn read_couplings<R: Real>(
    path: &Path,
    tensors: &SafeTensors<'_>,
) -> Result<Couplings<R>, ModelFileError> {
    let layers = read_layers(path, tensors)?;
    let topology = Topology::from(layers.clone()).with_visible_leak(tensors.tensor(LEAK).is_ok());
    let shapes = tensor_shapes(&topology);
    let mut names = tensors.names();
    names.sort_unstable();
    for name in names {
        if !shapes.iter().any(|(known, _)| known == name) {
            return Err(unexpected(path, name, layers.hidden()));
        }
    }
    let mut flat = Vec::with_capacity(topology.parameters());
    for (name, expected) in shapes {
        let found = shape(path, tensors, &name)?;
        if found != expected {
            return Err(ModelFileError::Shape {
                path: path.to_owned(),
                tensor: name,
                found,
                expected: format!("{expected:?}"),
            });
        }
        append::<R>(path, tensors, &name, &mut flat)?;
    }
    let couplings = Couplings::from_flat(topology, flat);
    let couplings = couplings.expect("every tensor has the shape that layers give it");
    let leaks = couplings.visible_leak();
    let leaks = leaks.iter().flatten().map(|k: &R| k.to_f64());
    match leaks.enumerate().find(|(_, leak)| *leak < 0.0) {
        None => Ok(couplings),
        Some((index, value)) => Err(ModelFileError::NegativeLeak {
            path: path.to_owned(),
            index,
            value,
        }),
    }
}

/// Layer sizes: `n_0` of `visible_bias`, the rest of as many `weight_l` as follow one another.
fn read_layers(path: &Path, tensors: &SafeTensors<'_>) -> Result<Layers, ModelFileError> {
    let wrong = |tensor: String, found: Vec<usize>, expected: &str| ModelFileError::Shape {
        path: path.to_owned(),
        tensor,
        found,
        expected: expected.to_owned(),
    };
    let visible = shape(path, tensors, "visible_bias")?;
    let [visible] = visible[..] else {
        let tensor = "visible_bias".to_owned();
        return Err(wrong(tensor, visible, "one axis, [n_0]"));
    };
    let mut sizes = vec![visible];
    let mut name = "weight_0".to_owned();
    while sizes.len() == 1 || tensors.tensor(&name).is_ok() {
        let found = shape(path, tensors, &name)?;
        let [to, _] = found[..] else {
            return Err(wrong(name, found, "two axes, [n_{l+1}, n_l]"));
        };
        sizes.push(to);
        name = format!("weight_{}", sizes.len() - 1);
    }
    Layers::new(sizes).map_err(|cause| ModelFileError::Layers {
        path: path.to_owned(),
        cause,
    })
}

/// A tensor beyond the `hidden` layers found: the sign of a gap in the numbering, or a stranger.
fn unexpected(path: &Path, name: &str, hidden: usize) -> ModelFileError {
    let path = path.to_owned();
    let number = name
        .strip_prefix("weight_")
        .or_else(|| name.strip_prefix("bias_"));
    match number.and_then(|digits| digits.parse::<usize>().ok()) {
        Some(l) if l >= hidden => ModelFileError::MissingTensor {
            path,
            tensor: format!("weight_{hidden}"),
        },
        _ => ModelFileError::UnknownTensor {
            path,
            tensor: name.to_owned(),
        },
    }
}

fn shape(path: &Path, tensors: &SafeTensors<'_>, name: &str) -> Result<Vec<usize>, ModelFileError> {
    match tensors.tensor(name) {
        Ok(tensor) => Ok(tensor.shape().to_vec()),
        Err(_) => Err(ModelFileError::MissingTensor {
            path: path.to_owned(),
            tensor: name.to_owned(),
        }),
    }
}

/// Appends a tensor's elements, row-major, each finite as `R`.
fn append<R: Real>(
    path: &Path,
    tensors: &SafeTensors<'_>,
    name: &str,
    flat: &mut Vec<R>,
) -> Result<(), ModelFileError> {
    let start = flat.len();
    let tensor = tensors
        .tensor(name)
        .expect("its shape has been read before");
    match tensor.dtype() {
        Dtype::F32 => {
            let (values, _) = tensor.data().as_chunks();
            flat.extend(
                values
                    .iter()
                    .map(|v| R::from_f64(f32::from_le_bytes(*v).into())),
            );
        }
        Dtype::F64 => {
            let (values, _) = tensor.data().as_chunks();
            flat.extend(values.iter().map(|v| R::from_f64(f64::from_le_bytes(*v))));
        }
        other => {
            return Err(ModelFileError::Type {
                path: path.to_owned(),
                tensor: name.to_owned(),
                found: other.to_string(),
            });
        }
    }
    let added = flat[start..].iter().map(|v| v.to_f64());
    match added.enumerate().find(|(_, v)| !v.is_finite()) {
        None => Ok(()),
        Some((index, value)) => Err(ModelFileError::NotFinite {
            path: path.to_owned(),
            tensor: name.to_owned(),
            index,
            value,
        }),
    }
}
