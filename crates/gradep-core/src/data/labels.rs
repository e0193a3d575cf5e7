//! Labels that lie in a file or in an array of their own.

use super::{
    DataError,
    format::{Format, unpacked},
    idx,
};
use crate::files::{Elements, NpzFile, decode_npy, npy_member, read_file, split_name};
use std::path::{Path, PathBuf};

/// Names of arrays of labels in an archive, beside that of the images.
const NAMES: [&str; 6] = ["labels", "label", "y", "targets", "target", "classes"];

/// The labels of `count` images in a file: a `.npy`, `.npz` or IDX array of one axis, or one label a line.
pub(super) fn read(source: &str, count: usize) -> Result<Vec<u32>, DataError> {
    let (path, array) = split_name(Path::new(source));
    let bytes = read_file(path)?;
    let labels = match Format::of(path, &bytes) {
        Ok(Format::Idx) => idx::read_labels(source, &bytes)?,
        Ok(Format::Npy) => of_array(source, &unpacked(source, &bytes)?)?,
        Ok(Format::Npz) => {
            let (title, member) = npy_member(path, &bytes, array, None)?;
            of_array(&title, &member)?
        }
        Ok(Format::Csv) | Err(_) => of_lines(source, &unpacked(source, &bytes)?)?,
    };
    counted(source, labels, count)
}

/// The labels beside the array `images` of an archive, if one array is named as labels are.
pub(super) fn beside(
    path: &Path,
    bytes: &[u8],
    images: &str,
    count: usize,
) -> Result<Option<Vec<u32>>, DataError> {
    let archive = NpzFile::open(path, bytes)?;
    let found = NAMES.into_iter().find(|name| {
        let mut names = archive.names().iter();
        *name != images && names.any(|known| known == name)
    });
    let Some(name) = found else {
        return Ok(None);
    };
    let (title, member) = npy_member(path, bytes, Some(name), None)?;
    let labels = of_array(&title, &member)?;
    counted(&title, labels, count).map(Some)
}

/// Labels from the file that MNIST's naming puts beside an image file, if there is one.
pub(super) fn beside_idx(images: &Path, count: usize) -> Result<Option<Vec<u32>>, DataError> {
    let Some(path) = label_files(images).into_iter().find(|path| path.exists()) else {
        return Ok(None);
    };
    let name = path.display().to_string();
    let labels = idx::read_labels(&name, &read_file(&path)?)?;
    counted(&name, labels, count).map(Some)
}

/// What the labels of an IDX file are called: as packed as the images, and otherwise.
fn label_files(images: &Path) -> Vec<PathBuf> {
    let name = images.file_name().unwrap_or_default().to_string_lossy();
    let mut files = Vec::new();
    // With a dot in the copies that some sites give out.
    for (of_images, of_labels) in [
        ("images-idx3", "labels-idx1"),
        ("images.idx3", "labels.idx1"),
    ] {
        if name.contains(of_images) {
            let labels = name.replace(of_images, of_labels);
            let other = match labels.strip_suffix(".gz") {
                Some(plain) => plain.to_owned(),
                None => format!("{labels}.gz"),
            };
            files.extend([labels, other].map(|name| images.with_file_name(name)));
        }
    }
    files
}

/// As many labels as there are images.
fn counted(source: &str, labels: Vec<u32>, count: usize) -> Result<Vec<u32>, DataError> {
    if labels.len() == count {
        return Ok(labels);
    }
    Err(DataError::LabelCount {
        source_name: source.to_owned(),
        labels: labels.len(),
        images: count,
    })
}

fn of_array(source: &str, bytes: &[u8]) -> Result<Vec<u32>, DataError> {
    let values = decode_npy::<f64>(bytes, Elements::Numbers).map_err(|cause| DataError::Npy {
        source_name: source.to_owned(),
        cause,
    })?;
    let places = values.iter().enumerate();
    places
        .map(|(place, &value)| {
            label(value).ok_or_else(|| not_a_label(source, place, &value.to_string()))
        })
        .collect()
}

/// One label a line; a first line that is none is a heading.
fn of_lines(source: &str, bytes: &[u8]) -> Result<Vec<u32>, DataError> {
    let text = String::from_utf8_lossy(bytes);
    let mut labels = Vec::new();
    for (place, line) in text.lines().enumerate() {
        match line.trim().parse() {
            Ok(label) => labels.push(label),
            Err(_) if place == 0 || line.trim().is_empty() => {}
            Err(_) => return Err(not_a_label(source, place, line.trim())),
        }
    }
    Ok(labels)
}

fn not_a_label(source: &str, place: usize, value: &str) -> DataError {
    DataError::OwnLabel {
        source_name: source.to_owned(),
        place,
        value: value.to_owned(),
    }
}

/// A whole number from 0.
fn label(value: f64) -> Option<u32> {
    let whole = value.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(&value);
    #[expect(clippy::cast_sign_loss, reason = "not below 0")]
    whole.then_some(value as u32)
}
