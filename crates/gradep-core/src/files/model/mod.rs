//! Trained networks, as safetensors (<https://github.com/huggingface/safetensors>).

mod identity;
mod metadata;
mod tensors;
#[cfg(test)]
mod tests;
mod trained_on;

pub use trained_on::TrainedOn;
use units::fault::{Blame, Fault};

use super::{Changed, FileAccessError, Seal, read_file, seal, write_file};
use crate::{
    image::{BesidePixels, ImageShape},
    objective::ObjectiveKind,
};
use analog_substrate::chip::Network;
use analog_substrate::kernels::Real;
use analog_substrate::{
    Activation, ActivationKind, Cell, Couplings, Ideal, IdealError, IdealScalar, LayersError,
    Relaxation, Substrate as _, Topology, coupling::Connection,
};
use metadata::{COPIES, Metadata};
use safetensors::SafeTensors;
use std::collections::HashMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// Version of the metadata that [`Model::write`] stores.
const FORMAT_VERSION: &str = "1";
/// The tensor of the visible nodes' leaks, in a file of a network that has them.
const LEAK: &str = "leak_0";

/// A network and what is needed to read velocities from it.
///
/// Not part of a model: the solver and its tolerance.
///
/// ```
/// use analog_substrate::{Activation, Cell, Couplings, Layers};
/// use gradep_core::files::Model;
///
/// let model = Model {
///     couplings: Couplings::<f32>::zeros(Layers::new(vec![4, 8])?),
///     activation: Activation::PAPER,
///     cell: Cell::Gradient,
///     spring_stiffness: 15.0,
///     output_scale: 2.0,
///     trained_on: None,
/// };
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("model.safetensors");
/// model.write(&path)?;
/// assert_eq!(Model::<f32>::read_identified(&path)?, (model.clone(), model.id()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Model<R> {
    /// Biases and weights; dimensionless.
    pub couplings: Couplings<R>,
    /// Nonlinearity of the hidden nodes.
    pub activation: Activation,
    /// Circuit of the hidden nodes.
    pub cell: Cell,
    /// λ > 0, in units of a node's own leak.
    pub spring_stiffness: f64,
    /// α > 0: velocity = α × spring current.
    pub output_scale: f64,
    /// What its samples are, where that is known.
    pub trained_on: Option<TrainedOn>,
}

/// What is stated of a model beside its file.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Stated {
    /// Circuit of the hidden nodes.
    pub cell: Option<Cell>,
    /// Nonlinearity of the hidden nodes.
    pub activation: Option<ActivationKind>,
    /// Soft clamp of the activation; none inside for none.
    pub clamp: Option<Option<f64>>,
    /// λ > 0.
    pub spring_stiffness: Option<f64>,
    /// α > 0.
    pub output_scale: Option<f64>,
}

/// Why a model file could not be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ModelFileError {
    /// The file system refuses to read, or to write: then nothing is left of the file.
    #[error("{0}")]
    Access(#[from] FileAccessError),
    /// Not what was written.
    #[error("{0}")]
    Changed(#[from] Changed),
    /// Not safetensors, or damaged.
    #[error("{}: is not a whole safetensors file: {reason}", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// What the parser says.
        reason: String,
    },
    /// A tensor that a network does not have.
    #[error(
        "{}: unknown tensor `{tensor}`; a model has visible_bias, weight_l and bias_l for l = 0, 1, …, and leak_0 if its visible nodes have leaks",
        path.display()
    )]
    UnknownTensor {
        /// The file.
        path: PathBuf,
        /// Its name.
        tensor: String,
    },
    /// A tensor that the network needs.
    #[error("{}: tensor `{tensor}` is missing", path.display())]
    MissingTensor {
        /// The file.
        path: PathBuf,
        /// Its name.
        tensor: String,
    },
    /// A tensor that does not fit the others.
    #[error("{}: tensor `{tensor}` has shape {found:?}; expected {expected}", path.display())]
    Shape {
        /// The file.
        path: PathBuf,
        /// Its name.
        tensor: String,
        /// Its shape.
        found: Vec<usize>,
        /// What the other tensors ask for.
        expected: String,
    },
    /// Elements that are neither F32 nor F64.
    #[error("{}: tensor `{tensor}` holds {found}; expected F32 or F64", path.display())]
    Type {
        /// The file.
        path: PathBuf,
        /// Its name.
        tensor: String,
        /// Its element type.
        found: String,
    },
    /// A negative conductance.
    #[error("{}: tensor `leak_0`, element {index} is {value}; expected 0 or more", path.display())]
    NegativeLeak {
        /// The file.
        path: PathBuf,
        /// Place, from 0.
        index: usize,
        /// The element.
        value: f64,
    },
    /// NaN or an infinity.
    #[error("{}: tensor `{tensor}`, element {index} is {value}; expected a finite number", path.display())]
    NotFinite {
        /// The file.
        path: PathBuf,
        /// Its name.
        tensor: String,
        /// Place in row-major order, from 0.
        index: usize,
        /// The element, in the precision asked for.
        value: f64,
    },
    /// A coupling that the format has no tensor for.
    #[error("{}: coupling {coupling} cannot be written; files hold dense couplings alone", path.display())]
    NotDense {
        /// The file.
        path: PathBuf,
        /// As it prints itself.
        coupling: String,
    },
    /// Layers that are not a network.
    #[error("{}: {cause}", path.display())]
    Layers {
        /// The file.
        path: PathBuf,
        /// Why not.
        cause: LayersError,
    },
    /// A metadata string that makes no sense.
    #[error("{}: metadata `{key}` is \"{value}\"; expected {expected}", path.display())]
    Metadata {
        /// The file.
        path: PathBuf,
        /// The key.
        key: &'static str,
        /// The string in the file.
        value: String,
        /// What it should be.
        expected: String,
    },
}

