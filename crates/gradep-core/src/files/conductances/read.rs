//! Reading a map, believing nothing.

use super::{
    ChipMap, ConductanceFileError, FORMAT, INDEX, Index, POLARITY, Sidecar,
    limits::Limits,
    spec_hash,
    table::{COLUMNS, STUCK},
};
use crate::files::{Changed, read_file, seal::OF_A_MAP, unsealed};
use analog_substrate::{
    Layers,
    arrays::{ArrayMap, Bank, ConductanceMap, Direction, Part},
    device::Stuck,
    hw_spec::Spec,
};
use ndarray::Array2;
use serde::de::DeserializeOwned;
use std::{
    collections::BTreeSet,
    fmt::Display,
    path::{Path, PathBuf},
};
use units::{
    Lines,
    printable::{is_line, printable},
};

/// Whether tables may be others than those that were exported.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Trust {
    /// Checksums have to fit, where there are any.
    #[default]
    Written,
    /// They were changed on purpose, by hand or by an instrument.
    Edited,
}

/// What a map has to be; by default any.
#[derive(Clone, Copy, Debug, Default)]
pub struct Expected<'a> {
    /// A map of this chip, with conductances that its devices can have.
    pub chip: Option<&'a Spec>,
    /// A map of the model of this identity; one that does not say its model, as one that was measured, is taken
    /// for any.
    pub model: Option<&'a str>,
    /// Whether checksums have to fit.
    pub trust: Trust,
}

/// Reads the map of a chip from its tables and sidecars.
///
/// # Errors
/// [`ConductanceFileError`], for the first thing that is wrong.
pub fn read_conductances(
    folder: &Path,
    expected: Expected<'_>,
) -> Result<ChipMap, ConductanceFileError> {
    let Expected { chip, model, trust } = expected;
    let path = folder.join(INDEX);
    if !path.exists() {
        return Err(ConductanceFileError::NoIndex { path });
    }
    let index: Index = read_json(&path, trust)?;
    check(&path, "format", &index.format, FORMAT)?;
    let spec = &index.provenance.spec;
    if !is_line(spec) {
        let found = printable(spec);
        return Err(wrong(
            &path,
            "provenance.spec",
            found,
            "printable text in one line",
        ));
    }
    if let Some(chip) = chip {
        check(
            &path,
            "provenance.spec_hash",
            &index.provenance.spec_hash,
            &spec_hash(chip),
        )?;
    }
    if let (Some(model), Some(found)) = (model, &index.provenance.model)
        && found != model
    {
        return Err(ConductanceFileError::OtherModel {
            path,
            found: found.clone(),
            expected: model.to_owned(),
        });
    }
    let limits = chip.and_then(Limits::of);
    check_tile(&path, index.tile)?;
    check_parts(&path, &index)?;
    let mut arrays = Vec::new();
    for name in &index.arrays {
        arrays.push(read_array(folder, name, &index, (limits.as_ref(), trust))?);
    }
    Ok(ChipMap {
        provenance: index.provenance,
        tile: index.tile,
        map: ConductanceMap {
            layers: index.layers,
            arrays,
            exact_biases: index.exact_biases,
            visible_leak: index.visible_leak,
        },
    })
}

/// Every coupling is there once for every direction, and nothing else.
fn check_parts(path: &Path, index: &Index) -> Result<(), ConductanceFileError> {
    let hidden = index.layers.hidden();
    let separate = index.arrays.iter().any(|name| name.ends_with("_up"));
    let mut names = Vec::new();
    for l in 0..hidden {
        if separate {
            names.extend([format!("weight_{l}_up"), format!("weight_{l}_down")]);
        } else {
            names.push(format!("weight_{l}"));
        }
    }
    if index.exact_biases.is_empty() {
        names.push("visible_bias".to_owned());
        names.extend((0..hidden).map(|l| format!("bias_{l}")));
    } else {
        let found: Vec<_> = index.exact_biases.iter().map(Vec::len).collect();
        check(
            path,
            "lengths of exact_biases",
            &format!("{found:?}"),
            &format!("{:?}", index.layers.sizes()),
        )?;
        if let Some(bias) = index.exact_biases.iter().flatten().find(|b| !b.is_finite()) {
            return Err(wrong(path, "exact_biases", bias, "finite numbers"));
        }
    }
    let leaks = &index.visible_leak;
    if !leaks.is_empty() {
        let (found, visible) = (leaks.len().to_string(), index.layers.visible().to_string());
        check(path, "number of leaks in visible_leak", &found, &visible)?;
    }
    if let Some(leak) = leaks
        .iter()
        .find(|leak| !(leak.is_finite() && **leak >= 0.0))
    {
        return Err(wrong(
            path,
            "visible_leak",
            leak,
            "finite numbers, 0 or more",
        ));
    }
    check(path, "arrays", &index.arrays.join(", "), &names.join(", "))
}

