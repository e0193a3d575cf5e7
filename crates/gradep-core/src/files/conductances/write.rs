//! Writing a map.

use super::{
    ChipMap, ConductanceFileError, FORMAT, Index, Sidecar,
    table::{COLUMNS, STUCK, fields},
};
use crate::files::{write_file, write_npz};
use analog_substrate::arrays::{ArrayMap, Bank};
use ndarray::arr1;
use serde::Serialize;
use std::{io, path::Path};

/// Writes a chip's map into an existing folder.
///
/// # Errors
/// Those of the file system; no file is left half-written.
pub fn write_conductances(folder: &Path, chip: &ChipMap) -> Result<(), ConductanceFileError> {
    for array in &chip.map.arrays {
        let name = array.name();
        write_table(&folder.join(format!("{name}.csv")), array, chip.tile)?;
        let sidecar = Sidecar::of(array, chip);
        write_json(&folder.join(format!("{name}.json")), &sidecar)?;
    }
    write_npz(&folder.join("conductances.npz"), |file| {
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
    })?;
    // The index comes last: a folder without it is no map.
    let index = Index {
        format: FORMAT.to_owned(),
        provenance: chip.provenance.clone(),
        layers: chip.map.layers.clone(),
        tile: chip.tile,
        arrays: chip.map.arrays.iter().map(ArrayMap::name).collect(),
        exact_biases: chip.map.exact_biases.clone(),
    };
    write_json(&folder.join("chip.json"), &index)
}

/// 0 for a device that can be programmed, 1 for one stuck at G_max, 2 at G_min: places in the list
/// of words.
fn stuck_codes(bank: &Bank) -> ndarray::Array2<u8> {
    bank.stuck.mapv(|stuck| {
        let place = STUCK.iter().position(|(_, known)| *known == stuck);
        place.map_or(u8::MAX, |place| place as u8)
    })
}

fn write_table(
    path: &Path,
    array: &ArrayMap,
    tile: Option<[usize; 2]>,
) -> Result<(), ConductanceFileError> {
    let [tile_rows, tile_columns] = tile.unwrap_or(array.shape());
    let write = |file: &mut dyn io::Write| -> Result<(), csv::Error> {
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
    Ok(write_file(path, |file| {
        write(file).map_err(io::Error::from)
    })?)
}

fn write_json(path: &Path, value: &impl Serialize) -> Result<(), ConductanceFileError> {
    Ok(write_file(path, |file| {
        serde_json::to_writer_pretty(&mut *file, value)?;
        io::Write::write_all(file, b"\n")
    })?)
}
