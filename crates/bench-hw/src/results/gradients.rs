//! `gradients.json`: what gradients of chips are worth.

use super::{
    ResultFile,
    rows::with_level,
    study::Axis,
    table::{Row, Table, Tabled},
};
use gradep_core::oracle::{Averaging, ChipNudge, ChipRow, ChipTable, ChipWay};
use serde::{Deserialize, Serialize};
use units::statistics::{Interval, mean};

/// Cells of a map, or the one cell of a chip.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Gradients {
    /// Name and version of this layout.
    pub schema: String,
    /// Version of gradep.
    pub version: String,
    /// The model: what its file hashes to.
    pub model: String,
    /// The spec of the chip.
    pub chip: String,
    /// What the command line sets in it.
    pub set: Vec<String>,
    /// Seed of the chip.
    pub chip_seed: u64,
    /// Its number.
    pub chip_number: u64,
    /// Seed of the first batch: of the choice of its samples and of the noise; each further batch has the next.
    pub seed: u64,
    /// Batches of each cell.
    pub batches: usize,
    /// Samples of a batch.
    pub samples: usize,
    /// Estimates of each way and batch.
    pub repeats: usize,
    /// Longest step of the transients in τ.
    pub time_step: f64,
    /// Cosine for which estimates are counted.
    pub wanted_cosine: f64,
    /// What was varied.
    pub axes: Vec<Axis>,
    /// What came of it, the last axis fastest.
    pub cells: Vec<GradientCell>,
}

/// What estimates are worth at one combination of the axes' values.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GradientCell {
    /// The value of each axis.
    pub values: Vec<String>,
    /// Each way of estimating.
    pub ways: Vec<WayWorth>,
    /// The tables of the batches, which have a row for each way.
    pub batches: Vec<ChipTable>,
}

/// A quantity over batches.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    /// Mean over the batches; none where a batch gave no number.
    pub mean: Option<f64>,
    /// 95 % interval of it by Student's t; none of one batch.
    pub interval: Option<Interval>,
}

impl Measured {
    fn of(values: &[f64]) -> Self {
        let is_there = values.iter().all(|value| value.is_finite());
        Self {
            mean: mean(values).filter(|_| is_there),
            interval: Interval::of_mean(values).filter(|_| is_there),
        }
    }
}

/// What one way of estimating is worth.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct WayWorth {
    /// How.
    #[serde(flatten)]
    pub way: ChipWay,
    /// Cosine of one estimate.
    pub cosine: Measured,
    /// Its norm over that of the exact gradient.
    pub norm_ratio: Measured,
    /// Cosine of the mean of a batch's estimates.
    pub cosine_of_mean: Measured,
    /// σ/|g|.
    pub noise: Measured,
    /// |b|/|g|.
    pub bias: Measured,
    /// Share of right signs.
    pub right_signs: Measured,
    /// Cosine of the mean of infinitely many estimates; none where noise hides it in some batch.
    pub limit: Option<Measured>,
    /// Estimates that training would refuse, over all batches.
    pub refused: usize,
    /// Time of the chip for one estimate in seconds.
    pub seconds: f64,
    /// Energy of the chip for one estimate in joules.
    pub joules: f64,
    /// Estimates of which the mean has the wanted cosine; none where no number of them has, or noise hides it.
    pub estimates: Option<u64>,
}

impl WayWorth {
    fn of(rows: &[&ChipRow], wanted: f64) -> Option<Self> {
        let over = |value: fn(&ChipRow) -> f64| {
            let values: Vec<f64> = rows.iter().map(|row| value(row)).collect();
            Measured::of(&values)
        };
        let laws: Option<Vec<Averaging>> = rows.iter().map(|row| row.averaging).collect();
        let laws = laws.as_deref();
        let limits = |laws: &[Averaging]| {
            let limits: Vec<f64> = laws.iter().map(|law| law.limit).collect();
            Measured::of(&limits)
        };
        let first = rows.first()?;
        Some(Self {
            way: first.way,
            cosine: over(|row| row.single.cosine),
            norm_ratio: over(|row| row.single.norm_ratio),
            cosine_of_mean: over(|row| row.mean.cosine),
            noise: over(|row| row.noise),
            bias: over(|row| row.bias),
            right_signs: over(|row| row.right_signs),
            limit: laws.map(limits),
            refused: rows.iter().map(|row| row.refused).sum(),
            seconds: first.seconds,
            joules: first.joules,
            estimates: laws.and_then(|laws| Averaging::estimates_for(laws, wanted)),
        })
    }

    /// Cosine of one estimate, below all others where there is none.
    fn of_one(&self) -> f64 {
        self.cosine.mean.unwrap_or(f64::NEG_INFINITY)
    }

    /// Seconds and joules of the chip for as many estimates as the wanted cosine takes.
    pub fn cost(&self) -> Option<(f64, f64)> {
        let estimates = self.estimates? as f64;
        Some((estimates * self.seconds, estimates * self.joules))
    }
}

