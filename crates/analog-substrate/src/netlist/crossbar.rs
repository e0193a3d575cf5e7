//! Crossbars of devices and lines as resistors.

use super::{NetlistError, check_length, check_table, deck::Deck, wrong_value};
use crate::wires::{End, Read, Sense, Tiling, Wires, check};
use ndarray::{ArrayView2, s};

/// An array of devices between driven and sensed lines.
pub(super) struct Crossbar<'a> {
    /// What the names of its elements and inner nodes begin with.
    pub(super) id: String,
    /// `[rows, columns]`, siemens; zeros are devices that are missing.
    pub(super) devices: ArrayView2<'a, f64>,
    pub(super) wires: &'a Wires,
    pub(super) read: Read,
}

/// Kind of a line.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Row,
    Column,
}

impl Crossbar<'_> {
    /// Writes devices, segments and terminals between the nodes of the lines' ports: those of driven and
    /// of sensed lines by their place. Without resistance a line is its port.
    pub(super) fn write(
        &self,
        deck: &mut Deck,
        driven: impl Fn(usize) -> String,
        sensed: impl Fn(usize) -> String,
    ) {
        let port = |kind: Kind, line: usize| match (kind, self.read) {
            (Kind::Row, Read::Forward) | (Kind::Column, Read::Backward) => driven(line),
            (Kind::Row, Read::Backward) | (Kind::Column, Read::Forward) => sensed(line),
        };
        let id = &self.id;
        for ((row, column), &siemens) in self.devices.indexed_iter() {
            if siemens > 0.0 {
                let from = self.node(Kind::Row, row, column, &port);
                let to = self.node(Kind::Column, column, row, &port);
                deck.resistor(&format!("{id}d{row}_{column}"), &from, &to, siemens);
            }
        }
        self.lines(deck, Kind::Row, &port);
        self.lines(deck, Kind::Column, &port);
    }

    /// Number of lines of a kind, and of crosspoints on each.
    fn counts(&self, kind: Kind) -> (usize, usize) {
        let (rows, columns) = self.devices.dim();
        match kind {
            Kind::Row => (rows, columns),
            Kind::Column => (columns, rows),
        }
    }

    /// Resistance of a segment and of a terminal.
    fn ohms(&self, kind: Kind) -> (f64, f64) {
        match kind {
            Kind::Row => (self.wires.row_segment, self.wires.row_terminal),
            Kind::Column => (self.wires.column_segment, self.wires.column_terminal),
        }
    }

    /// The crosspoint at which the terminal of a line is.
    fn end(&self, kind: Kind) -> usize {
        let (drive, sense) = self.wires.ends.of(self.read);
        let driven = matches!(
            (kind, self.read),
            (Kind::Row, Read::Forward) | (Kind::Column, Read::Backward)
        );
        match if driven { drive } else { sense } {
            End::First => 0,
            End::Last => self.counts(kind).1 - 1,
        }
    }

    /// Node of a line at a crosspoint: nodes without a resistor between them are one.
    fn node(
        &self,
        kind: Kind,
        line: usize,
        at: usize,
        port: &impl Fn(Kind, usize) -> String,
    ) -> String {
        let (segment, terminal) = self.ohms(kind);
        let letter = if kind == Kind::Row { 'r' } else { 'c' };
        if terminal == 0.0 && (segment == 0.0 || at == self.end(kind)) {
            port(kind, line)
        } else if segment == 0.0 {
            format!("{}{letter}{line}", self.id)
        } else {
            format!("{}{letter}{line}_{at}", self.id)
        }
    }

    fn lines(&self, deck: &mut Deck, kind: Kind, port: &impl Fn(Kind, usize) -> String) {
        let (count, crosspoints) = self.counts(kind);
        let (segment, terminal) = self.ohms(kind);
        let letter = if kind == Kind::Row { 'r' } else { 'c' };
        let id = &self.id;
        for line in 0..count {
            if terminal > 0.0 {
                let node = self.node(kind, line, self.end(kind), port);
                let outside = port(kind, line);
                deck.line(format_args!(
                    "R{id}t{letter}{line} {outside} {node} {terminal:e}"
                ));
            }
            if segment > 0.0 {
                for at in 1..crosspoints {
                    let [from, to] = [at - 1, at].map(|at| self.node(kind, line, at, port));
                    deck.line(format_args!(
                        "R{id}s{letter}{line}_{at} {from} {to} {segment:e}"
                    ));
                }
            }
        }
    }
}

