//! Parsers of argument values.

use clap::builder::{
    OsStringValueParser, PathBufValueParser, PossibleValuesParser, TypedValueParser,
};
use gradep_core::config::choices;
use serde::de::{DeserializeOwned, IntoDeserializer as _, value};
use std::{ffi::OsStr, path::PathBuf};
use units::{Quantity, Unit};

/// Scalar type of a computation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Precision {
    /// Single precision, as training.
    F32,
    /// Double precision.
    F64,
}

/// Parses an enum by the names that it has in configuration files.
pub fn named<T>() -> impl TypedValueParser<Value = T>
where
    T: DeserializeOwned + Clone + Send + Sync + 'static,
{
    PossibleValuesParser::new(choices::<T>()).try_map(|name| {
        let name: value::StrDeserializer<'_, value::Error> = name.as_str().into_deserializer();
        T::deserialize(name)
    })
}

/// Parses a finite number above 0.
pub fn positive(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(number) if number > 0.0 && number.is_finite() => Ok(number),
        _ => Err("expected a finite number above 0".to_owned()),
    }
}

/// Parses the name of a file or folder to read.
pub fn input() -> impl TypedValueParser<Value = PathBuf> {
    OsStringValueParser::new().try_map(|name| {
        if name == "-" {
            return Err("standard input has no name here; expected a file, such as /dev/stdin");
        }
        Ok(PathBuf::from(name))
    })
}

/// Parses a finite number.
pub fn finite(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(number) if number.is_finite() => Ok(number),
        _ => Err("expected a finite number".to_owned()),
    }
}

/// Parses a finite number, 0 or more.
pub fn not_negative(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(number) if number >= 0.0 && number.is_finite() => Ok(number),
        _ => Err("expected a finite number, 0 or more".to_owned()),
    }
}

/// Parses a share above 0, such as `10 %` or `0.1`.
pub fn share(text: &str) -> Result<f64, String> {
    match Quantity::parse(text, Unit::One) {
        Ok(share) if share.value > 0.0 => Ok(share.value),
        _ => Err("expected a share above 0, such as \"10 %\"".to_owned()),
    }
}

/// Parses a share above 0 that is not more than all, such as `10 %` or `0.1`.
pub fn share_at_most_all(text: &str) -> Result<f64, String> {
    match share(text) {
        Ok(share) if share <= 1.0 => Ok(share),
        _ => Err("expected a share above 0 and at most 1, such as \"10 %\"".to_owned()),
    }
}

/// Parses the name of a figure, whose extension chooses the format.
pub fn figure() -> impl TypedValueParser<Value = PathBuf> {
    PathBufValueParser::new().try_map(|path| match path.extension().and_then(OsStr::to_str) {
        Some("png" | "svg") => Ok(path),
        _ => Err("expected a file name ending in .png or .svg"),
    })
}

/// Parses a conductance with its unit, not negative.
pub fn siemens(text: &str) -> Result<f64, String> {
    let expected = "expected a conductance such as \"25 uS\"";
    match Quantity::parse(text, Unit::Siemens) {
        Ok(quantity) if quantity.value >= 0.0 => Ok(quantity.value),
        Ok(_) => Err(format!("is negative; {expected}")),
        Err(reason) => Err(format!("{reason}; {expected}")),
    }
}
