//! The data of a run, wherever they lie by now.

use super::RunError;
use crate::{
    config::{Config, DataConfig},
    data::{Dataset, Divided, digest, is_digits},
    files::split_name,
    run_dir::{Manifest, RunDirError, manifest_of},
};
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// The data of the run in `root`: built-in, or the file that has the content which the run began with, looked for
/// where it lay then, where `data.source` leads from here, from the run's folder and from the folder above it.
///
/// # Errors
/// [`RunError::DataNotFound`] names all these places, [`RunError::DataChanged`] a file there with another content;
/// [`RunError::Data`].
pub fn read_data(root: &Path, config: &Config) -> Result<Dataset, RunError> {
    Ok(read_divided_data(root, config)?.training)
}

/// As [`read_data`], with what the run keeps from training.
///
/// # Errors
/// As [`read_data`].
pub fn read_divided_data(root: &Path, config: &Config) -> Result<Divided, RunError> {
    let manifest = match manifest_of(root) {
        // A run that was killed before it wrote its manifest.
        Err(RunDirError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => None,
        other => Some(other?),
    };
    find(root, &config.data, manifest.as_ref())
}

/// Where the file of a data source lies, absolute; `None` of built-in data, and of names that are no text.
pub(super) fn path_of(source: &str) -> Option<PathBuf> {
    if is_digits(source) {
        return None;
    }
    let (file, array) = split_name(Path::new(source));
    let mut path = fs::canonicalize(file).ok()?.into_os_string();
    if let Some(array) = array {
        path.push(":");
        path.push(array);
    }
    // A manifest is text: data in a folder whose name is none are found beside the run or not at all.
    Some(PathBuf::from(path)).filter(|path| path.to_str().is_some())
}

pub(super) fn find(
    root: &Path,
    config: &DataConfig,
    manifest: Option<&Manifest>,
) -> Result<Divided, RunError> {
    let expected = manifest.map(|manifest| manifest.data_hash.as_str());
    if is_digits(&config.source) {
        let data = Dataset::load_divided(config)?;
        let found = data.training.blake3();
        return match expected {
            Some(expected) if expected != found => {
                Err(changed(Path::new(&config.source), expected, found))
            }
            _ => Ok(data),
        };
    }
    let began = manifest.and_then(|manifest| manifest.data_path.as_deref());
    let places = places(root, &config.source, began);
    let mut other = None;
    for place in &places {
        let Ok(found) = digest(place) else {
            continue;
        };
        match expected {
            Some(expected) if expected != found => {
                other.get_or_insert_with(|| changed(place, expected, &found));
            }
            _ => {
                let source = place.display().to_string();
                let config = DataConfig {
                    source,
                    labels: place_of_labels(root, &config.labels),
                    ..config.clone()
                };
                return Ok(Dataset::load_divided(&config)?);
            }
        }
    }
    Err(other.unwrap_or_else(|| RunError::DataNotFound {
        source_name: config.source.clone(),
        places: places
            .iter()
            .map(|place| place.display().to_string())
            .collect(),
    }))
}

/// Where the file of labels lies, of the places where that of the images is looked for; as it is called where it
/// is in none.
fn place_of_labels(root: &Path, labels: &str) -> String {
    if labels.is_empty() {
        return String::new();
    }
    let found = places(root, labels, None)
        .into_iter()
        .find(|place| split_name(place).0.exists());
    found.map_or_else(|| labels.to_owned(), |place| place.display().to_string())
}

/// Where the file may lie, absolute, each place once.
fn places(root: &Path, source: &str, began: Option<&Path>) -> Vec<PathBuf> {
    let source = Path::new(source);
    let absolute = fs::canonicalize(root).or_else(|_| std::path::absolute(root));
    let root = absolute.unwrap_or_else(|_| root.to_owned());
    let above = root.parent().unwrap_or(&root);
    let named = source.file_name().map(|name| root.join(name));
    let looked = [
        began.map(Path::to_owned),
        std::path::absolute(source).ok(),
        Some(root.join(source)),
        Some(above.join(source)),
        named,
    ];
    let mut places = Vec::new();
    for place in looked.into_iter().flatten() {
        if !places.contains(&place) {
            places.push(place);
        }
    }
    places
}

fn changed(place: &Path, expected: &str, found: &str) -> RunError {
    RunError::DataChanged {
        source_name: place.display().to_string(),
        expected: expected.to_owned(),
        found: found.to_owned(),
    }
}
