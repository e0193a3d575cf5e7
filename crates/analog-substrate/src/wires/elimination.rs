//! The nodes of a crossbar eliminated line by line, with nothing subtracted.
//!
//! Sensed lines are taken one by one, the farthest from the drivers first. Each is a ladder of
//! resistors, seen from the crosspoints of the m driven lines as m ports: conductances between ports,
//! and currents to the sense terminal (`Ladder`). What has been taken so far is such a network too
//! (`Front`); parallel networks add. Between two sensed lines, every driven line has a segment of r
//! ohms. Behind it, an admittance matrix Y and currents A·v become, by Kirchhoff's laws,
//!
//! ```text
//! Y′ = Y(1 + rY)⁻¹ = (1 − (1 + rY)⁻¹)/r,      A′ = A(1 + rY)⁻¹,
//! ```
//!
//! which is the block Cholesky elimination of the nodal equations in a form that r = 0 does not
//! trouble. 1 + rY is an M-matrix: its inverse has no negative entry, and solving with a nonnegative
//! right-hand side adds only terms of one sign. What flows into the ports flows to the terminals
//! (Y·1 = Aᵀ·1), so that diagonals are sums of known currents, not differences: nothing cancels,
//! however small a wire's resistance or a device's conductance.

use super::{WiresError, cholesky::Cholesky};
use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis, s};

/// One kind of line, its terminal at index 0; ohms.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line {
    pub(super) segment: f64,
    pub(super) terminal: f64,
}

/// What is left when all inner nodes are eliminated.
pub(super) struct Ports {
    /// `[sensed, driven]`, siemens.
    pub(super) transfer: Array2<f64>,
    /// `[driven, driven]`, siemens.
    pub(super) input: Array2<f64>,
}

/// Reduces the devices `g`, `[driven, sensed]` in siemens, to their terminals.
pub(super) fn eliminate(
    g: ArrayView2<'_, f64>,
    drive: Line,
    sense: Line,
) -> Result<Ports, WiresError> {
    let lines = g.ncols();
    let mut front = Front::new(g.nrows(), lines);
    for line in (0..lines).rev() {
        if line + 1 < lines {
            front.pass(drive.segment)?;
        }
        front.add(line, &Ladder::new(g.column(line), sense));
    }
    front.pass(drive.terminal)?;
    front.into_ports()
}

/// The sensed lines taken so far, seen from one node of every driven line.
struct Front {
    /// Conductance between the nodes of two driven lines, `[driven, driven]`, diagonal 0.
    between: Array2<f64>,
    /// Current to a sense terminal per volt at a node, `[driven, sensed]`.
    to_sense: Array2<f64>,
    /// The nearest of the lines taken: columns of `to_sense` from here on are known.
    nearest: usize,
}

impl Front {
    fn new(driven: usize, sensed: usize) -> Self {
        Self {
            between: Array2::zeros((driven, driven)),
            to_sense: Array2::zeros((driven, sensed)),
            nearest: sensed,
        }
    }

    /// Takes the next sensed line, in parallel.
    fn add(&mut self, line: usize, ladder: &Ladder) {
        let devices = ladder.devices.len();
        for far in 1..devices {
            let mut impedance = 1.0;
            for near in (0..far).rev() {
                impedance *= ladder.beyond[near];
                let siemens =
                    ladder.devices[far] * impedance * ladder.own[near] * ladder.devices[near];
                self.between[[far, near]] += siemens;
                self.between[[near, far]] += siemens;
            }
        }
        self.to_sense.column_mut(line).assign(&ladder.to_sense);
        self.nearest = line;
    }

    /// Moves the nodes along the driven lines by `ohms`.
    fn pass(&mut self, ohms: f64) -> Result<(), WiresError> {
        let total = self.totals();
        if total.iter().all(|y| ohms * y <= f64::EPSILON / 2.0) {
            return Ok(()); // no resistance, or none that 1 + rY shows in a double
        }
        let mut matrix = self.between.mapv(|siemens| -ohms * siemens);
        matrix.diag_mut().assign(&total.mapv(|y| 1.0 + ohms * y));
        let factor = Cholesky::new(matrix).ok_or(WiresError::Range)?;
        let mut inverse = Array2::eye(total.len());
        factor.solve(inverse.view_mut());
        factor.solve(self.to_sense.slice_mut(s![.., self.nearest..]));
        inverse.diag_mut().fill(0.0);
        self.between = inverse / ohms;
        Ok(())
    }

    /// Diagonal of the admittance matrix: what flows to other nodes and to sense terminals.
    fn totals(&self) -> Array1<f64> {
        let known = self.to_sense.slice(s![.., self.nearest..]);
        self.between.sum_axis(Axis(1)) + known.sum_axis(Axis(1))
    }

    fn into_ports(self) -> Result<Ports, WiresError> {
        let mut input = -&self.between;
        input.diag_mut().assign(&self.totals());
        let finite = |array: &Array2<f64>| array.iter().all(|x| x.is_finite());
        if !(finite(&input) && finite(&self.to_sense)) {
            return Err(WiresError::Range);
        }
        Ok(Ports {
            transfer: self.to_sense.reversed_axes(),
            input,
        })
    }
}

/// One sensed line, its terminal at 0 V: the devices on it and the resistors between them.
struct Ladder {
    /// Conductance of the device at each crosspoint.
    devices: Array1<f64>,
    /// Voltage at the next crosspoint outwards per volt at this one, with 0 V at all driven lines.
    beyond: Vec<f64>,
    /// Voltage at a crosspoint per ampere into it, in the same state: ohms.
    own: Vec<f64>,
    /// Current to the terminal per volt at a driven line: siemens.
    to_sense: Array1<f64>,
}

impl Ladder {
    fn new(devices: ArrayView1<'_, f64>, line: Line) -> Self {
        let count = devices.len();
        let mut outwards = vec![0.0; count];
        let mut beyond = vec![1.0; count];
        for at in (0..count - 1).rev() {
            let siemens = devices[at + 1] + outwards[at + 1];
            beyond[at] = 1.0 / (1.0 + line.segment * siemens);
            outwards[at] = siemens * beyond[at];
        }
        let (mut inwards, mut arriving) = (line.terminal, 1.0);
        let (mut own, mut to_sense) = (vec![0.0; count], Array1::zeros(count));
        for at in 0..count {
            let share = 1.0 / (1.0 + inwards * (devices[at] + outwards[at]));
            own[at] = inwards * share;
            to_sense[at] = devices[at] * share * arriving;
            let through = 1.0 / (1.0 + inwards * devices[at]);
            arriving *= through;
            inwards = line.segment + inwards * through;
        }
        Self {
            devices: devices.to_owned(),
            beyond,
            own,
            to_sense,
        }
    }
}