impl GradientCell {
    /// What tables of several batches, with the same ways, come to.
    pub fn of(values: Vec<String>, batches: Vec<ChipTable>, wanted: f64) -> Self {
        let ways = batches.first().map_or(0, |table| table.rows.len());
        let ways = (0..ways).filter_map(|way| {
            let rows: Vec<&ChipRow> = batches
                .iter()
                .filter_map(|table| table.rows.get(way))
                .collect();
            WayWorth::of(&rows, wanted)
        });
        Self {
            values,
            ways: ways.collect(),
            batches,
        }
    }

    /// The way whose single estimate has the highest cosine.
    pub fn best(&self) -> Option<&WayWorth> {
        let known = self.ways.iter().filter(|way| way.cosine.mean.is_some());
        known.max_by(|a, b| a.of_one().total_cmp(&b.of_one()))
    }

    /// The way that reaches the wanted cosine in the least time of the chip; of equal ones that with the highest cosine of one estimate.
    pub fn fastest(&self) -> Option<&WayWorth> {
        let reached = self
            .ways
            .iter()
            .filter_map(|way| Some((way, way.cost()?.0)));
        let least = reached.min_by(|(a, soon), (b, late)| {
            let equal = || b.of_one().total_cmp(&a.of_one());
            soon.total_cmp(late).then_with(equal)
        });
        least.map(|(way, _)| way)
    }

    /// Largest residual of the free phases of the exact gradients, in g_unit·V_unit.
    pub fn residual(&self) -> f64 {
        let residuals = self.batches.iter().map(|table| table.residual);
        residuals.fold(0.0, f64::max)
    }
}

/// Columns of `gradients.csv`.
pub const COLUMNS: &[&str] = &[
    "study",
    "chip",
    "chip_number",
    "key_1",
    "level_1",
    "value_1",
    "unit_1",
    "key_2",
    "level_2",
    "value_2",
    "unit_2",
    "nudge",
    "range",
    "beta",
    "phases",
    "free_tau",
    "nudged_tau",
    "batch_seed",
    "n",
    "repeats",
    "gradient_norm",
    "cosine",
    "norm_ratio",
    "cosine_of_mean",
    "noise",
    "bias",
    "right_signs",
    "cosine_limit",
    "estimates",
    "refused",
    "time_s",
    "energy_j",
];

impl ResultFile for Gradients {
    const NAME: &'static str = "gradients.json";
    const SCHEMA: &'static str = "gradep-gradients-1";

    fn table_name(&self) -> &'static str {
        "gradients.csv"
    }
}

/// A row for every cell, way and batch.
impl Tabled for Gradients {
    fn table(&self) -> Table {
        let mut table = Table::new(COLUMNS, &[], false);
        for cell in &self.cells {
            for (number, batch) in (0..).zip(&cell.batches) {
                let start = Row::default()
                    .text("study", "gradient")
                    .text("chip", &self.chip)
                    .whole("chip_number", Some(self.chip_number))
                    .whole("batch_seed", Some(self.seed.wrapping_add(number)))
                    .whole("n", Some(batch.samples as u64))
                    .whole("repeats", Some(batch.repeats as u64))
                    .number("gradient_norm", Some(batch.gradient_norm));
                let levels = (1..).zip(self.axes.iter().zip(&cell.values));
                let start = levels.fold(start, |row, (at, (axis, level))| {
                    with_level(row, at, axis, level)
                });
                for row in &batch.rows {
                    table.push(self.row(start.clone(), row));
                }
            }
        }
        table
    }
}

impl Gradients {
    fn row(&self, start: Row, row: &ChipRow) -> Row {
        let way = row.way;
        let law = row.averaging;
        let (range, beta) = match way.nudge {
            ChipNudge::Tilt { range } => (Some(range), None),
            ChipNudge::Quadratic { beta } => (None, Some(beta)),
        };
        let number = |value: f64| value.is_finite().then_some(value);
        start
            .text("nudge", way.nudge.name())
            .number("range", range)
            .number("beta", beta)
            .text("phases", way.phases.name())
            .number("free_tau", Some(way.free))
            .number("nudged_tau", Some(way.nudged))
            .number("cosine", number(row.single.cosine))
            .number("norm_ratio", number(row.single.norm_ratio))
            .number("cosine_of_mean", number(row.mean.cosine))
            .number("noise", number(row.noise))
            .number("bias", number(row.bias))
            .number("right_signs", number(row.right_signs))
            .number("cosine_limit", law.map(|law| law.limit))
            .whole(
                "estimates",
                law.and_then(|law| Averaging::estimates_for(&[law], self.wanted_cosine)),
            )
            .whole("refused", Some(row.refused as u64))
            .number("time_s", Some(row.seconds))
            .number("energy_j", Some(row.joules))
    }
}
