//! The metadata strings of a model file.

use super::{FORMAT_VERSION, ModelFileError, TrainedOn};
use crate::{
    image::{BesidePixels, ImageShape},
    objective::ObjectiveKind,
};
use analog_substrate::{Activation, ActivationKind, Cell};
use serde::de::{DeserializeOwned, IntoDeserializer, value};
use std::{collections::HashMap, path::Path};
use units::printable::{is_line, printable};

/// What the metadata of a model say of its copies, if it has any.
pub(super) const COPIES: &str = "of all pixels";

/// The strings beside the tensors.
pub(super) struct Metadata<'a> {
    pub(super) path: &'a Path,
    pub(super) strings: &'a HashMap<String, String>,
}

impl Metadata<'_> {
    fn error(&self, key: &'static str, value: &str, expected: impl Into<String>) -> ModelFileError {
        ModelFileError::Metadata {
            path: self.path.to_owned(),
            key,
            value: value.to_owned(),
            expected: expected.into(),
        }
    }

    /// Whether every setting that a velocity depends on is there, so that no default stands in for it.
    pub(super) fn says_all(&self) -> bool {
        let settings = [
            "cell",
            "activation",
            "clamp",
            "spring_stiffness",
            "output_scale",
        ];
        settings.iter().all(|key| self.strings.contains_key(*key))
    }

    pub(super) fn check_version(&self) -> Result<(), ModelFileError> {
        match self.strings.get("format_version") {
            Some(version) if version != FORMAT_VERSION => {
                Err(self.error("format_version", version, FORMAT_VERSION))
            }
            _ => Ok(()),
        }
    }

    /// A number that `holds`, or `default` where the key is absent.
    fn number(
        &self,
        key: &'static str,
        default: f64,
        expected: &str,
        holds: impl Fn(f64) -> bool,
    ) -> Result<f64, ModelFileError> {
        let Some(text) = self.strings.get(key) else {
            return Ok(default);
        };
        match text.parse::<f64>() {
            Ok(number) if number.is_finite() && holds(number) => Ok(number),
            _ => Err(self.error(key, text, expected)),
        }
    }

    pub(super) fn positive(&self, key: &'static str, default: f64) -> Result<f64, ModelFileError> {
        self.number(key, default, "a number above 0", |v| v > 0.0)
    }

    pub(super) fn activation(&self) -> Result<Activation, ModelFileError> {
        let Some(name) = self.strings.get("activation") else {
            let clamp = self.clamp()?;
            return Ok(Activation {
                clamp,
                ..Activation::PAPER
            });
        };
        let kind: ActivationKind = self.named("activation", name)?;
        Ok(Activation {
            kind,
            clamp: self.clamp()?,
        })
    }

    /// The circuit of the hidden nodes, which has to suit the activation.
    pub(super) fn cell(&self) -> Result<Cell, ModelFileError> {
        let Some(name) = self.strings.get("cell") else {
            return Ok(Cell::Gradient);
        };
        let cell: Cell = self.named("cell", name)?;
        match cell.check(self.activation()?) {
            Ok(()) => Ok(cell),
            Err(error) => Err(self.error("cell", name, error.to_string())),
        }
    }

    /// What the model was trained on, if the file says so; `pixels` is the number of visible nodes.
    pub(super) fn trained_on(&self, visible: usize) -> Result<Option<TrainedOn>, ModelFileError> {
        let label_nodes = match self.strings.get("label_nodes") {
            None => 0,
            Some(text) => match text.parse::<usize>() {
                Ok(count) if count < visible => count,
                _ => {
                    let expected = format!("fewer than the {visible} visible nodes");
                    return Err(self.error("label_nodes", text, expected));
                }
            },
        };
        let copies = match self.strings.get("copies").map(String::as_str) {
            None => false,
            Some(COPIES) => true,
            Some(text) => return Err(self.error("copies", text, COPIES)),
        };
        let beside = BesidePixels {
            label_nodes,
            copies,
        };
        let Some(pixels) = beside.pixels(visible) else {
            let expected = format!(
                "a copy of each pixel among the {visible} visible nodes, {label_nodes} of them label nodes"
            );
            return Err(self.error("copies", COPIES, expected));
        };
        let shape = match self.strings.get("image_shape") {
            None => ImageShape::of_pixels(pixels),
            Some(text) => match text.parse::<ImageShape>() {
                Ok(shape) if shape.pixels() == pixels => shape,
                _ => {
                    let expected =
                        format!("the axes of images of {pixels} pixels, such as 32x32x3");
                    return Err(self.error("image_shape", text, expected));
                }
            },
        };
        let source = self.line("trained_on")?;
        let chip = self.line("learned_on_chip")?;
        // Files of earlier versions do not say: they are of flow matching.
        let objective = match self.strings.get("objective") {
            None => ObjectiveKind::default(),
            Some(name) => self.named("objective", name)?,
        };
        Ok(source.map(|source| TrainedOn {
            source: source.clone(),
            shape,
            beside,
            objective,
            chip: chip.cloned(),
        }))
    }

    /// Text of one line, if it is there.
    fn line(&self, key: &'static str) -> Result<Option<&String>, ModelFileError> {
        let text = self.strings.get(key);
        match text.filter(|text| !is_line(text)) {
            Some(text) => Err(self.error(key, &printable(text), "printable text in one line")),
            None => Ok(text),
        }
    }

    /// The value of an enumeration that has this name.
    fn named<T: DeserializeOwned>(
        &self,
        key: &'static str,
        name: &str,
    ) -> Result<T, ModelFileError> {
        let named: Result<T, value::Error> = T::deserialize(name.into_deserializer());
        named.map_err(|error| self.error(key, name, error.to_string()))
    }

    fn clamp(&self) -> Result<Option<f64>, ModelFileError> {
        let paper = Activation::PAPER.clamp.unwrap_or(0.0);
        let expected = "a number above 0, or 0 for none";
        let clamp = self.number("clamp", paper, expected, |v| v >= 0.0)?;
        Ok((clamp > 0.0).then_some(clamp))
    }
}