fn check_tile(path: &Path, tile: Option<[usize; 2]>) -> Result<(), ConductanceFileError> {
    match tile {
        Some(tile) if tile.contains(&0) => Err(wrong(
            path,
            "tile",
            format!("{tile:?}"),
            "rows and columns above 0, or null",
        )),
        _ => Ok(()),
    }
}

fn read_array(
    folder: &Path,
    name: &str,
    index: &Index,
    (limits, trust): (Option<&Limits>, Trust),
) -> Result<ArrayMap, ConductanceFileError> {
    let path = folder.join(format!("{name}.json"));
    if !path.exists() {
        return Err(ConductanceFileError::NoSidecar { path });
    }
    let sidecar: Sidecar = read_json(&path, trust)?;
    let part = sidecar.part();
    check(&path, "format", &sidecar.format, FORMAT)?;
    check(&path, "array", &sidecar.array, name)?;
    check(&path, "polarity", &sidecar.polarity, POLARITY)?;
    check(&path, "unit", &sidecar.unit, "S")?;
    check(
        &path,
        "tile",
        &format!("{:?}", sidecar.tile),
        &format!("{:?}", index.tile),
    )?;
    if sidecar.provenance != index.provenance {
        let found = format!("{:?}", sidecar.provenance);
        return Err(wrong(&path, "provenance", found, "that of chip.json"));
    }
    let expected = shape_of(part, &index.layers)
        .ok_or_else(|| wrong(&path, "layer", sidecar.layer, "a layer of the network"))?;
    let found = [sidecar.rows, sidecar.columns];
    check(
        &path,
        "rows and columns",
        &format!("{found:?}"),
        &format!("{expected:?}"),
    )?;
    if !(sidecar.scale_siemens.is_finite() && sidecar.scale_siemens > 0.0) {
        return Err(wrong(
            &path,
            "scale_siemens",
            sidecar.scale_siemens,
            "a conductance above 0",
        ));
    }
    if let Some(expected) = limits.and_then(|limits| limits.scale_problem(sidecar.scale_siemens)) {
        return Err(wrong(
            &path,
            "scale_siemens",
            sidecar.scale_siemens,
            &expected,
        ));
    }
    let table = Table {
        path: folder.join(format!("{name}.csv")),
        shape: expected,
        limits,
        hash: (trust == Trust::Written)
            .then_some(sidecar.table_blake3.as_deref())
            .flatten(),
    };
    let [plus, minus] = table.read()?;
    let array = ArrayMap {
        part,
        direction: sidecar.direction,
        scale: sidecar.scale_siemens,
        writing: sidecar.writing,
        plus,
        minus,
    };
    // The name stands for part and direction.
    check(&path, "part, layer and direction", &array.name(), name)?;
    if array.direction != Direction::Both && matches!(part, Part::Bias(_)) {
        return Err(wrong(
            &path,
            "direction",
            format!("{:?}", array.direction),
            "both",
        ));
    }
    Ok(array)
}

fn shape_of(part: Part, layers: &Layers) -> Option<[usize; 2]> {
    let sizes = layers.sizes();
    match part {
        Part::Weight(l) => Some([*sizes.get(l.checked_add(1)?)?, *sizes.get(l)?]),
        Part::Bias(l) => Some([1, *sizes.get(l)?]),
    }
}

/// One table that is read.
struct Table<'a> {
    path: PathBuf,
    shape: [usize; 2],
    limits: Option<&'a Limits>,
    /// BLAKE3 of the file, where the sidecar says it.
    hash: Option<&'a str>,
}

impl Table<'_> {
    /// The positive and the negative bank.
    fn read(&self) -> Result<[Bank; 2], ConductanceFileError> {
        let bytes = read_file(&self.path)?;
        let banks = self.banks(&bytes)?;
        // What cannot be says more than that it was changed.
        match self.hash {
            Some(hash) if blake3::hash(&bytes).to_hex().as_str() != hash => {
                Err(changed(&self.path))
            }
            _ => Ok(banks),
        }
    }

    fn banks(&self, bytes: &[u8]) -> Result<[Bank; 2], ConductanceFileError> {
        let refuse = |error: csv::Error| ConductanceFileError::Csv {
            path: self.path.clone(),
            cause: Lines::new(bytes, None).explain(&error),
        };
        let mut reader = csv::Reader::from_reader(bytes);
        let header: Vec<_> = reader
            .headers()
            .map_err(refuse)?
            .iter()
            .map(str::to_owned)
            .collect();
        check(
            &self.path,
            "the first line",
            &header.join(","),
            &COLUMNS.join(","),
        )?;
        let mut banks = [self.empty_bank(), self.empty_bank()];
        let mut seen = BTreeSet::new();
        for record in reader.records() {
            let record = record.map_err(refuse)?;
            let line = Line {
                table: self,
                bytes,
                record: &record,
            };
            let place = (line.index(0, self.shape[0])?, line.index(1, self.shape[1])?);
            if !seen.insert(place) {
                return Err(line.wrong(1, "a crosspoint that has not been before"));
            }
            for (bank, first) in banks.iter_mut().zip([4, 8]) {
                line.fill(bank, place, first)?;
            }
        }
        let [rows, columns] = self.shape;
        if seen.len() != rows * columns {
            return Err(ConductanceFileError::Count {
                path: self.path.clone(),
                found: seen.len(),
                rows,
                columns,
            });
        }
        Ok(banks)
    }

    fn empty_bank(&self) -> Bank {
        let zeros = || Array2::zeros((self.shape[0], self.shape[1]));
        Bank {
            asked: zeros(),
            achieved: zeros(),
            stuck: Array2::from_elem((self.shape[0], self.shape[1]), Stuck::Free),
            programmed: None,
        }
    }
}

