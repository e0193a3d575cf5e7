//! Maps of conductances, as the page shows them.

use super::{
    encode::{self, Picture, SEQUENTIAL},
    relaxation::layer_name,
};
use analog_substrate::{
    arrays::{ArrayMap, Bank, Part},
    device::Stuck,
};
use gradep_core::files::ChipMap;
use ndarray::{Array2, s};
use serde::Serialize;

/// Most crosspoints of all arrays together: four numbers of four bytes and one byte each are 23 bytes
/// in base64, so that maps take about 9 MB of a page.
const MOST_CROSSPOINTS: usize = 400_000;
/// Most crosspoints of one array; of larger ones every k-th row and column is shown.
const MOST_OF_ARRAY: usize = 100_000;
/// Microsiemens per siemens.
const MICRO: f64 = 1e6;

/// The maps of some chips.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Conductances {
    /// Shown chips.
    pub(super) chips: Vec<ChipOfMaps>,
    /// Chips that there was no room for.
    pub(super) left_out: usize,
}

/// One chip.
#[derive(Clone, Debug, Serialize)]
pub(super) struct ChipOfMaps {
    /// Spec, number and seed.
    pub(super) label: String,
    /// BLAKE3 of the design.
    pub(super) spec_hash: String,
    pub(super) arrays: Vec<ArrayOfMaps>,
}

/// One array of differential pairs; conductances in µS, base64 f32, row by row.
#[derive(Clone, Debug, Serialize)]
pub(super) struct ArrayOfMaps {
    pub(super) name: String,
    /// Of the whole array.
    pub(super) rows: usize,
    pub(super) columns: usize,
    /// Every `stride`-th row and column is shown.
    pub(super) stride: usize,
    /// Layers of rows and columns: `h1`, `x`.
    pub(super) row_layer: String,
    pub(super) column_layer: String,
    /// µS per unit of weight.
    pub(super) scale_us: f64,
    pub(super) rms_error_us: f64,
    pub(super) stuck: usize,
    pub(super) clipped: usize,
    /// Positive half and negative half, each asked and achieved.
    plus: [String; 2],
    minus: [String; 2],
    /// Bits: 1 and 2, positive half stuck on and off; 4 and 8, negative half.
    stuck_bits: String,
    /// Smallest and largest conductance achieved, µS.
    pub(super) range_us: [f64; 2],
    /// Positive half as achieved.
    #[serde(skip)]
    pub(super) picture: Picture,
}

impl Conductances {
    /// As many chips as fit, at least one; none of none.
    pub(super) fn of(maps: &[ChipMap]) -> Option<Self> {
        let first = maps.first()?;
        let crosspoints: usize = first.map.arrays.iter().map(shown_crosspoints).sum();
        let fit = (MOST_CROSSPOINTS / crosspoints.max(1)).clamp(1, maps.len());
        Some(Self {
            chips: maps[..fit].iter().map(ChipOfMaps::of).collect(),
            left_out: maps.len() - fit,
        })
    }
}

impl ChipOfMaps {
    fn of(chip: &ChipMap) -> Self {
        let from = &chip.provenance;
        Self {
            label: format!("{} chip {}, seed {}", from.spec, from.chip, from.seed),
            spec_hash: from.spec_hash.clone(),
            arrays: chip.map.arrays.iter().map(ArrayOfMaps::of).collect(),
        }
    }
}

impl ArrayOfMaps {
    fn of(array: &ArrayMap) -> Self {
        let [rows, columns] = array.shape();
        let stride = stride(array);
        let halves = |bank: &Bank| {
            [&bank.asked, &bank.achieved].map(|values| {
                let shown = values.slice(s![..;stride, ..;stride]);
                encode::floats(shown.iter().map(|siemens| MICRO * siemens))
            })
        };
        let bits = |bank: &Bank, on: u8| -> Vec<u8> {
            let shown = bank.stuck.slice(s![..;stride, ..;stride]);
            let bit = |stuck: &Stuck| match stuck {
                Stuck::Free => 0,
                Stuck::On => on,
                Stuck::Off => 2 * on,
            };
            shown.iter().map(bit).collect()
        };
        let mut stuck_bits = bits(&array.plus, 1);
        for (all, minus) in stuck_bits.iter_mut().zip(bits(&array.minus, 4)) {
            *all |= minus;
        }
        let both = array.plus.achieved.iter().chain(&array.minus.achieved);
        let (low, high) = both.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), g| {
            (low.min(*g), high.max(*g))
        });
        let range_us = [MICRO * low, MICRO * high];
        let (upper, lower) = match array.part {
            Part::Weight(l) => (layer_name(l + 1), layer_name(l)),
            Part::Bias(l) => ("bias".to_owned(), layer_name(l)),
        };
        Self {
            name: array.name(),
            rows,
            columns,
            stride,
            row_layer: upper,
            column_layer: lower,
            scale_us: MICRO * array.scale,
            rms_error_us: MICRO * array.rms_error(),
            stuck: array.stuck(),
            clipped: array.clipped(),
            plus: halves(&array.plus),
            minus: halves(&array.minus),
            stuck_bits: encode::bytes(&stuck_bits),
            range_us,
            picture: picture(&array.plus.achieved, stride, [low, high]),
        }
    }
}

fn shown_crosspoints(array: &ArrayMap) -> usize {
    let stride = stride(array);
    let [rows, columns] = array.shape();
    rows.div_ceil(stride) * columns.div_ceil(stride)
}

/// The smallest stride with which an array is not too large.
fn stride(array: &ArrayMap) -> usize {
    let [rows, columns] = array.shape();
    let fits = |k: &usize| rows.div_ceil(*k) * columns.div_ceil(*k) <= MOST_OF_ARRAY;
    (1..=rows.max(columns)).find(fits).unwrap_or(1)
}

fn picture(values: &Array2<f64>, stride: usize, [low, high]: [f64; 2]) -> Picture {
    let shown = values.slice(s![..;stride, ..;stride]);
    let (rows, columns) = shown.dim();
    let mut picture = Picture::filled(columns, rows, [0; 3]);
    let length = if high > low { high - low } else { 1.0 };
    for ((row, column), g) in shown.indexed_iter() {
        picture.set((column, row), SEQUENTIAL.at((g - low) / length));
    }
    picture
}