impl Blame for ModelFileError {
    fn fault(&self) -> Fault {
        match self {
            Self::Access(cause) => cause.fault(),
            Self::Changed(cause) => cause.fault(),
            Self::Layers { cause, .. } => cause.fault(),
            Self::Format { .. }
            | Self::UnknownTensor { .. }
            | Self::NotDense { .. }
            | Self::MissingTensor { .. }
            | Self::Shape { .. }
            | Self::Type { .. }
            | Self::NotFinite { .. }
            | Self::NegativeLeak { .. }
            | Self::Metadata { .. } => Fault::Input,
        }
    }
}

impl<R: Real> Model<R> {
    /// Reads a model: tensors `visible_bias` `[n_0]`, `weight_l` `[n_{l+1}, n_l]`, `bias_l` `[n_{l+1}]`,
    /// and, if visible nodes have leaks, `leak_0` `[n_0]`,
    /// in F32 or F64 (F64 is read without loss as `Model<f64>`, rounded as `Model<f32>`). The layer
    /// sizes are those of the tensors.
    ///
    /// Metadata that is absent, as in a file that another program wrote, means the paper's choice (arXiv
    /// 2604.08150): gradient cells, 10·tanh(SiLU/10), λ = 15, α = 2. A warning says what was taken.
    ///
    /// # Errors
    /// Any [`ModelFileError`].
    pub fn read(path: &Path) -> Result<Self, ModelFileError> {
        Self::read_with(path, &Stated::default())
    }

    /// Reads a model of which some is stated beside the file; that goes before what the file says.
    ///
    /// # Errors
    /// As [`Model::read`].
    pub fn read_with(path: &Path, stated: &Stated) -> Result<Self, ModelFileError> {
        Ok(Self::decode(path, &read_file(path)?, stated)?.0)
    }

    /// The model in the bytes of a file, and whether the file says all of its settings; what was taken of
    /// those that nobody states is said.
    fn decode(path: &Path, bytes: &[u8], stated: &Stated) -> Result<(Self, bool), ModelFileError> {
        let format = |error: safetensors::SafeTensorError| ModelFileError::Format {
            path: path.to_owned(),
            reason: error.to_string(),
        };
        let (end, header) = SafeTensors::read_metadata(bytes).map_err(format)?;
        if seal::look_within(bytes, 8 + end) == Seal::Broken {
            return Err(ModelFileError::Changed(Changed {
                path: path.to_owned(),
                what: seal::SEAL,
            }));
        }
        let none = HashMap::new();
        let metadata = Metadata {
            path,
            strings: header.metadata().as_ref().unwrap_or(&none),
        };
        metadata.check_version()?;
        let tensors = SafeTensors::deserialize(bytes).map_err(format)?;
        let (activation, cell) = (metadata.activation()?, metadata.cell()?);
        let spring_stiffness = metadata.positive("spring_stiffness", 15.0)?;
        let output_scale = metadata.positive("output_scale", 2.0)?;
        let couplings = tensors::read_couplings(path, &tensors)?;
        let model = Self {
            trained_on: metadata.trained_on(couplings.layers().visible())?,
            couplings,
            activation,
            cell,
            spring_stiffness,
            output_scale,
        }
        .with(stated);
        if let Some(taken) = model.unstated(&metadata, stated) {
            tracing::warn!(
                "{}: does not say all of what the network is: taken are {taken}, as in arXiv 2604.08150; state them as metadata \
                 strings of the file, or with --cell, --activation, --clamp, --spring and --output-scale where a command has these",
                path.display()
            );
        }
        Ok((model, metadata.says_all()))
    }

