//! Sweeps of pulses: what was read before each measurement.

use super::super::{FitError, Measurements};
use units::Unit;

/// Names of the ways.
pub(super) const WAYS: [&str; 2] = ["up", "down"];

/// One measurement. Conductances are shares of the nominal range, passed from the end that pulses lead
/// away from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    /// Pulses from that end.
    pub(super) pulses: f64,
    /// The measurement before in the same sweep: pulses since, and what was reached; none: the sweep
    /// begins here, at the end of the range.
    pub(super) before: Option<(f64, f64)>,
    /// Number of the sweep.
    pub(super) sweep: usize,
    /// 0 upwards, 1 downwards.
    pub(super) way: usize,
    pub(super) reached: f64,
}

/// The table: a row for each reading.
pub(super) struct Readings {
    pub(super) pulses: Vec<f64>,
    pub(super) conductance: Vec<f64>,
    pub(super) ways: Vec<usize>,
    /// Number of the sweep that a row is of: of one device, cycle and way.
    sweeps: Vec<usize>,
}

impl Readings {
    /// Reads a table and checks that every sweep is read once after each number of pulses.
    pub(super) fn read(measurements: &Measurements) -> Result<Self, FitError> {
        let expected = "a number of pulses, 0 or more";
        let pulses = measurements.quantity("pulse", Unit::One)?;
        measurements.check("pulse", &pulses, expected, |n| n >= 0.0)?;
        let conductance = measurements.quantity("conductance", Unit::Siemens)?;
        measurements.check("conductance", &conductance, "0 or more", |g| g >= 0.0)?;
        let readings = Self {
            pulses,
            conductance,
            ways: ways(measurements)?,
            sweeps: measurements.groups(&["device", "cycle", "way"]),
        };
        match readings.twice(measurements) {
            Some([first, second]) => Err(measurements.refuse_second(first, second)),
            None => Ok(readings),
        }
    }

    /// Of rows that are of one sweep after the same number of pulses the first two in the file.
    fn twice(&self, measurements: &Measurements) -> Option<[usize; 2]> {
        let rows: Vec<usize> = (0..self.pulses.len()).collect();
        let same = |&a: &usize, &b: &usize| {
            self.sweeps[a] == self.sweeps[b] && self.pulses[a].total_cmp(&self.pulses[b]).is_eq()
        };
        let pairs = rows.chunk_by(same).filter_map(|equal| {
            let mut equal = equal.to_vec();
            equal.sort_by_key(|&row| measurements.line(row));
            Some([*equal.first()?, *equal.get(1)?])
        });
        pairs.min_by_key(|[_, second]| measurements.line(*second))
    }

    /// Whether a row is of the same sweep as the one before it.
    fn follows(&self, row: usize) -> bool {
        row > 0 && self.sweeps[row - 1] == self.sweeps[row]
    }

    /// The measurements as shares of a nominal range of conductances, `[least, most]` in siemens. Rows
    /// before the first pulse are what the next ones follow from.
    pub(super) fn steps(&self, [least, most]: [f64; 2]) -> Vec<Step> {
        let share = |row: usize| {
            let up = (self.conductance[row] - least) / (most - least);
            if self.ways[row] == 0 { up } else { 1.0 - up }
        };
        let rows = (0..self.pulses.len()).map(|row| Step {
            pulses: self.pulses[row],
            before: self
                .follows(row)
                .then(|| (self.pulses[row] - self.pulses[row - 1], share(row - 1))),
            sweep: self.sweeps[row],
            way: self.ways[row],
            reached: share(row),
        });
        rows.collect()
    }
}

/// 0 upwards, 1 downwards: by the column `way`, or upwards.
fn ways(measurements: &Measurements) -> Result<Vec<usize>, FitError> {
    let Some(labels) = measurements.labels("way") else {
        return Ok(vec![0; measurements.len()]);
    };
    let way = |label: &str| WAYS.iter().position(|way| *way == label);
    let unknown = (0..labels.len()).filter(|&row| way(labels[row]).is_none());
    match measurements.first_in_file(unknown) {
        Some(row) => Err(measurements.refuse("way", row, "up or down")),
        None => Ok(labels.into_iter().filter_map(way).collect()),
    }
}
