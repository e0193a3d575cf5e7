//! Conductance maps on disk: what a chip was asked to hold and what it holds, in siemens.
//!
//! One folder per chip:
//!
//! | file | what |
//! |---|---|
//! | `chip.json` | spec, its hash, seed, number of the chip, shape of the network, names of the arrays |
//! | `NAME.csv` | one line per crosspoint of an array: place, tile, and per polarity asked, achieved, error, stuck |
//! | `NAME.json` | the sidecar of `NAME.csv`: shape, scale, polarity, direction, tiling, units, provenance |
//! | `conductances.npz` | the same arrays for `NumPy`: `NAME_plus_achieved` … `[rows, columns]` |
//!
//! The index is removed first and written last. It and the sidecars have a seal, and a sidecar the BLAKE3 of its
//! table: a map is what one export wrote, or an error. Both are optional, for tables that were measured.
//!
//! Numbers are written so that they read back as the same doubles: a folder that is read and written
//! again is the same, byte for byte.

mod error;
mod limits;
mod read;
mod table;
#[cfg(test)]
mod tests;
mod write;

pub use error::ConductanceFileError;
pub use read::{Expected, Trust, read_conductances};
pub use write::{remove_conductances, remove_index, write_conductances};

use analog_substrate::{
    Layers,
    arrays::{ArrayMap, ConductanceMap, Direction, Part, Writing},
    chip::Die,
    hw_spec::Spec,
};
use serde::{Deserialize, Serialize};

/// The file that makes a folder a map.
pub const INDEX: &str = "chip.json";

/// Version of the format.
const FORMAT: &str = "gradep-conductances/1";

/// What a weight is in terms of its two conductances.
const POLARITY: &str = "differential: weight = (plus - minus) / scale_siemens";

/// Which chip a map is of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provenance {
    /// Name of the hardware spec.
    pub spec: String,
    /// BLAKE3 of the design that the spec resolves to, as hexadecimal digits.
    pub spec_hash: String,
    /// Identity of the model whose couplings were programmed; none where nobody said it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Seed from which the chip was drawn.
    pub seed: u64,
    /// Number of the chip.
    pub chip: u64,
}

/// BLAKE3 of the design that a spec resolves to, its device included: as hexadecimal digits.
#[expect(clippy::missing_panics_doc, reason = "a design is numbers and text")]
pub fn spec_hash(spec: &Spec) -> String {
    let design = serde_json::to_vec(&spec.design()).expect("numbers and text");
    blake3::hash(&design).to_hex().to_string()
}

/// A map with its origin.
#[derive(Clone, Debug, PartialEq)]
pub struct ChipMap {
    /// Where it is from.
    pub provenance: Provenance,
    /// Rows and columns of a tile; none: each array is one tile.
    pub tile: Option<[usize; 2]>,
    /// The conductances.
    pub map: ConductanceMap,
}

impl ChipMap {
    /// What a chip of a spec has become, with the identity of the model that was asked of it.
    pub fn of(spec: &Spec, die: Die, model: String, map: ConductanceMap) -> Self {
        let tiling = spec.design().arrays.and_then(|arrays| arrays.tiling);
        Self {
            provenance: Provenance {
                spec: spec.name().to_owned(),
                spec_hash: spec_hash(spec),
                model: Some(model),
                seed: die.seed,
                chip: die.number,
            },
            tile: tiling.map(|tiling| [tiling.rows, tiling.columns]),
            map,
        }
    }
}

/// `chip.json`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Index {
    format: String,
    provenance: Provenance,
    layers: Layers,
    tile: Option<[usize; 2]>,
    arrays: Vec<String>,
    exact_biases: Vec<Vec<f64>>,
    /// Leaks of visible nodes in units of g_unit; empty where they have none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    visible_leak: Vec<f64>,
    /// BLAKE3 of `conductances.npz`, which nothing here reads; for `gradep verify`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    numpy_blake3: Option<String>,
}

/// `NAME.json`.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sidecar {
    format: String,
    provenance: Provenance,
    array: String,
    part: PartKind,
    layer: usize,
    direction: Direction,
    rows: usize,
    columns: usize,
    unit: String,
    scale_siemens: f64,
    polarity: String,
    tile: Option<[usize; 2]>,
    /// BLAKE3 of `NAME.csv`; none of a table that another program wrote or that was changed on purpose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    table_blake3: Option<String>,
    /// What programming took; null where it is not known.
    writing: Option<Writing>,
}

/// Which kind of [`Part`] an array holds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum PartKind {
    Weight,
    Bias,
}

impl Sidecar {
    fn of(array: &ArrayMap, chip: &ChipMap, hash: String) -> Self {
        let [rows, columns] = array.shape();
        let (part, layer) = match array.part {
            Part::Weight(l) => (PartKind::Weight, l),
            Part::Bias(l) => (PartKind::Bias, l),
        };
        Self {
            format: FORMAT.to_owned(),
            provenance: chip.provenance.clone(),
            array: array.name(),
            part,
            layer,
            direction: array.direction,
            rows,
            columns,
            unit: "S".to_owned(),
            scale_siemens: array.scale,
            polarity: POLARITY.to_owned(),
            tile: chip.tile,
            table_blake3: Some(hash),
            writing: array.writing,
        }
    }

    fn part(&self) -> Part {
        match self.part {
            PartKind::Weight => Part::Weight(self.layer),
            PartKind::Bias => Part::Bias(self.layer),
        }
    }
}