    /// What neither the file nor the caller states, with the values that were taken.
    fn unstated(&self, metadata: &Metadata<'_>, stated: &Stated) -> Option<String> {
        let name = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        let clamp = self.activation.clamp.unwrap_or(0.0);
        let all = [
            (
                "cell",
                stated.cell.is_none(),
                name(&serde_json::json!(self.cell)),
            ),
            (
                "activation",
                stated.activation.is_none(),
                name(&serde_json::json!(self.activation.kind)),
            ),
            ("clamp", stated.clamp.is_none(), clamp.to_string()),
            (
                "spring_stiffness",
                stated.spring_stiffness.is_none(),
                self.spring_stiffness.to_string(),
            ),
            (
                "output_scale",
                stated.output_scale.is_none(),
                self.output_scale.to_string(),
            ),
        ];
        let taken: Vec<String> = all
            .into_iter()
            .filter(|(key, is_open, _)| *is_open && !metadata.strings.contains_key(*key))
            .map(|(key, _, value)| format!("{key} = {value}"))
            .collect();
        (!taken.is_empty()).then(|| taken.join(", "))
    }
}

impl<R: Real> Model<R> {
    /// The model in another precision.
    pub fn cast<Q: Real>(&self) -> Model<Q> {
        Model {
            couplings: self.couplings.cast(),
            activation: self.activation,
            cell: self.cell,
            spring_stiffness: self.spring_stiffness,
            output_scale: self.output_scale,
            trained_on: self.trained_on.clone(),
        }
    }

    /// The model with what is stated of it in place of what it says.
    #[must_use]
    pub fn with(self, stated: &Stated) -> Self {
        Self {
            activation: Activation {
                kind: stated.activation.unwrap_or(self.activation.kind),
                clamp: stated.clamp.unwrap_or(self.activation.clamp),
            },
            cell: stated.cell.unwrap_or(self.cell),
            spring_stiffness: stated.spring_stiffness.unwrap_or(self.spring_stiffness),
            output_scale: stated.output_scale.unwrap_or(self.output_scale),
            ..self
        }
    }
}

impl<R: IdealScalar> Model<R> {
    /// Whether its samples are the built-in digits; `None` where nothing says what it was trained on.
    pub fn is_of_digits(&self) -> Option<bool> {
        self.trained_on.as_ref().map(TrainedOn::is_digits)
    }

    /// Which of its visible nodes follow the pixels; none where nothing says so.
    pub fn beside_pixels(&self) -> BesidePixels {
        let known = self.trained_on.as_ref().map(|data| data.beside);
        known.unwrap_or_default()
    }

    /// Classes whose label nodes follow the pixels among its visible nodes; 0 where there are none.
    pub fn label_nodes(&self) -> usize {
        self.beside_pixels().label_nodes
    }

    /// Pixels of an image: its visible nodes without label nodes and copies.
    pub fn pixels(&self) -> usize {
        let visible = self.couplings.layers().visible();
        self.beside_pixels().pixels(visible).unwrap_or(visible)
    }

    /// Height, width and channels of its samples: a square, or one row, where nothing says so.
    pub fn image_shape(&self) -> ImageShape {
        let pixels = self.pixels();
        let known = self.trained_on.as_ref().map(|data| data.shape);
        known.unwrap_or_else(|| ImageShape::of_pixels(pixels))
    }

    /// The model on the ideal substrate.
    ///
    /// # Errors
    /// [`IdealError::NotFinite`] where a coupling is infinite or NaN, [`IdealError::Cell`] where the
    /// cell cannot have the activation.
    pub fn ideal(&self, relaxation: Relaxation) -> Result<Ideal<R>, IdealError> {
        let topology = self.couplings.topology().clone();
        let mut substrate =
            Ideal::new(topology, self.activation, relaxation).with_cell(self.cell)?;
        substrate.program(&self.couplings)?;
        Ok(substrate)
    }
}

