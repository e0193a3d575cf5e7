//! Crossbars whose wires have resistance, reduced exactly to effective conductances.
//!
//! Device `(i, j)` of conductance `g[i, j]` joins row line i to column line j at their crosspoint.
//! Along every line neighbouring crosspoints are a segment apart; a terminal joins one end of the
//! line to its driver or sense amplifier, the other end is open:
//!
//! ```text
//!            terminal         segment         segment
//!  row 0  ●───/\/\/──┬────────/\/\/──┬────────/\/\/──┬
//!                   g00 ─┐          g01 ─┐          g02 ─┐     each device ends on its column line
//!  row 1  ●───/\/\/──┬───┼────/\/\/──┬───┼────/\/\/──┬───┼
//!                   g10 ─┤          g11 ─┤          g12 ─┤
//!                        ●               ●               ●     columns: segments and terminals alike
//! ```
//!
//! Driven lines carry ideal voltages V, sensed lines deliver currents I into a virtual ground or a
//! load. The network is linear, so I = G·V, and G is found once per programming: all nodes but the
//! terminals are eliminated by blocks (`elimination`), at a cost of 2·m²·n·(m + n/2) operations for
//! m × n devices, the shorter side being m. A relaxation then multiplies by G as it would by g.
//!
//! Not modelled: wire capacitance (picoseconds, below any node's time constant), sneak paths through
//! selectors, and devices that are not ohmic.

mod cholesky;
mod elimination;
mod table;
#[cfg(test)]
pub(crate) mod tests;

use elimination::{Line, eliminate};
use ndarray::{Array2, ArrayView2, Axis, s};
use serde::Serialize;
use units::fault::{Blame, Fault};

pub use table::{Segments, WireTable, WireTableError};

/// Resistances of a crossbar's lines in ohms, 0 or above. A zero is an ideal conductor, exactly.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Wires {
    /// Between neighbouring crosspoints of a row line.
    pub row_segment: f64,
    /// Between neighbouring crosspoints of a column line.
    pub column_segment: f64,
    /// Between a row's driver or sense amplifier and its nearest crosspoint.
    pub row_terminal: f64,
    /// Between a column's driver or sense amplifier and its nearest crosspoint.
    pub column_terminal: f64,
    /// Which ends the terminals are at.
    pub ends: Ends,
}

/// An end of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum End {
    /// At the crosspoint of index 0.
    First,
    /// At the crosspoint of the largest index.
    Last,
}

/// Where lines are driven and sensed. With the same end for both, and into virtual grounds, the
/// network is reciprocal: the backward conductances are the transpose of the forward ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Ends {
    /// Where rows are driven (forward reads).
    pub row_drive: End,
    /// Where rows are sensed (backward reads).
    pub row_sense: End,
    /// Where columns are driven (backward reads).
    pub column_drive: End,
    /// Where columns are sensed (forward reads).
    pub column_sense: End,
}

impl Default for Ends {
    /// Rows at their first end (drivers on the left), columns at their last (amplifiers below), in
    /// both directions.
    fn default() -> Self {
        Self {
            row_drive: End::First,
            row_sense: End::First,
            column_drive: End::Last,
            column_sense: End::Last,
        }
    }
}

/// Direction of a read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Read {
    /// Rows are driven, columns sensed.
    Forward,
    /// Columns are driven, rows sensed.
    Backward,
}

/// What a sensed line delivers its current into.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Sense {
    /// A node that an amplifier keeps at 0 V.
    VirtualGround,
    /// A conductance to ground, across which the sense node floats at current/siemens.
    Loaded {
        /// Above 0.
        siemens: f64,
    },
}

/// Largest size of the tiles that an array is cut into, in devices. Tiles begin at row 0 and column
/// 0; the last ones are smaller where the array is no multiple.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Tiling {
    /// Rows of a tile.
    pub rows: usize,
    /// Columns of a tile.
    pub columns: usize,
}

/// A crossbar seen from its terminals.
#[derive(Clone, Debug, PartialEq)]
pub struct Reduced {
    /// Current out of sensed line j per volt at driven line i, `[sensed, driven]`, in siemens.
    pub transfer: Array2<f64>,
    /// Current into driven line k per volt at driven line i, `[driven, driven]`, symmetric, in
    /// siemens: the drivers deliver the power Vᵀ·input·V, and all of it turns to heat in wires,
    /// devices and loads.
    pub input: Array2<f64>,
}

