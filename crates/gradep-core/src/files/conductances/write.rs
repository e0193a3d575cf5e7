//! Writing a map.

use super::{
    ChipMap, ConductanceFileError, FORMAT, INDEX, Index, Sidecar,
    table::{COLUMNS, STUCK, fields},
};
use crate::files::{FileAccessError, npz_bytes, sealed_json, write_file};
use analog_substrate::arrays::{ArrayMap, Bank};
use ndarray::arr1;
use serde::Serialize;
use std::{ffi::OsStr, fs, io, path::Path};

/// Writes a chip's map into an existing folder.
///
/// # Errors
/// Those of the file system; no file is left half-written.
pub fn write_conductances(folder: &Path, chip: &ChipMap) -> Result<(), ConductanceFileError> {
    remove_index(folder)?;
    for array in &chip.map.arrays {
        let name = array.name();
        let table = table(array, chip.tile)?;
        write_file(&folder.join(format!("{name}.csv")), |file| {
            io::Write::write_all(file, &table)
        })?;
        let hash = blake3::hash(&table).to_hex().to_string();
        let sidecar = Sidecar::of(array, chip, hash);
        write_json(&folder.join(format!("{name}.json")), &sidecar)?;
    }
    let path = folder.join("conductances.npz");
    let arrays = npz_bytes(|file| {
        for array in &chip.map.arrays {
            let name = array.name();
            file.add(&format!("{name}_scale_siemens"), &arr1(&[array.scale]))?;
            for (polarity, bank) in [("plus", &array.plus), ("minus", &array.minus)] {
                let key = |what: &str| format!("{name}_{polarity}_{what}");
                file.add(&key("asked"), &bank.asked)?;
                file.add(&key("achieved"), &bank.achieved)?;
                file.add(&key("error"), &(&bank.achieved - &bank.asked))?;
                file.add(&key("stuck"), &stuck_codes(bank))?;
            }
        }
        Ok(())
    })
    .map_err(FileAccessError::writing(&path))?;
    write_file(&path, |file| io::Write::write_all(file, &arrays))?;
    // The index comes last: a folder without it is no map.
    let index = Index {
        format: FORMAT.to_owned(),
        provenance: chip.provenance.clone(),
        layers: chip.map.layers.clone(),
        tile: chip.tile,
        arrays: chip.map.arrays.iter().map(ArrayMap::name).collect(),
        exact_biases: chip.map.exact_biases.clone(),
        visible_leak: chip.map.visible_leak.clone(),
        numpy_blake3: Some(blake3::hash(&arrays).to_hex().to_string()),
    };
    write_json(&folder.join(INDEX), &index)
}

/// Removes the index of a map that is about to change: a folder without it is no map.
///
/// # Errors
/// Those of the file system.
pub fn remove_index(folder: &Path) -> Result<(), ConductanceFileError> {
    let path = folder.join(INDEX);
    match fs::remove_file(&path) {
        Err(cause) if cause.kind() != io::ErrorKind::NotFound => {
            Err(FileAccessError::writing(&path)(cause).into())
        }
        _ => Ok(()),
    }
}

/// Removes a map that is no longer part of an export; files that no map has stay, with their folder.
///
/// # Errors
/// Those of the file system.
pub fn remove_conductances(folder: &Path) -> Result<(), ConductanceFileError> {
    remove_index(folder)?;
    let failed = |cause| FileAccessError::writing(folder)(cause);
    let entries = fs::read_dir(folder).map_err(failed)?;
    for entry in entries {
        let path = entry.map_err(failed)?.path();
        if is_of_a_map(&path) {
            fs::remove_file(&path).map_err(FileAccessError::writing(&path))?;
        }
    }
    // Not empty: something of the user's is there.
    let _ = fs::remove_dir(folder);
    Ok(())
}

/// Whether a file is one of those that a map consists of, or one of its pictures.
fn is_of_a_map(path: &Path) -> bool {
    let stem = path.file_stem().and_then(OsStr::to_str).unwrap_or_default();
    let ending = path.extension().and_then(OsStr::to_str).unwrap_or_default();
    let of_an_array = ["weight_", "bias_", "visible_bias"]
        .iter()
        .any(|name| stem.starts_with(name));
    match ending {
        "csv" | "json" | "svg" | "png" => of_an_array,
        "npz" => stem == "conductances",
        _ => false,
    }
}

/// 0 for a device that can be programmed, 1 for one stuck at G_max, 2 at G_min: places in the list
/// of words.
fn stuck_codes(bank: &Bank) -> ndarray::Array2<u8> {
    bank.stuck.mapv(|stuck| {
        let place = STUCK.iter().position(|(_, known)| *known == stuck);
        place.map_or(u8::MAX, |place| place as u8)
    })
}

/// The table of an array.
fn table(array: &ArrayMap, tile: Option<[usize; 2]>) -> Result<Vec<u8>, FileAccessError> {
    let [tile_rows, tile_columns] = tile.unwrap_or(array.shape());
    let mut bytes = Vec::new();
    let write = |file: &mut Vec<u8>| -> Result<(), csv::Error> {
        let mut table = csv::Writer::from_writer(file);
        table.write_record(COLUMNS)?;
        for ((row, column), _) in array.plus.asked.indexed_iter() {
            let place = [row, column, row / tile_rows, column / tile_columns];
            let place = place.iter().map(ToString::to_string);
            let plus = fields(&array.plus, (row, column));
            let minus = fields(&array.minus, (row, column));
            table.write_record(place.chain(plus).chain(minus))?;
        }
        table.flush()?;
        Ok(())
    };
    let written = write(&mut bytes).map_err(io::Error::from);
    written.map_err(FileAccessError::writing(Path::new(&array.name())))?;
    Ok(bytes)
}

fn write_json(path: &Path, value: &impl Serialize) -> Result<(), ConductanceFileError> {
    Ok(write_file(path, |file| {
        io::Write::write_all(file, &sealed_json(value)?)
    })?)
}