impl<R: Real> From<&Model<R>> for Network<R> {
    fn from(model: &Model<R>) -> Self {
        Self {
            couplings: model.couplings.clone(),
            activation: model.activation,
            cell: model.cell,
        }
    }
}

impl Model<f32> {
    /// Writes the model, atomically: F32 tensors, and the metadata strings `format_version`,
    /// `crate_version`, `cell`, `activation`, `clamp` (0 for none), `spring_stiffness`, `output_scale`, `seal` and,
    /// where it is known, `trained_on` (`data.source`), `image_shape` (`28x28`, `32x32x3`) and `objective`
    /// (`flow.objective`, where that is not flow matching). The same
    /// model gives the same bytes.
    ///
    /// # Errors
    /// [`ModelFileError::Access`]; nothing is left half-written. [`ModelFileError::NotDense`].
    pub fn write(&self, path: &Path) -> Result<(), ModelFileError> {
        if let Some((_, coupling)) = self.couplings.topology().first_open() {
            return Err(ModelFileError::NotDense {
                path: path.to_owned(),
                coupling: format!("{coupling:?}"),
            });
        }
        let bytes = self.bytes();
        Ok(write_file(path, |file| file.write_all(&bytes))?)
    }

    /// The whole file. It is composed here because the crate orders metadata by a random hash: the same
    /// model would give different bytes. Its layout: u64 length, JSON, data.
    fn bytes(&self) -> Vec<u8> {
        let header = self.header();
        let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
        bytes.extend(header);
        let end = bytes.len();
        bytes.extend(self.couplings.flat().iter().flat_map(|v| v.to_le_bytes()));
        seal::close(&mut bytes, end);
        bytes
    }

    /// The JSON header, keys in order, padded with spaces to a multiple of 8 bytes. The flat order of
    /// [`Couplings`] is the order of the data.
    fn header(&self) -> Vec<u8> {
        let clamp = self.activation.clamp.unwrap_or(0.0);
        let mut metadata = serde_json::json!({
            "format_version": FORMAT_VERSION,
            "crate_version": env!("CARGO_PKG_VERSION"),
            "cell": self.cell,
            "activation": self.activation.kind,
            "clamp": clamp.to_string(),
            "spring_stiffness": self.spring_stiffness.to_string(),
            "output_scale": self.output_scale.to_string(),
            "seal": seal::OPEN,
        });
        if let Some(data) = &self.trained_on {
            metadata["trained_on"] = data.source.as_str().into();
            metadata["image_shape"] = data.shape.to_string().into();
            if data.beside.label_nodes > 0 {
                metadata["label_nodes"] = data.beside.label_nodes.to_string().into();
            }
            if data.beside.copies {
                metadata["copies"] = COPIES.into();
            }
            if data.objective != ObjectiveKind::default() {
                metadata["objective"] = serde_json::json!(data.objective);
            }
            if let Some(chip) = &data.chip {
                metadata["learned_on_chip"] = chip.as_str().into();
            }
        }
        let mut header = serde_json::Map::new();
        header.insert("__metadata__".to_owned(), metadata);
        let mut start = 0;
        for (name, shape) in tensor_shapes(self.couplings.topology()) {
            let end = start + shape.iter().product::<usize>() * size_of::<f32>();
            let tensor =
                serde_json::json!({ "dtype": "F32", "shape": shape, "data_offsets": [start, end] });
            header.insert(name, tensor);
            start = end;
        }
        let mut bytes = serde_json::Value::Object(header).to_string().into_bytes();
        bytes.resize(bytes.len().next_multiple_of(8), b' ');
        bytes
    }
}

/// Names and shapes of a network's tensors, in the flat order of [`Couplings`].
fn tensor_shapes(topology: &Topology) -> Vec<(String, Vec<usize>)> {
    let layers = topology.layers();
    let mut shapes = vec![("visible_bias".to_owned(), vec![layers.visible()])];
    for l in 0..layers.hidden() {
        shapes.push(match topology.connection(l) {
            Connection::Dense(dense) => (format!("weight_{l}"), vec![dense.above, dense.below]),
            Connection::Open(open) => (format!("parameters_{l}"), vec![open.parameters()]),
        });
        shapes.push((format!("bias_{l}"), vec![layers.size(l + 1)]));
    }
    if topology.has_visible_leak() {
        shapes.push((LEAK.to_owned(), vec![layers.visible()]));
    }
    shapes
}