/// A crossbar that cannot be.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum WiresError {
    /// No devices.
    #[error("a crossbar of {rows} rows and {columns} columns has no devices")]
    Empty {
        /// Rows of the array.
        rows: usize,
        /// Columns of the array.
        columns: usize,
    },
    /// A device that is no passive resistor.
    #[error(
        "the device at row {row}, column {column} has {siemens:e} S; expected a finite number, 0 or above"
    )]
    Conductance {
        /// Row of the device.
        row: usize,
        /// Column of the device.
        column: usize,
        /// Its conductance.
        siemens: f64,
    },
    /// A wire that is none.
    #[error("{what} is {ohms:e} ohm; expected a finite number, 0 or above")]
    Resistance {
        /// Which resistance.
        what: &'static str,
        /// Its value.
        ohms: f64,
    },
    /// A load that takes no current or is no number.
    #[error("the load of sensed lines is {siemens:e} S; expected a finite number above 0")]
    Load {
        /// Its conductance.
        siemens: f64,
    },
    /// A tile without devices.
    #[error("tiles of {rows} rows and {columns} columns have no devices")]
    Tile {
        /// Rows of a tile.
        rows: usize,
        /// Columns of a tile.
        columns: usize,
    },
    /// Conductances and resistances too far apart for double precision.
    #[error(
        "wires and devices differ by too many orders of magnitude to be solved in double precision"
    )]
    Range,
}

impl Blame for WiresError {
    fn fault(&self) -> Fault {
        Fault::Input
    }
}

/// Effective conductances `[sensed, driven]` in siemens of the devices `g`, `[rows, columns]` in
/// siemens: current out of each sensed line per volt at each driven line, all others at 0 V. Zeros
/// are devices that are missing. With ideal wires into virtual grounds it is `g` itself (its
/// transpose for a forward read) bit for bit.
///
/// # Errors
/// [`WiresError`]
pub fn effective_conductances(
    g: ArrayView2<'_, f64>,
    wires: &Wires,
    read: Read,
    sense: Sense,
) -> Result<Array2<f64>, WiresError> {
    check(g, wires, sense)?;
    transfer(g, wires, read, sense)
}

/// The same of an array that is cut into tiles with drivers and sense amplifiers of their own, whose
/// currents are summed ideally. A load is one tile's.
///
/// # Errors
/// [`WiresError`]
pub fn tiled_conductances(
    g: ArrayView2<'_, f64>,
    wires: &Wires,
    read: Read,
    sense: Sense,
    tiling: Tiling,
) -> Result<Array2<f64>, WiresError> {
    check(g, wires, sense)?;
    let Tiling { rows, columns } = tiling;
    if rows == 0 || columns == 0 {
        return Err(WiresError::Tile { rows, columns });
    }
    let (m, n) = g.dim();
    // As the devices lie: rows first.
    let mut effective = Array2::zeros((m, n));
    for top in (0..m).step_by(rows) {
        for left in (0..n).step_by(columns) {
            let (bottom, right) = ((top + rows).min(m), (left + columns).min(n));
            let area = s![top..bottom, left..right];
            let tile = transfer(g.slice(area), wires, read, sense)?;
            effective.slice_mut(area).assign(&match read {
                Read::Forward => tile.t(),
                Read::Backward => tile.view(),
            });
        }
    }
    Ok(match read {
        Read::Forward => standard(effective.t()),
        Read::Backward => effective,
    })
}

/// Transfer and input conductances of the devices `g`, `[rows, columns]` in siemens.
///
/// # Errors
/// [`WiresError`]
pub fn reduce(
    g: ArrayView2<'_, f64>,
    wires: &Wires,
    read: Read,
    sense: Sense,
) -> Result<Reduced, WiresError> {
    check(g, wires, sense)?;
    let oriented = Oriented::new(g, wires, read, sense);
    let ports = eliminate(oriented.g, oriented.drive, oriented.sense)?;
    let mut input = ports.input;
    if oriented.sense_flipped {
        input.invert_axis(Axis(0));
        input.invert_axis(Axis(1));
    }
    Ok(Reduced {
        transfer: oriented.restore(ports.transfer),
        input: standard(input.view()),
    })
}