/// The tiles of an array with their first row and column; the whole without tiling.
pub(super) fn tiles(
    devices: ArrayView2<'_, f64>,
    tiling: Option<Tiling>,
) -> Vec<((usize, usize), ArrayView2<'_, f64>)> {
    let (rows, columns) = devices.dim();
    let (high, wide) = tiling.map_or((rows, columns), |tiling| (tiling.rows, tiling.columns));
    let mut tiles = Vec::new();
    for top in (0..rows).step_by(high.max(1)) {
        for left in (0..columns).step_by(wide.max(1)) {
            let (bottom, right) = ((top + high).min(rows), (left + wide).min(columns));
            let area = s![top..bottom, left..right];
            tiles.push(((top, left), devices.slice_move(area)));
        }
    }
    tiles
}

/// A crossbar with its driven lines at some voltages.
#[derive(Clone, Copy, Debug)]
pub struct DrivenCrossbar<'a> {
    /// Conductances, `[rows, columns]`, S.
    pub devices: ArrayView2<'a, f64>,
    /// Resistances of lines and terminals.
    pub wires: &'a Wires,
    /// Which lines are driven.
    pub read: Read,
    /// What the others end in.
    pub sense: Sense,
    /// Voltages of the driven lines, V.
    pub volts: &'a [f64],
}

/// The deck of a crossbar alone: the operating point, whose table holds the
/// currents into the sense terminals, `i_0` …, amperes, behind the voltage of the first driven line.
///
/// # Errors
/// [`NetlistError`]
pub fn crossbar_deck(crossbar: DrivenCrossbar<'_>, table: &str) -> Result<String, NetlistError> {
    let DrivenCrossbar {
        devices,
        wires,
        read,
        sense,
        volts,
    } = crossbar;
    check_table(table)?;
    check(devices, wires, sense)?;
    let (rows, columns) = devices.dim();
    let (driven, sensed) = match read {
        Read::Forward => (rows, columns),
        Read::Backward => (columns, rows),
    };
    check_length("the list of voltages", volts.len(), driven)?;
    if let Some(&volt) = volts.iter().find(|volt| !volt.is_finite()) {
        return Err(wrong_value("a voltage", volt, "finite"));
    }
    let mut deck = Deck::default();
    deck.comment(&format!(
        "gradep netlist: crossbar of {rows} x {columns} devices, read {read:?}; writes {table}: currents in A"
    ));
    for (line, volt) in volts.iter().enumerate() {
        deck.line(format_args!("Vd_{line} d_{line} 0 dc {volt:e}"));
    }
    let crossbar = Crossbar {
        id: "x".to_owned(),
        devices,
        wires,
        read,
    };
    crossbar.write(
        &mut deck,
        |line| format!("d_{line}"),
        |line| format!("s_{line}"),
    );
    for line in 0..sensed {
        match sense {
            Sense::VirtualGround => deck.line(format_args!("Vm_{line} s_{line} 0 dc 0")),
            // An ammeter of its own, so that both ways are read alike.
            Sense::Loaded { siemens } => {
                deck.line(format_args!("Vm_{line} s_{line} l_{line} dc 0"));
                deck.resistor(&format!("load_{line}"), &format!("l_{line}"), "0", siemens);
            }
        }
    }
    // Currents of linear networks: tolerances only have to be below everything that flows.
    deck.line(format_args!(
        ".options gmin=1e-18 reltol=1e-12 abstol=1e-24 vntol=1e-18"
    ));
    deck.line(format_args!(".control"));
    deck.line(format_args!("set numdgt=15"));
    deck.line(format_args!("set wr_singlescale"));
    deck.line(format_args!("set wr_vecnames"));
    deck.line(format_args!("op"));
    for line in 0..sensed {
        deck.line(format_args!("let i_{line} = i(vm_{line})"));
    }
    let names: Vec<String> = (0..sensed).map(|line| format!("i_{line}")).collect();
    deck.line(format_args!("wrdata $inputdir/{table} {}", names.join(" ")));
    deck.line(format_args!("quit 0"));
    deck.line(format_args!(".endc"));
    deck.line(format_args!(".end"));
    Ok(deck.into_text())
}