/// One line of a table.
struct Line<'a> {
    table: &'a Table<'a>,
    bytes: &'a [u8],
    record: &'a csv::StringRecord,
}

impl Line<'_> {
    fn text(&self, column: usize) -> &str {
        self.record.get(column).unwrap_or_default()
    }

    fn wrong(&self, column: usize, expected: impl Display) -> ConductanceFileError {
        ConductanceFileError::Cell {
            path: self.table.path.clone(),
            line: Lines::new(self.bytes, None).of(self.record.position()),
            column: COLUMNS[column].to_owned(),
            found: self.text(column).to_owned(),
            expected: expected.to_string(),
        }
    }

    fn index(&self, column: usize, size: usize) -> Result<usize, ConductanceFileError> {
        let index = self.text(column).parse().ok().filter(|index| *index < size);
        index.ok_or_else(|| self.wrong(column, format!("a number from 0 to {}", size - 1)))
    }

    fn number(&self, column: usize) -> Option<f64> {
        self.text(column)
            .parse()
            .ok()
            .filter(|value: &f64| value.is_finite())
    }

    fn conductance(&self, column: usize) -> Result<f64, ConductanceFileError> {
        let value = self.number(column).filter(|value| *value >= 0.0);
        value.ok_or_else(|| self.wrong(column, "a conductance in siemens, 0 or more"))
    }

    /// Refuses a value that a device cannot have.
    fn within(
        &self,
        column: usize,
        value: f64,
        problem: impl Fn(&Limits, f64) -> Option<String>,
    ) -> Result<f64, ConductanceFileError> {
        match self.table.limits.and_then(|limits| problem(limits, value)) {
            Some(expected) => Err(self.wrong(column, expected)),
            None => Ok(value),
        }
    }

    /// The difference is what asked and achieved say; it only has to be possible, where it is given.
    fn check_error(&self, column: usize) -> Result<(), ConductanceFileError> {
        if self.text(column).is_empty() {
            return Ok(());
        }
        let value = self.number(column);
        let value = value.ok_or_else(|| self.wrong(column, "a difference in siemens"))?;
        self.within(column, value, Limits::error_problem)?;
        Ok(())
    }

    /// Reads the four fields of a polarity.
    fn fill(
        &self,
        bank: &mut Bank,
        place: (usize, usize),
        first: usize,
    ) -> Result<(), ConductanceFileError> {
        let known = STUCK.iter().find(|(word, _)| *word == self.text(first + 3));
        let Some(&(_, stuck)) = known else {
            return Err(self.wrong(first + 3, "free, on or off"));
        };
        let asked = self.conductance(first)?;
        let achieved = self.conductance(first + 1)?;
        bank.asked[place] = self.within(first, asked, Limits::asked_problem)?;
        let holds = |limits: &Limits, value| limits.achieved_problem(value, stuck);
        bank.achieved[place] = self.within(first + 1, achieved, holds)?;
        self.check_error(first + 2)?;
        bank.stuck[place] = stuck;
        Ok(())
    }
}

/// A document whose seal does not fit any more.
fn without_seal<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, serde_json::Error> {
    let mut value: serde_json::Value = serde_json::from_slice(bytes)?;
    if let Some(fields) = value.as_object_mut() {
        fields.remove("seal");
    }
    serde_json::from_value(value)
}

fn changed(path: &Path) -> ConductanceFileError {
    ConductanceFileError::Changed(Changed {
        path: path.to_owned(),
        what: OF_A_MAP,
    })
}

fn read_json<T: DeserializeOwned>(path: &Path, trust: Trust) -> Result<T, ConductanceFileError> {
    let bytes = read_file(path)?;
    let read = match unsealed(path, &bytes) {
        Ok(plain) => serde_json::from_slice(&plain),
        Err(_) if trust == Trust::Written => return Err(changed(path)),
        Err(_) => without_seal(&bytes),
    };
    read.map_err(|cause| ConductanceFileError::Json {
        path: path.to_owned(),
        cause,
    })
}

fn wrong(path: &Path, key: &str, found: impl Display, expected: &str) -> ConductanceFileError {
    ConductanceFileError::Value {
        path: path.to_owned(),
        key: key.to_owned(),
        found: found.to_string(),
        expected: expected.to_owned(),
    }
}

fn check(path: &Path, key: &str, found: &str, expected: &str) -> Result<(), ConductanceFileError> {
    if found == expected {
        Ok(())
    } else {
        Err(wrong(path, key, found, expected))
    }
}