/// Of a valid array: eliminated along its longer side. By reciprocity the currents of grounded
/// sensed lines per volt at the driven ones are those with the two exchanged, loads included.
fn transfer(
    g: ArrayView2<'_, f64>,
    wires: &Wires,
    read: Read,
    sense: Sense,
) -> Result<Array2<f64>, WiresError> {
    let oriented = Oriented::new(g, wires, read, sense);
    let Oriented {
        g, drive, sense, ..
    } = oriented;
    let transfer = if g.nrows() <= g.ncols() {
        eliminate(g, drive, sense)?.transfer
    } else {
        eliminate(g.t(), sense, drive)?.transfer.reversed_axes()
    };
    Ok(oriented.restore(transfer))
}

/// An array turned so that lines of its first axis are driven, and both kinds of lines have their
/// terminals at index 0.
struct Oriented<'a> {
    /// `[driven, sensed]`
    g: ArrayView2<'a, f64>,
    drive: Line,
    sense: Line,
    /// Positions along driven lines, hence sensed lines, are reversed.
    drive_flipped: bool,
    /// Positions along sensed lines, hence driven lines, are reversed.
    sense_flipped: bool,
}

impl<'a> Oriented<'a> {
    fn new(g: ArrayView2<'a, f64>, wires: &Wires, read: Read, sense: Sense) -> Self {
        let (drive_end, sense_end) = wires.ends.of(read);
        let rows = Line {
            segment: wires.row_segment,
            terminal: wires.row_terminal,
        };
        let columns = Line {
            segment: wires.column_segment,
            terminal: wires.column_terminal,
        };
        let (mut g, drive, mut sensed) = match read {
            Read::Forward => (g, rows, columns),
            Read::Backward => (g.reversed_axes(), columns, rows),
        };
        if let Sense::Loaded { siemens } = sense {
            sensed.terminal += siemens.recip();
        }
        let (drive_flipped, sense_flipped) = (drive_end == End::Last, sense_end == End::Last);
        if drive_flipped {
            g.invert_axis(Axis(1));
        }
        if sense_flipped {
            g.invert_axis(Axis(0));
        }
        Self {
            g,
            drive,
            sense: sensed,
            drive_flipped,
            sense_flipped,
        }
    }

    /// `[sensed, driven]` in the order of the lines on the chip.
    fn restore(&self, mut transfer: Array2<f64>) -> Array2<f64> {
        if self.drive_flipped {
            transfer.invert_axis(Axis(0));
        }
        if self.sense_flipped {
            transfer.invert_axis(Axis(1));
        }
        standard(transfer.view())
    }
}

impl Wires {
    /// Whether no line has any resistance.
    pub fn are_ideal(&self) -> bool {
        let lines = [
            self.row_segment,
            self.column_segment,
            self.row_terminal,
            self.column_terminal,
        ];
        lines.iter().all(|ohms| ohms.abs() <= 0.0)
    }
}

impl Ends {
    /// Ends of the driven and of the sensed lines.
    pub(crate) fn of(self, read: Read) -> (End, End) {
        match read {
            Read::Forward => (self.row_drive, self.column_sense),
            Read::Backward => (self.column_drive, self.row_sense),
        }
    }
}

/// Whether these devices, wires and loads can be.
pub(crate) fn check(g: ArrayView2<'_, f64>, wires: &Wires, sense: Sense) -> Result<(), WiresError> {
    let (rows, columns) = g.dim();
    if g.is_empty() {
        return Err(WiresError::Empty { rows, columns });
    }
    let passive = |x: f64| x.is_finite() && x >= 0.0;
    for ((row, column), &siemens) in g.indexed_iter() {
        if !passive(siemens) {
            return Err(WiresError::Conductance {
                row,
                column,
                siemens,
            });
        }
    }
    for (what, ohms) in [
        ("the row segment", wires.row_segment),
        ("the column segment", wires.column_segment),
        ("the row terminal", wires.row_terminal),
        ("the column terminal", wires.column_terminal),
    ] {
        if !passive(ohms) {
            return Err(WiresError::Resistance { what, ohms });
        }
    }
    match sense {
        Sense::Loaded { siemens } if !(passive(siemens) && siemens > 0.0) => {
            Err(WiresError::Load { siemens })
        }
        _ => Ok(()),
    }
}

/// In rows, as arrays are expected to lie.
fn standard(array: ArrayView2<'_, f64>) -> Array2<f64> {
    array.as_standard_layout().into_owned()
}
